"""Docstrings as their reader sees them, put into the forms that numpydoc knows."""

import re
from collections.abc import Iterator

_COLUMNS = re.compile(r"(``\w+``|[a-z]\w*) {2,}(\S.*)")
_ENTRY = re.compile(r"(\S.*?) : (.*)")
_SECTIONS = ("Parameters", "Attributes", "Returns", "Raises", "Yields")


def readable(lines: list[str]) -> list[str]:
    """Return reStructuredText for a docstring's lines, without its first indentation.

    An indented paragraph is code, not a quotation; a name and its text in columns are a list;
    ``|W|`` is a norm, not a substitution; what stands behind ``name :`` is a text, not a type.
    """
    seen = list(_sections(list(_columns(lines))))
    out: list[str] = [""]
    for line in seen:
        begins = line.startswith("    ") and out[-1] == "" and not _last_text(out).startswith(" ")
        if begins and not _last_text(out).startswith("- "):
            out += ["::", ""]
        out.append(re.sub(r"\|(\w+)\|", r"\\|\1\\|", line))
    return out[1:]


def _columns(lines: list[str]) -> Iterator[str]:
    """Names and texts in columns as a list; a continued text is indented further than a name."""
    inside = False
    for number, line in enumerate(lines):
        found = _COLUMNS.fullmatch(line)
        alone = not any(_COLUMNS.fullmatch(near) for near in _around(lines, number))
        if found and (inside or not alone):
            if not inside:
                yield ""
            name = found[1] if found[1].startswith("`") else f"``{found[1]}``"
            yield f"- {name}: {found[2]}"
            inside = True
        elif inside and line.startswith("  "):
            yield f"  {line.strip()}"
        else:
            inside = False
            yield line


def _around(lines: list[str], number: int) -> list[str]:
    return lines[max(0, number - 1) : number] + lines[number + 1 : number + 3]


def _sections(lines: list[str]) -> Iterator[str]:
    """Entries of a section with their text below them; a paragraph after these is a note."""
    inside = False
    for number, line in enumerate(lines):
        ruled = number + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[number + 1])
        if ruled:
            inside = line in _SECTIONS
        starts = inside and line[:1].strip() and not ruled and not re.fullmatch(r"-{3,}", line)
        entry = _ENTRY.fullmatch(line) if starts else None
        if entry:
            yield entry[1]
            yield f"    {entry[2]}"
        elif starts and lines[number - 1] == "":
            yield from ("Notes", "-----", line)
            inside = False
        else:
            yield line


def _last_text(lines: list[str]) -> str:
    return next((line for line in reversed(lines) if line), " ")
