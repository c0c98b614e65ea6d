"""What can be typed after ``autograder``: its commands, each with its arguments and options."""

from __future__ import annotations

import argparse
from typing import Protocol

from autograder import __version__
from autograder.cli.parser import Parser

_EPILOG = """\
exit codes: 0 everyone is graded, 1 somebody needs a person, 2 the grader or its arguments are
at fault

a first class:  autograder init COURSE
                put notebooks at COURSE/submitted/STUDENT/02_momentum/02_momentum.ipynb
                autograder grade COURSE 02_momentum --enrol
"""


class Command(Protocol):
    """Adds a command of this name and help text; its parser."""

    def __call__(self, name: str, text: str) -> argparse.ArgumentParser: ...


def parser() -> Parser:
    """The parser of the whole command line; ``args.command`` is the command's name."""
    whole = Parser(
        prog="autograder",
        description="Grades notebooks on backpropagation, for students and for classes.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.elsewhere = {"start": "mlpkit"}
    whole.add_argument("--version", action="version", version=f"autograder {__version__}")
    whole.add_argument(
        "-v", "--verbose", action="count", default=0, help="say more on stderr (-vv: everything)"
    )
    whole.add_argument("--log", metavar="FILE", help="write everything that happens to FILE")
    commands = whole.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    whole.known = commands.choices

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")

    _own_notebooks(command)
    _class(command)
    _grading(command)
    _graded_class(command)
    _elsewhere(command)
    _authoring(command)
    return whole


def _own_notebooks(command: Command) -> None:
    """For whoever works through the course."""
    one = command("check", "grade one notebook of this course, in seconds, for yourself")
    one.add_argument("notebook", metavar="NOTEBOOK", help="your .ipynb file")
    one.add_argument("--json", action="store_true", help="print the result as JSON")
    text = "your written answers beside the model answers and marking schemes, to mark yourself"
    one.add_argument("--written", action="store_true", help=text)
    one.add_argument(
        "--only", metavar="SECTION", help="only this section (2, 2.1 or its title), or this check"
    )

    one = command("watch", "check every notebook of this course in a folder whenever it is saved")
    one.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help="default: this one")
    one.add_argument("--page", action="store_true", help="show it in the browser, too")
    one.add_argument("--json", action="store_true", help="print a line of JSON for each save")

    one = command("progress", "how far you are: every notebook of this course in a folder")
    one.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help="default: this one")
    one.add_argument("--json", action="store_true", help="print it as JSON")


def _class(command: Command) -> None:
    """Before a class is graded."""
    one = command("init", "make an nbgrader course directory that holds this course")
    one.add_argument("directory", metavar="DIR", help="a new or empty directory")
    one.add_argument("--folder", metavar="DIR", help="hold the assignments of DIR/solutions/")

    _roster(command("roster", "the class: import a list, give more time, note who has left"))

    one = _of_course(command("collect", "put what a platform lets you download into submitted/"))
    one.add_argument(
        "downloads", nargs="+", metavar="DOWNLOAD", help="a zip or folder of Canvas, Moodle, ..."
    )
    one.add_argument("--enrol", action="store_true", help="enter unknown students")


def _grading(command: Command) -> None:
    """Grading a class, and once more."""
    one = _of_course(command("grade", "grade every submission of an assignment"))
    _jobs(one)
    one.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask scheduler")
    _isolation(one)
    _strict(one)
    one.add_argument("--json", metavar="FILE", help="also write the results as JSON (-: stdout)")
    one.add_argument("--enrol", action="store_true", help="enter unknown folders as students")
    _student(one)

    one = _of_course(command("regrade", "after a test was fixed: who changes, how much and why"))
    one.add_argument("--apply", action="store_true", help="write it (else it is only shown)")
    one.add_argument(
        "--lower", action="store_true", help="with --apply: also lower scores that students know"
    )
    _jobs(one)
    _isolation(one)
    _strict(one)
    _student(one)


def _graded_class(command: Command) -> None:
    """After a class was graded."""
    one = _of_course(command("feedback", "write a page for every student, feedback/STUDENT/"))
    one.add_argument(
        "--for",
        dest="form",
        choices=["canvas", "moodle", "mail"],
        help="also in the form that a platform takes back, in DIR/exports/",
    )
    _student(one)

    one = _of_course(command("questions", "ask each student about their own code: sheets and key"))
    _jobs(one)
    _student(one)
    one.add_argument("--results", metavar="FILE", help="enter the points of the form, filled in")
    text = "with --results: of one question (default: 1)"
    one.add_argument("--points", type=float, metavar="N", default=1.0, help=text)

    one = _of_course(command("similar", "whose code is alike beyond what the course gave them"))
    one.add_argument(
        "--output", metavar="FILE", help="default: DIR/reports/ASSIGNMENT-similar.html"
    )

    one = _of_course(command("report", "write a page about the class: what was hard, and why"))
    one.add_argument("--output", metavar="FILE", help="default: DIR/reports/ASSIGNMENT.html")

    one = _of_course(command("export", "write the scores for another program"))
    one.add_argument("--format", choices=["csv", "canvas", "moodle", "gradescope"], default="csv")
    one.add_argument("--canvas", metavar="FILE", help="the gradebook as Canvas exported it")
    one.add_argument("--column", metavar="NAME", help="the assignment's name in Canvas")
    one.add_argument("--output", metavar="FILE", help="default: in DIR/exports/")


