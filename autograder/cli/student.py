"""The command ``mlpkit``: puts the notebooks where a student works, and says what to type next."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from autograder import __version__
from autograder.authoring.installed import course_sources
from autograder.cli import arguments as autograder
from autograder.cli.main import guarded
from autograder.cli.needs import require
from autograder.cli.parser import Parser
from autograder.cli.terminal import printable_streams
from autograder.handout import KEPT_IN, Handout, hand_out

FOLDER = "backpropagation"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    with printable_streams():
        args = parser().parse_args(arguments)
        return guarded("mlpkit", lambda: start(Path(args.folder), args.update, args.lab))


def start(folder: Path, update: bool = False, lab: bool = False) -> int:
    """Put the notebooks into ``folder`` and say what comes next; with ``lab``, open JupyterLab."""
    if lab:
        require("notebook", "start --lab", ["jupyterlab"])
    done = hand_out(folder, update)
    print("\n".join(_told(done)))
    first = folder / f"{done.names[0]}.ipynb"
    if not lab:
        print("\n" + "\n".join(_next(first)))
        return 0
    print(f"\nJupyterLab opens {first}; Ctrl-C here ends it.", flush=True)
    return _wait_for(subprocess.Popen([sys.executable, "-m", "jupyterlab", str(first)]))


def _wait_for(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. Ctrl-C reaches the process itself, and JupyterLab asks whether to end."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _told(done: Handout) -> list[str]:
    lines = [f"{len(done.names)} notebooks are in {done.folder.resolve()}."]
    if done.kept or done.older:
        lines.append(f"There before, and left as they are: {', '.join(done.kept + done.older)}")
    if done.older:
        command = f"mlpkit start {shlex.quote(str(done.folder))} --update"
        lines.append(f"Newer versions of {', '.join(done.older)}, with your answers: {command}")
    if done.updated:
        lines += [
            f"New version, your answers carried over: {', '.join(done.updated)}",
            f"The files as they were: {done.folder / KEPT_IN}",
        ]
    if done.unreadable:
        lines.append(
            f"Left as they are, for they cannot be read as notebooks of this course: "
            f"{', '.join(done.unreadable)}. To have them anew, rename yours and start again."
        )
    return lines


def _next(first: Path) -> list[str]:
    """The lines to type next, those that work in this installation."""
    folder, name = shlex.quote(str(first.parent)), shlex.quote(str(first))
    lines = []
    if not find_spec("jupyterlab"):
        lines.append("First type   pip install 'mlpkit[notebook]'")
    lines.append(f"Now type     jupyter lab {name}")
    if course_sources():
        lines.append(f"Beside it    autograder watch {folder}       checks every save")
        lines.append(f"Later        autograder progress {folder}    how far you are")
    return lines


def parser() -> Parser:
    """The parser of the whole command line."""
    whole = Parser(prog="mlpkit", description="A course on backpropagation, for students.")
    whole.elsewhere = dict.fromkeys(autograder.parser().known, "autograder")
    whole.add_argument("--version", action="version", version=f"mlpkit {__version__}")
    commands = whole.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    whole.known = commands.choices
    text = "put the notebooks into a folder, never over what is there"
    one = commands.add_parser("start", help=text, description=f"{text[0].upper()}{text[1:]}.")
    one.add_argument(
        "folder", metavar="FOLDER", nargs="?", default=FOLDER, help=f"default: {FOLDER}"
    )
    one.add_argument(
        "--update",
        action="store_true",
        help="also renew notebooks that are older than this mlpkit; your answers are carried over",
    )
    one.add_argument("--lab", action="store_true", help="open the first notebook in JupyterLab")
    return whole
