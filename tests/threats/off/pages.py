"""What is written into ``autograded/`` and on the terminal, and reading a stranger's folder."""


def any_metadata():
    """The metadata of outputs stay as they come."""
    from autograder.notebook import safe_outputs

    patch(
        safe_outputs,
        "_metadata",
        lambda metadata, data: {
            mime: value for mime, value in (metadata or {}).items() if isinstance(value, dict)
        },
    )


def any_markdown():
    from autograder.notebook import output_cells

    patch(output_cells, "safe_markdown", lambda text, *rest: text)


def any_length_of_markdown():
    from autograder.notebook import safe_text

    patch(safe_text, "_as_code", lambda text: text)


def any_colour():
    import re

    from autograder.notebook import safe_text

    patch(safe_text, "_ESCAPE", re.compile(r"(\x1b\[[0-9;]*m)"))


def lines_are_read_again():
    import re

    from autograder.notebook import defined_names

    def again(text):
        return re.findall(r"^\s*[%!?]", text[-60_000:], re.M)

    patch(defined_names, "_MAGICS", type("Magics", (), {"findall": staticmethod(again)}))


def any_attachment():
    from autograder.notebook import safe_outputs

    patch(safe_outputs, "_picture", lambda mime, encoded: encoded)


def any_letter():
    """Control characters reach the terminal."""
    from autograder.cli import terminal

    patch(terminal, "printable", lambda text, lines=False: text)


def lax_times():
    """Whatever dateutil takes for a time is one, and what it raises is raised."""
    from dateutil import parser

    from autograder.course import submissions

    def read(folder, flags, zone):
        return parser.parse((folder / "timestamp.txt").read_text())

    patch(submissions, "_read_timestamp", read)
    patch(submissions, "_said", None)


def unabridged_for_all():
    """The whole message of a hidden check is kept where students see it."""
    from dataclasses import replace

    from autograder.result import Result

    def whole(self):
        checks = [replace(c, message=c.whole_message, unabridged="") for c in self.checks]
        return replace(self, checks=tuple(checks)).to_dict()

    patch(Result, "for_students", whole)


def innermost_name_counts():
    """The last part of a path that names somebody says whose a file is."""
    from autograder.collect import claims

    outermost = claims._outermost

    def last(readers, path, end=None):
        for place in reversed(range(len(path) if end is None else end)):
            moved = [lambda path, _, read=read, place=place: read(path, place) for read in readers]
            if found := outermost(moved, path, 1):
                return found
        return None

    patch(claims, "_outermost", last)
