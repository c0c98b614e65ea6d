"""The command line: arguments -> functions; messages and exit codes.

Exit codes: 0 everyone is graded, 1 somebody needs a person, 2 the grader or its arguments are at
fault, 130 stopped by Ctrl-C. Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from autograder.cli.arguments import parser
from autograder.cli.exit_codes import FAULT, STOPPED
from autograder.cli.needs import require_for, unusable
from autograder.cli.terminal import printable_streams
from autograder.errors import AutograderError, Stopped
from autograder.lean_imports import leave_out_archives, leave_out_formats, leave_out_servers

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s]: %(message)s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    with printable_streams():
        return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    args = parser().parse_args(arguments)
    leave_out_formats()
    leave_out_servers()
    leave_out_archives()
    _log(args.verbose, args.log)
    return guarded("autograder", lambda: _command(args))


def _command(args: argparse.Namespace) -> int:
    require_for(args.command)
    try:
        from autograder.cli import commands

        return getattr(commands, args.command)(args)
    except ImportError as error:
        if told := unusable(args.command, error):
            raise told from error
        raise


def guarded(program: str, command: Callable[[], int]) -> int:
    """Call ``command``; what goes wrong is a message on stderr and an exit code."""
    try:
        return command()
    except Stopped as stopped:
        _leave(program, str(stopped))
    except AutograderError as error:
        print(f"{program}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        _leave(program, "Stopped.")
    except BrokenPipeError:  # the reader, say `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{program}: {_refusal(error)}", file=sys.stderr)
    return FAULT


def _refusal(error: OSError) -> str:
    """What the system refused, where, and what to do about it."""
    said = error.strerror or str(error)
    what = f"{error.filename}: {said}" if isinstance(error.filename, str | os.PathLike) else said
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return f"{what}. Nothing was lost. Make room, then type the same again"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{what}. Name a folder that you may write to, or change who may"
    return what


def _log(verbose: int, file: str | None) -> None:
    """Warnings of our modules to stderr with -v, everything from -vv on or in a log file."""
    handlers: list[logging.Handler] = []
    if verbose:
        handlers.append(logging.StreamHandler())
        handlers[-1].setLevel(logging.INFO if verbose > 1 else logging.WARNING)
    if file:
        try:
            handlers.append(logging.FileHandler(file, encoding="utf-8"))
        except OSError as error:
            raise SystemExit(f"autograder: --log {file}: {error.strerror}") from error
    ours = logging.getLogger("autograder")
    for old in ours.handlers[:]:
        ours.removeHandler(old)
        old.close()
    for handler in handlers or [logging.NullHandler()]:
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        ours.addHandler(handler)
    ours.setLevel(logging.DEBUG if handlers else logging.NOTSET)


def _leave(program: str, message: str) -> NoReturn:
    """End at once: an exam under way may take minutes, and its result is not wanted any more."""
    print(f"\n{program}: {message}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    if "autograder.exam.pool" in sys.modules:
        sys.modules["autograder.exam.pool"].shutdown()
    if "autograder.exam.spawn" in sys.modules:
        sys.modules["autograder.exam.spawn"].end_spawned()
    os._exit(STOPPED)
