"""What a notebook shows in place of a traceback."""

import textwrap

# JupyterLab breaks the lines of an error wherever they reach its edge, inside words; so many
# characters stand there in a window of 1000 pixels.
WIDTH = 66


def traceback_lines(text: str) -> list[str]:
    """The lines of a message; long ones, but for a table's, are wrapped between words and indented
    as they begin."""
    return [piece for line in text.splitlines() for piece in _wrapped(line)]


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDTH or "  " in line.strip():
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
