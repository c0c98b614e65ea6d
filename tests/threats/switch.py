"""A pytest plugin that switches layers off: ``pytest -p tests.threats.switch --off "no_split()"``.

The words after ``--off`` call functions of ``off``. They are run in this process just before the
test, and in each process of the grader before anything else there: those are started with the
text of ``off`` and the words in place of their module's name.
"""

import subprocess

from tests.threats.off import TEXT

STARTS = {
    "autograder.exam.forkserver": "from autograder.exam.forkserver import main\nmain()\n",
    "autograder": "import sys\nfrom autograder.cli.main import main\nsys.exit(main())\n",
}


def pytest_addoption(parser):
    parser.addoption("--off", default="None", help="layers, as calls of tests.threats.off")


def pytest_configure(config):
    words = config.getoption("off")

    class Switched(subprocess.Popen):
        def __init__(self, command, **options):
            super().__init__(switched(command, words), **options)

    subprocess.Popen = Switched


def pytest_runtest_call(item):
    """The test's folder is known by now, and its modules have read what they need."""
    exec(text("test", item.config.getoption("off"), item.funcargs.get("tmp_path")), {})


def text(role, words, folder=None):
    return f"{TEXT}\n\nROLE, FOLDER = {role!r}, {str(folder or '')!r}\n{words}\n"


def switched(command, words):
    """The command with layers off, if it starts a process of the grader."""
    if not isinstance(command, list) or "-m" not in command:
        return command
    place = command.index("-m")
    module, *arguments = command[place + 1 :]
    if module not in STARTS:
        return command
    return [*command[:place], "-c", text(arguments[0], words) + STARTS[module], *arguments]
