"""How a result is misread as a whole: its sign, a factor, 1/N, one entry of a pair; names taken
for one another.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.mutants.operators import Wrong, parsed, said

_WHOLE = (
    ("-(a)", "the sign"),
    ("2 * (a)", "a factor 2 too much"),
    ("0.5 * (a)", "a factor 1/2 too much"),
    ("(a) / len(n)", "it is divided by len({n}), and is not to be"),
    ("(a) * len(n)", "it is multiplied by len({n}), and is not to be"),
    ("(a) ** 2", "it is squared"),
    ("np.abs(a)", "absolute values are taken: the sign is lost"),
    ("(a).T", "it is transposed"),
    ("(a).sum(axis=0)", "it is summed over axis 0"),
    ("(a).mean(axis=0)", "it is averaged over axis 0"),
    ("(a) + 1", "1 is added"),
    ("(a) - 1", "1 is subtracted"),
    ("1 - (a)", "it is subtracted from 1"),
    ("1 / (a)", "the fraction is turned over"),
)


def whole(node: ast.expr, parameters: Sequence[str]) -> Iterator[Wrong]:
    """A returned value, or one of several: ``node`` is the expression after `return`."""
    for text, what in _WHOLE:
        for name in parameters if "len(n)" in text else parameters[:1]:
            inner = ast.Name(name, ast.Load())
            yield parsed(text, a=node, n=inner), f"{what.format(n=name)} (in {said(node, 30)})"


def parts(value: ast.expr) -> list[tuple[ast.AST, str, int | None]]:
    """Where the values stand that ``return value`` returns: (parent, field, place)."""
    if isinstance(value, ast.Tuple | ast.List):
        return [(value, "elts", k) for k in range(len(value.elts))]
    if isinstance(value, ast.Dict):
        return [(value, "values", k) for k in range(len(value.values))]
    if isinstance(value, ast.DictComp):
        return [(value, "value", None)]
    if isinstance(value, ast.ListComp):
        return [(value, "elt", None)]
    return []


def other_names(node: ast.expr, names: Sequence[str]) -> Iterator[Wrong]:
    """Another of the function's own names in the place of this one."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for other in names:
            if other != node.id:
                yield ast.Name(other, ast.Load()), f"{other} stands where {node.id} is to stand"
