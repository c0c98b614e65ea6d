"""How a result is misread as a whole: its sign, a factor, 1/N, one entry of a pair; names taken
for one another.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.mutants.operators import Wrong, parsed, said

_WHOLE = (
    ("-(a)", "the sign of {a} is wrong"),
    ("2 * (a)", "{a} has an extra factor 2"),
    ("0.5 * (a)", "{a} has an extra factor 1/2"),
    ("(a) / len(n)", "{a} is divided by a length, such as len({n}), but should not be"),
    ("(a) * len(n)", "{a} is multiplied by a length, such as len({n}), but should not be"),
    ("(a) ** 2", "{a} is squared, but should not be"),
    ("np.abs(a)", "the signs of {a} are lost: yours has the absolute values"),
    ("(a).T", "{a} is transposed, but should not be"),
    ("(a).sum(axis=0)", "{a} is summed over axis 0, but should not be"),
    ("(a).mean(axis=0)", "{a} is averaged over axis 0, but should not be"),
    ("(a) + 1", "1 is added to {a}"),
    ("(a) - 1", "1 is subtracted from {a}"),
    ("1 - (a)", "{a} is subtracted from 1"),
    ("1 / (a)", "1 is divided by {a}: the fraction is turned over"),
    ("np.tanh(a)", "tanh is applied to {a}, but should not be"),
    (
        "1 / (1 + np.exp(-(a)))",
        "the logistic function is applied to {a}, but should not be",
    ),
    ("np.maximum(a, 0)", "what is negative in {a} is 0 in yours, as after ReLU"),
    ("np.log(a)", "the logarithm of {a} is taken, but should not be"),
    ("np.exp(a)", "exp is applied to {a}, but should not be"),
    ("(a) * n", "{a} is multiplied by {n}, but should not be"),
    ("(a) / n", "{a} is divided by {n}, but should not be"),
)
MOST_NAMES = 7  # of a function's own that are taken for one another
_NAMED = re.compile(r"\bn\b")


def lambdas(value: ast.expr) -> list[tuple[ast.AST, str, int | None]]:
    """Where the values stand that functions give back which ``return value`` returns."""
    return [
        place
        for node in ast.walk(value)
        if isinstance(node, ast.Lambda)
        for place in parts(node.body) or [(node, "body", None)]
    ]


def averaged(node: ast.expr, names: Sequence[str]) -> Iterator[Wrong]:
    """A product that is divided by the number of something."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
        for name in names:
            yield (
                parsed("(a) / len(n)", a=node, n=ast.Name(name, ast.Load())),
                f"{said(node, 30)} is divided by a length, such as len({name}), but should not be",
            )


def whole(node: ast.expr, parameters: Sequence[str], one_of_several: bool) -> Iterator[Wrong]:
    """A returned value, or one of several: ``node`` is the expression after `return`."""
    place = "the result"
    if one_of_several:
        shown = said(node, 30)
        place = "one of the results" if shown.endswith("...") else shown
    for text, what in _WHOLE:
        for name in parameters if _NAMED.search(text) else parameters[:1]:
            inner = ast.Name(name, ast.Load())
            yield parsed(text, a=node, n=inner), what.format(a=place, n=name)


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


def own_names(function: ast.FunctionDef) -> list[str]:
    """Parameters and local variables, in order."""
    names = [node.arg for node in ast.walk(function) if isinstance(node, ast.arg)]
    names += [
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys(names))[:MOST_NAMES]


def own_entries(function: ast.FunctionDef) -> list[ast.Subscript]:
    """The entries z[j] that a function reads, each once; of more than MOST_NAMES none is mistaken."""
    found = {
        ast.unparse(node): node
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and not any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))
    }
    return list(found.values()) if len(found) <= MOST_NAMES else []


def name_for_name(old: ast.expr, new: Any) -> tuple[str, str] | None:
    """One name, or entry of an array, for another one."""
    kinds = ast.Name | ast.Subscript
    if isinstance(old, kinds) and isinstance(new, kinds):
        return ast.unparse(old), ast.unparse(new)
    return None


def other_entries(node: ast.expr, entries: Sequence[ast.Subscript]) -> Iterator[Wrong]:
    """Another entry that the function reads in the place of this one: y[k] for z[j]."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        here = ast.unparse(node)
        if any(here == ast.unparse(one) for one in entries):
            for other in entries:
                if (text := ast.unparse(other)) != here:
                    new = ast.Subscript(other.value, other.slice, ast.Load())
                    yield new, f"{text} is used where {here} should be"


def one_more(node: ast.expr, names: Sequence[str]) -> Iterator[Wrong]:
    """max(x, y, z) for max(y, z)."""
    match node:
        case ast.Call(ast.Name("max" | "min"), [_, _, *_] as given, []):
            for name in names:
                if not any(isinstance(one, ast.Name) and one.id == name for one in given):
                    more = ast.Call(node.func, [*given, ast.Name(name, ast.Load())], [])
                    yield more, f"{name} is one too many in {said(node.func)}(...)"


def other_names(node: ast.expr, names: Sequence[str]) -> Iterator[Wrong]:
    """Another of the function's own names in the place of this one."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for other in names:
            if other != node.id:
                yield ast.Name(other, ast.Load()), f"{other} is used where {node.id} should be"
