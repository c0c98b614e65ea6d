"""Where both programs begin: Ctrl-C is one line from the first import on."""

import sys
from importlib import import_module


def autograder() -> int:
    """The command ``autograder``; returns its exit code."""
    return _run("autograder", "autograder.cli.main")


def mlpkit() -> int:
    """The command ``mlpkit``; returns its exit code."""
    return _run("mlpkit", "autograder.cli.student")


def _run(program: str, module: str) -> int:
    try:
        return int(import_module(module).main())
    except KeyboardInterrupt:  # while libraries are imported, or the command line is read
        print(f"\n{program}: Stopped.", file=sys.stderr)
        return 130
