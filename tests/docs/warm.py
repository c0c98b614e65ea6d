"""Runs `autograder` commands as forks of this process, which has imported what they need.

Each line of standard input is a command, {"words": ["grade", ...], "output": FILE}; each line of
standard output the exit code of one. The players of README type real commands instead.
"""

import json
import os
import sys

import nbgrader.preprocessors  # noqa: F401

import autograder.authoring.release
import autograder.gradebook.gradebook
import autograder.reports.class_report
import autograder.reports.export
import autograder.reports.feedback  # noqa: F401
from autograder.cli.main import main


def run(words: list[str], output: str) -> int:
    """Run one command in a fork; returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        code = main(words)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        print(run(**json.loads(line)), flush=True)
