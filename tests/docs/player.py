"""Plays commands as a reader types them, in a copy of the project that may be changed."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docs.documents import ROOT

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "demo", "__pycache__", ".*_cache", ".hypothesis", "node_modules"
)
PATIENCE = 600  # seconds after which a command is given up; nothing is timed


def clone(folder: Path) -> Path:
    """A copy of the project, as a fresh clone of it would be."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return folder


class Player:
    """A reader in ``folder``, with the commands of this Python's environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(folder),  # the copy before the installed project
            "OPENBLAS_NUM_THREADS": "1",
            "MPLBACKEND": "agg",
        }
        self.printed: dict[str, str] = {}
        self._servers: list[subprocess.Popen] = []
        self._warm: subprocess.Popen | None = None
        with socket.socket() as free:  # where Dask's scheduler may listen, instead of on 8786
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])

    def type(self, command: str) -> str:
        """Run a line; returns what it printed. AssertionError when it fails.

        What would need the network or a screen, or never ends, is checked another way.
        """
        words = shlex.split(command)
        if words[:2] == ["pip", "install"]:
            return self._extras_exist(words)
        if words[0] == "make":
            command = f"make --dry-run {words[1]}"
        if "venv" in words or words[:1] == ["."]:
            return ""  # the environment is there and in use
        if "jupyter" in words:
            return self._lab_could_open(words)
        command = command.replace("8786", self._port)
        words = shlex.split(command, comments=True)
        if words[0] == "dask":  # runs on, until ``end``
            server = subprocess.Popen(
                shlex.split(command), cwd=self.folder, env=self.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._servers.append(server)
            return ""
        warm = words[0] == "autograder" and self._warm is not None
        self.printed[command] = self._run_warm(words[1:]) if warm else self._run(command)
        return self.printed[command]

    def warm(self) -> "Player":
        """From now on `autograder` starts from a process that has imported it; returns self."""
        self._warm = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.warm"], cwd=self.folder, env=self.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._servers.append(self._warm)
        return self

    def _run_warm(self, words: list[str]) -> str:
        output = self.folder / "printed"
        self._warm.stdin.write(json.dumps({"words": words, "output": str(output)}) + "\n")
        self._warm.stdin.flush()
        code, said = self._warm.stdout.readline().strip(), output.read_text(encoding="utf-8")
        assert code == "0", f"autograder {shlex.join(words)} ended with {code}:\n{said}"
        return said

    def end(self) -> None:
        """End the servers that were started, the last one first."""
        for server in reversed(self._servers):
            server.terminate()
            server.communicate(timeout=60)

    def python(self, text: str) -> str:
        """Run a program; returns what it printed."""
        return self._run([sys.executable, "-W", "error", "-c", text])

    def _run(self, command: str | list[str]) -> str:
        done = subprocess.run(
            command, shell=isinstance(command, str), cwd=self.folder, env=self.environment,
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        said = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{said}"
        return done.stdout

    def _extras_exist(self, words: list[str]) -> str:
        """Installing needs the network; that what is asked for exists does not."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text())["project"]
        for word in words[2:]:
            if found := re.fullmatch(r"\.\[([\w,]+)\]", word):
                extras = found.group(1).split(",")
                assert set(extras) <= set(project["optional-dependencies"]), words
            else:
                assert word == "-e" or (self.folder / word / "pyproject.toml").is_file(), words
        return ""

    def _lab_could_open(self, words: list[str]) -> str:
        """JupyterLab is there, and so is what it is to open; tests/browser opens it."""
        for name in words[words.index("lab") + 1 :]:
            assert (self.folder / name).is_file(), f"{name} is not in a fresh clone"
        return self._run("jupyter lab --version")