def _elsewhere(command: Command) -> None:
    """Another platform, this machine, a class to look at."""
    one = command("gradescope", "write the zip that Gradescope takes as an autograder")
    one.add_argument("assignment", metavar="ASSIGNMENT", help="for example 02_momentum")
    one.add_argument("--course", metavar="DIR", help="default: this installation's assignments")
    one.add_argument("--output", metavar="FILE", help="default: ASSIGNMENT-gradescope.zip, here")

    one = command("doctor", "say what the sandbox really holds on this machine")
    one.add_argument("--isolation", choices=["auto", "bwrap", "landlock"], default="auto")
    one.add_argument("--json", action="store_true", help="print it as JSON")

    one = command("demo", "grade a simulated class of 30 and show what comes out")
    one.add_argument("directory", metavar="DIR", help="where to put the class")
    _jobs(one)


def _authoring(command: Command) -> None:
    """For whoever writes assignments."""
    one = command("new", "begin an assignment of your own, in any folder")
    one.add_argument("name", metavar="NN_topic", help="for example 08_batch_norm")
    one.add_argument("--folder", default=".", metavar="DIR", help="where solutions/ is, or is made")

    one = command("prove", "hold an assignment against its mistakes and variants")
    one.add_argument("only", nargs="*", metavar="ASSIGNMENT", help="default: all")
    one.add_argument("--folder", metavar="DIR", help="the folder with solutions/")

    one = command("mutants", "hold each check against wrong readings of its reference")
    one.add_argument("only", nargs="*", metavar="ASSIGNMENT", help="default: all")
    one.add_argument("--folder", metavar="DIR", help="the folder with solutions/")
    one.add_argument("--fingerprints", action="store_true", help="only write what notebooks need")
    text = "also list each mutant that is no mistake, and why"
    one.add_argument("--equivalents", action="store_true", help=text)

    one = command("build", "make the student notebooks and reading copies from solutions/")
    one.add_argument("--check", action="store_true", help="only say what is out of date")
    one.add_argument("--watch", action="store_true", help="write notebooks anew at every save")
    one.add_argument("--folder", metavar="DIR", help="the folder with solutions/")
    one.add_argument("only", nargs="*", metavar="ASSIGNMENT", help="default: all")


def _roster(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", required=True, parser_class=Parser
    )

    def action(name: str, text: str) -> argparse.ArgumentParser:
        one = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        one.add_argument("directory", metavar="DIR", help="an nbgrader course directory")
        return one

    one = action("import", "enter the students of a CSV file, or bring them up to date")
    one.add_argument("files", nargs="+", metavar="FILE", help="ours, or a platform's export")
    one = action("extend", "give students more time for an assignment")
    one.add_argument("assignment", metavar="ASSIGNMENT")
    one.add_argument("students", nargs="+", metavar="STUDENT")
    time = one.add_mutually_exclusive_group(required=True)
    time.add_argument("--until", metavar="TIME", help='like "2026-11-27 23:59 UTC"')
    time.add_argument("--days", type=float, metavar="N", help="after the date for all")
    time.add_argument("--undo", action="store_true", help="take the extension back")
    one = action("withdraw", "note that students have left; nothing is deleted")
    one.add_argument("students", nargs="+", metavar="STUDENT")
    one.add_argument("--undo", action="store_true", help="they are back")
    action("show", "list the class, extensions and departures")


def _of_course(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("directory", metavar="DIR", help="an nbgrader course directory")
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="for example 02_momentum")
    return parser


def _jobs(parser: argparse.ArgumentParser) -> None:
    text = "at a time (default: one per core)"
    parser.add_argument("--jobs", type=_count, metavar="N", help=text)


def _isolation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--isolation",
        choices=["auto", "bwrap", "landlock", "none"],
        default="auto",
        help="the sandbox of students' code (default: the strongest that works here)",
    )


def _strict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse checks that only run beside students' code: they could be forged",
    )


def _student(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--student", action="append", metavar="NAME", help="only this one (may be repeated)"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)
