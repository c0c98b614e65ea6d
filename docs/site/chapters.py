"""The chapters: the notebooks as a student gets them, with figures and worked solutions.

A chapter is made of the two notebooks that `autograder build` writes: the release gives the cells,
the executed reading copy the outputs and the solutions. Cells are matched by their ids.
"""

import ast
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.reports import formulas
from mlpkit.explorables import NAMES
from mlpkit.explorables.widget import STATE

_HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
_UNICODE = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "sigma": "σ", "theta": "θ", "phi": "φ",
    "lambda": "λ", "rho": "ρ", "partial": "∂", "hat": "", "bar": "", "mathbf": "", "cdot": "·",
}  # fmt: skip


def markdown(text: str) -> str:
    """Return Markdown for the site: formulas as marks, in headings as plain characters."""
    return formulas.marked(_HEADING.sub(lambda found: _plain(found[0]), text))


def _plain(heading: str) -> str:
    """A heading's formulas without TeX: the table of contents and the search show it as text."""

    def in_words(found: re.Match[str]) -> str:
        text = re.sub(r"\\(\w+)\s?", lambda m: _UNICODE.get(m[1], m[1]), found[1])
        return re.sub(r"[{}]", "", text)

    return re.sub(r"\$([^$]+)\$", in_words, heading)


def chapter(release: Path, reading: Path, links: str, *, solutions: bool) -> NotebookNode:
    """Return the notebook that the site shows.

    Parameters
    ----------
    release : the student's notebook; reading : the executed copy with solutions
    links : Markdown below the title
    solutions : whether worked solutions stand below the stubs, closed
    """
    page = nbformat.read(release, as_version=4)
    worked = {cell.id: cell for cell in nbformat.read(reading, as_version=4).cells}
    page.cells = list(_cells(page.cells, worked, solutions))
    title, _, rest = page.cells[0].source.partition("\n")
    page.cells[0].source = f"{title}\n\n{links}\n{rest}"
    return page


def _cells(
    released: list[NotebookNode], worked: dict[str, NotebookNode], solutions: bool
) -> Iterator[NotebookNode]:
    for cell in released:
        copy, role = worked[cell.id], cell.metadata.get("nbgrader", {})
        folded = cell.metadata.get("jupyter", {}).get("source_hidden")
        cell.metadata = {"tags": ["remove-input"]} if folded else {}
        if cell.cell_type == "markdown":
            cell.source = markdown(_with_pictures(cell))
        else:
            cell.outputs = copy.get("outputs", [])
        call = explorable_call(cell.source) if cell.cell_type == "code" else ""
        if call:
            cell.outputs = []
        if folded:
            title = ast.get_docstring(ast.parse(cell.source)) or "Setup"
            yield new_markdown_cell(_details("folded", title, f"```python\n{cell.source}\n```"))
        yield cell
        if call:
            yield new_markdown_cell(f"```{{explorable}} {call}\n{_state(copy)}```")
        if solutions and role.get("solution"):
            yield new_markdown_cell(_worked(copy))


def _with_pictures(cell: NotebookNode) -> str:
    """A cell's Markdown with its attached pictures in the text: MyST-NB knows no attachments."""
    text = str(cell.source)
    for name, data in cell.pop("attachments", {}).items():
        mime, encoded = next(iter(data.items()))
        text = text.replace(f"attachment:{name}", f"data:{mime};base64,{encoded}")
    return text


def _state(cell: NotebookNode) -> str:
    """The state of the explorable that a cell showed, as a line of JSON, or ""."""
    for output in cell.get("outputs", []):
        if STATE in output.get("data", {}):
            return json.dumps(output["data"][STATE]["state"]) + "\n"
    return ""


def explorable_call(source: str) -> str:
    """Return ``momentum(gamma=3)`` of a cell that ends in ``explore.momentum(gamma=3)``, or ""."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic
        return ""
    last = statements[-1] if statements else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        module, _, call = ast.unparse(last.value).partition(".")
        if module in ("explore", "explorables") and call.split("(")[0] in NAMES:
            return call
    return ""


def _worked(cell: NotebookNode) -> str:
    """A worked solution behind one click."""
    if cell.cell_type == "code":
        return _details("worked", "Worked solution", f"```python\n{cell.source}\n```")
    return _details("worked", "Model answer and marking scheme", markdown(cell.source))


def _details(kind: str, title: str, body: str) -> str:
    return (
        f'<details class="{kind}"><summary>{html.escape(title)}</summary>\n\n{body}\n\n</details>'
    )
