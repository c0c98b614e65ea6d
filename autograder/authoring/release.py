"""The source notebook -> what others may see of it, and the bytes it is stored as."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring.percent import HIDDEN_TESTS, MARK_SCHEME, SOLUTION, cut, without_markers
from autograder.notebook.cell_fields import checksum_of, role_of
from autograder.notebook.markers import Markers

if TYPE_CHECKING:
    from nbformat import NotebookNode

# What a reader of a written question sees where an author wrote a marker.
_HEADINGS = {
    f"### BEGIN {SOLUTION}": "**Model answer**\n",
    f"### BEGIN {MARK_SCHEME}": "**Marking scheme**\n",
}


def make_release(source: NotebookNode) -> NotebookNode:
    """The student notebook: stubs in place of solutions, no hidden tests, nbgrader's checksums.

    The same as ``nbgrader generate_assignment`` makes of the source, cell for cell, without its
    three seconds. ``source`` itself stays as it is.
    """
    release = copy.deepcopy(source)
    for cell in release.cells:
        code, role = cell.cell_type == "code", role_of(cell)
        answer = bool(role.get("solution"))
        cell.source = Markers().released(cell.source, code=code, solution=answer)
        if code:
            cell.outputs, cell.execution_count = [], None
        if role:
            cell.metadata.deletable = False
            if not answer:
                cell.metadata.editable = False
            cell.metadata.nbgrader.update(checksum=checksum_of(cell), cell_type=cell.cell_type)
    return release


def without_hidden_tests(source: NotebookNode) -> NotebookNode:
    """The notebook to read: solutions, model answers and marking schemes in, hidden tests out.

    Nobody grades it, so it has no nbgrader metadata, and its experiments are cells like others.
    """
    reading = copy.deepcopy(source)
    for cell in reading.cells:
        text = cut(cell.source, HIDDEN_TESTS)
        if cell.cell_type == "markdown":
            for marker, heading in _HEADINGS.items():
                text = text.replace(marker, heading)
        cell.source = without_markers(text).rstrip()
        cell.metadata.clear()
    return reading


def to_bytes(notebook: NotebookNode) -> bytes:
    """The file's content, the same for equal notebooks; nbformat's ValidationError otherwise."""
    import nbformat

    nbformat.validate(notebook)
    return (nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n").encode()


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write the notebook, and its folder where there is none yet."""
    content = to_bytes(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
