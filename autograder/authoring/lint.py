"""What must hold of an assignment's source before a notebook is made of it.

Each rule yields ``(line, message)``; the message says what is wrong and what to do. All rules
run over all cells, so that an author sees everything at once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.percent import (
    CODE_KINDS,
    HIDDEN_TESTS,
    KINDS,
    MARK_SCHEME,
    SOLUTION,
    Cell,
    MarkerError,
    Region,
    cut,
    regions,
)
from autograder.notebook.defined_names import solution_names
from autograder.notebook.markers import STUB

Problem = tuple[int, str]

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")  # Python's and, at once, a cell id of nbformat
_KEYS = {
    "prose": set(),
    **dict.fromkeys(("given", "solution", "experiment"), {"id"}),
    **dict.fromkeys(("test", "manual"), {"id", "points"}),
}
_REGIONS_OF = {
    "solution": (SOLUTION,),
    "test": (HIDDEN_TESTS,),
    "manual": (SOLUTION, MARK_SCHEME),
}


def lint_name(path: Path) -> Iterator[Problem]:
    """The file is NN_topic/NN_topic.py: its folder's name is the assignment's."""
    if path.suffix != ".py" or path.stem != path.resolve().parent.name:
        yield (
            1,
            (
                f"the source of an assignment is named like its folder: "
                f"expected {path.resolve().parent.name}.py, found {path.name}"
            ),
        )
    elif not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
        yield (
            1,
            (
                f"'{path.stem}' is not an assignment's name; "
                f"write two digits, an underscore and a topic: 02_momentum"
            ),
        )


def lint_cells(cells: list[Cell]) -> list[Problem]:
    """Everything that is wrong with the cells, by line."""
    problems: list[Problem] = []
    if not any(cell.kind == "test" for cell in cells):
        problems.append((1, 'there is no test cell; add one: # %% test id="test_name" points=1'))
    first_use: dict[str, int] = {}
    for cell in cells:
        wrong_head = list(_lint_head(cell, first_use))
        problems += wrong_head
        # The body's rules depend on the kind; without a kind there are none to apply.
        if cell.kind in (*KINDS, "prose") and cell.head and _type_fits(cell):
            problems += _lint_body(cell)
    return sorted(problems)


def _type_fits(cell: Cell) -> bool:
    return cell.type == ("code" if cell.kind in CODE_KINDS else "markdown")


def _lint_head(cell: Cell, first_use: dict[str, int]) -> Iterator[Problem]:
    """Kind, id, points, and nothing else."""
    if not cell.head:
        yield cell.line, "text before the first cell head; begin the file with '# %% [markdown]'"
        return
    if cell.kind not in (*KINDS, "prose"):
        yield cell.head, _unknown_kind(cell)
        return
    if not _type_fits(cell):
        wanted = "code: remove [markdown]" if cell.kind in CODE_KINDS else "# %% manual [markdown]"
        yield cell.head, f"a {cell.kind} cell is {wanted}"
        return
    if cell.broken:
        yield (
            cell.head,
            f'values are JSON, strings in double quotes: id="name"; found {cell.broken}',
        )
        return
    for key in sorted(set(cell.values) - _KEYS[cell.kind]):
        yield cell.head, f"a {cell.kind} cell has no '{key}'; remove {key}={cell.values[key]!r}"
    if "id" in _KEYS[cell.kind]:
        yield from _lint_id(cell, first_use)
    if "points" in _KEYS[cell.kind]:
        yield from _lint_points(cell)


def _unknown_kind(cell: Cell) -> str:
    if not cell.kind:
        return f"a code cell says what it is; write one of {', '.join(CODE_KINDS)} after '# %%'"
    return f"unknown kind of cell '{cell.kind}'; write one of {', '.join(KINDS)}, or [markdown]"


def _lint_id(cell: Cell, first_use: dict[str, int]) -> Iterator[Problem]:
    if cell.id is None:
        yield cell.head, f'a {cell.kind} cell needs an id: # %% {cell.kind} id="name"'
    elif not isinstance(cell.id, str) or not _ID.fullmatch(cell.id):
        yield (
            cell.head,
            (f"id {cell.id!r} is not a Python identifier of at most 64 letters, digits and _"),
        )
    elif cell.id in first_use:
        yield (
            cell.head,
            (f"id '{cell.id}' is already taken in line {first_use[cell.id]}; choose another"),
        )
    else:
        first_use[cell.id] = cell.head


def _lint_points(cell: Cell) -> Iterator[Problem]:
    points = cell.points
    if points is None:
        yield cell.head, f"a {cell.kind} cell needs points: points=2"
    elif isinstance(points, bool) or not isinstance(points, int | float) or not points > 0:
        yield cell.head, f"points is a number above 0, found {points!r}"


def _lint_body(cell: Cell) -> Iterator[Problem]:
    try:
        found = regions(cell.text)
    except MarkerError as error:
        yield cell.line + error.line, str(error)
        return
    allowed = _REGIONS_OF.get(cell.kind, ())
    for region in found:
        if region.name not in allowed:
            yield (
                cell.line + region.begin,
                (
                    f"'### BEGIN {region.name}' has no place in a {cell.kind} cell; "
                    f"{_home(region.name)}"
                ),
            )
            return
    if cell.kind in CODE_KINDS:
        yield from _lint_code(cell, found)
    elif cell.kind == "manual":
        yield from _lint_manual(cell, found)


def _home(name: str) -> str:
    kinds = " or ".join(kind for kind, names in _REGIONS_OF.items() if name in names)
    return f"it belongs in a {kinds} cell"


def _lint_code(cell: Cell, found: list[Region]) -> Iterator[Problem]:
    try:
        tree = ast.parse(cell.text)
    except SyntaxError as error:
        yield (
            cell.line + (error.lineno or 1) - 1,
            (f"not plain Python ({error.msg}); magics and shell commands are not either"),
        )
        return
    if cell.kind == "solution":
        yield from _lint_solution(cell, found)
    elif cell.kind == "test":
        yield from _lint_test(cell, tree)


def _lint_solution(cell: Cell, found: list[Region]) -> Iterator[Problem]:
    if not found:
        yield (
            cell.line,
            (
                "nothing is cut from this solution cell; "
                "put '### BEGIN SOLUTION' and '### END SOLUTION' around what the student writes"
            ),
        )
    if not solution_names(cell.text):
        yield cell.line, "this solution cell defines no function, class or variable to test"
    stub = cut(cell.text, SOLUTION, STUB)
    try:
        ast.parse(stub)
    except SyntaxError as error:
        yield (
            cell.line + found[0].begin,
            (
                f"the student's stub would not be Python ({error.msg}): "
                f"indent the markers like the code between them, and cut whole statements"
            ),
        )


def _lint_test(cell: Cell, tree: ast.Module) -> Iterator[Problem]:
    if not (ast.get_docstring(tree) or "").strip():
        yield cell.line, 'a test begins with a docstring, the title students read: """Title."""'
        return
    try:
        visible = ast.parse(cut(cell.text, HIDDEN_TESTS))
    except SyntaxError as error:
        yield cell.line, f"without its hidden part this test would not be Python ({error.msg})"
        return
    last = tree.body[-1]
    if len(visible.body) == 1:
        yield cell.line, "this test has no visible part; show the student one check before hiding"
    elif _has_value(last) or _has_value(visible.body[-1]):
        shown = last if _has_value(last) else visible.body[-1]
        yield (
            cell.line + shown.lineno - 1,
            (
                "a test never ends in an expression, nbgrader would read its value as points; "
                "end with an assert statement or with an assert_ function that returns nothing"
            ),
        )


def _has_value(statement: ast.stmt) -> bool:
    """Whether a notebook may show a value after this statement, were it the cell's last."""
    if not isinstance(statement, ast.Expr):
        return False
    call = statement.value
    if not isinstance(call, ast.Call):
        return True
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return not name.startswith("assert_") or name == "assert_unchanged"


def _lint_manual(cell: Cell, found: list[Region]) -> Iterator[Problem]:
    if [region.name for region in found] != [SOLUTION, MARK_SCHEME]:
        yield (
            cell.line,
            (
                "a written question has one model answer between '### BEGIN SOLUTION' and "
                "'### END SOLUTION', then one marking scheme between '### BEGIN MARK SCHEME' and "
                "'### END MARK SCHEME'"
            ),
        )
        return
    answer, scheme = found
    between = cell.text.split("\n")[answer.end + 1 : scheme.begin]
    if text := next((number for number, line in enumerate(between, 1) if line.strip()), 0):
        yield (
            cell.line + answer.end + text,
            (
                "only blank lines may stand between the model answer and the marking scheme: "
                "they are cut together"
            ),
        )
