"""What a notebook shows in place of a traceback."""

import textwrap

WIDTH = 88  # JupyterLab breaks longer lines of an error wherever they reach its edge, inside words


def traceback_lines(text: str) -> list[str]:
    """The lines of a message, long ones wrapped between words and indented as they begin."""
    return [piece for line in text.splitlines() for piece in _wrapped(line)]


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
