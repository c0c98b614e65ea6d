"""Type every command there is, found in the parsers, in a Python that lacks some libraries.

``python every_command.py LIBRARY ...`` says as JSON, for each command line, what came of it. The
command lines name files and a course that are not there.
"""

import argparse
import contextlib
import io
import json
import sys
import traceback
from collections.abc import Iterator
from typing import Any

WORDS = {
    "notebook": "00_wires.ipynb", "folder": "FOLDER", "directory": "COURSE", "name": "09_mine",
    "assignment": "02_momentum", "only": "02_momentum",
}  # fmt: skip
OPTIONS = {"until": "2026-11-27 23:59 UTC"}


def command_lines(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[Any]:
    """The least that can be typed of each command: its words and what it asks for."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from command_lines(below, (*words, name))
            return
    line = list(words)
    for action in parser._actions:
        if not action.option_strings:
            line.append(WORDS.get(action.dest, "x"))
    asked = [one for one in parser._actions if one.required and one.option_strings]
    for group in parser._mutually_exclusive_groups:
        asked += group._group_actions[:1] if group.required else []
    for action in asked:
        line += [action.option_strings[0], OPTIONS.get(action.dest, "1")]
    yield line


def typed(program: str, main: Any, line: list[str]) -> dict[str, Any]:
    """What a command line printed, and its exit code."""
    said = io.StringIO()
    code: Any = None
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main(line)
        except SystemExit as leaving:
            code = leaving.code
        except BaseException:
            said.write(traceback.format_exc())
    return {"line": [program, *line], "code": code, "said": said.getvalue()}


def main() -> None:
    """All of both programs."""
    sys.modules.update(dict.fromkeys(sys.argv[1:]))
    from autograder.cli import main as autograder
    from autograder.cli import student as mlpkit
    from autograder.errors import SandboxError
    from autograder.sandbox import launch

    def none_here(isolation: str = "auto") -> str:
        raise SandboxError("no sandbox")  # so that `doctor` tries nothing

    launch.choose = none_here

    programs = ("mlpkit", mlpkit), ("autograder", autograder)
    print(json.dumps([
        typed(name, module.main, line)
        for name, module in programs
        for line in command_lines(module.parser())
    ]))  # fmt: skip


if __name__ == "__main__":
    main()
