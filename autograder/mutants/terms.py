"""How a sum is misread when it is written as a loop: one term alone, one missing, one too often.

Also sums whose parts are of one kind each: the logarithm of a sum, the diagonal of a Jacobian.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator

from autograder.mutants.operators import Wrong, parsed, said

_FEWER = (
    ("[:1]", "only the first term of the sum is there, as if a loop returned in its first round"),
    ("[-1:]", "only the last term of the sum is there, as when = is written for +="),
    ("[1:]", "the first term of the sum is missing, as of a loop that starts at 1"),
    ("[:-1]", "the last term of the sum is missing, as of a loop that ends one too early"),
)


def fewer_terms(node: ast.expr) -> Iterator[Wrong]:
    """a @ b and a.sum() with fewer terms: loops in a student's own words end and return early."""
    match node:
        case ast.BinOp(a, ast.MatMult(), b):
            for cut, what in _FEWER:
                text = f"a[..., {cut[1:]} @ b{cut}"
                yield parsed(text, a=a, b=b), f"{what} (of {said(node, 30)})"
        case ast.Call(ast.Attribute(ast.expr() as a, "sum"), [], keywords):
            axis = keywords[0].value if [one.arg for one in keywords] == ["axis"] else None
            for cut, what in _FEWER:
                if not keywords:
                    text = f"np.ravel(a){cut}.sum()"
                elif isinstance(axis, ast.Constant) and axis.value == 0:
                    text = f"a{cut}.sum(axis=0)"
                elif isinstance(axis, ast.Constant) and axis.value == 1:
                    text = f"a[:, {cut[1:]}.sum(axis=1)"
                else:
                    continue
                yield parsed(text, a=a), what


def once_for_each_term(node: ast.expr) -> Iterator[Wrong]:
    """a @ b + c with c inside the loop that adds up a @ b."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return
    for product, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(product, ast.BinOp) and isinstance(product.op, ast.MatMult):
            yield (
                parsed("p + np.shape(b)[0] * c", p=product, b=product.right, c=other),
                f"{said(other)} is added once for each term of {said(product)}, not once: it stands "
                "inside the loop, or inside the sum",
            )


def logarithm_of_sum(node: ast.expr) -> Iterator[Wrong]:
    """np.log(x.sum()) as np.log(x).sum()."""
    match node:
        case ast.Call(
            ast.Attribute(ast.Name("np"), "log") as log,
            [ast.Call(ast.Attribute(base, "sum"), axes, keywords)],
        ):
            terms = ast.Call(log, [base], [])
            yield (
                ast.Call(ast.Attribute(terms, "sum", ast.Load()), axes, keywords),
                f"the logarithm is taken of each entry of {said(base, 30)} and these are summed; it is "
                "to be that of the sum",
            )


def activated(value: ast.expr) -> Iterator[Wrong]:
    """c = a @ b + d, scores, put through an activation that belongs to hidden units."""
    match value:
        case ast.BinOp(a, ast.Add(), b) if any(
            isinstance(one, ast.BinOp) and isinstance(one.op, ast.MatMult) for one in (a, b)
        ):
            for text, what in (
                ("np.maximum(v, 0)", "ReLU"),
                ("np.tanh(v)", "tanh"),
                ("1 / (1 + np.exp(-(v)))", "the logistic function"),
            ):
                yield (
                    parsed(text, v=value),
                    f"{what} is applied to {said(value)}, but should not be",
                )


def diagonals(node: ast.expr) -> Iterator[Wrong]:
    """np.diag(a) - b, the form of a Jacobian, right on the diagonal alone or beside it alone."""
    match node:
        case ast.BinOp(ast.Call(ast.Attribute(ast.Name("np"), "diag")) as diagonal, ast.Sub(), b):
            on = "np.diag(np.diag(b))"
            for text, what in (
                (f"d - 2 * {on} + b", "the sign beside the diagonal is wrong"),
                (f"d - b + {on}", f"on the diagonal, - {said(b)} is missing"),
                (f"d - {on}", "the entries beside the diagonal are missing"),
                (f"d - b + 2 * {on}", f"on the diagonal, the sign of {said(b)} is wrong"),
            ):
                yield parsed(text, d=diagonal, b=b), what


def prediction_minus_label(node: ast.expr) -> Iterator[Wrong]:
    """yhat - y with the output's slope, which has cancelled, of a decision, or as a product."""
    match node:
        case ast.BinOp(
            (ast.Name() | ast.Subscript()) as a, ast.Sub(), (ast.Name() | ast.Subscript()) as b
        ):
            yield (
                parsed("d * (a * (1 - a))", d=node, a=a),
                f"{said(a)} (1 - {said(a)}), a slope of the logistic function, is an extra factor",
            )
            yield (
                parsed("(a > 0.5) * 1.0 - b", a=a, b=b),
                f"{said(a)} is rounded to 0 or 1: the decision is used where the probability should be",
            )
            yield (
                parsed("a * (1 - b)", a=a, b=b),
                f"{said(a)} (1 - {said(b)}) is used instead of {said(node)}",
            )


def mask_of_itself(node: ast.expr) -> Iterator[Wrong]:
    """(D >= 0) * dh with the mask taken of dh."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return
    for mask, other in ((node.left, node.right), (node.right, node.left)):
        match mask:
            case ast.Compare(of, [sign], [limit]) if ast.dump(of) != ast.dump(other):
                wrong = ast.Compare(other, [sign], [limit])
                new = (wrong, node.right) if mask is node.left else (node.left, wrong)
                yield (
                    ast.BinOp(new[0], node.op, new[1]),
                    f"the mask is taken of {said(other, 25)}; it should be {said(mask, 25)}",
                )


def summed_over(node: ast.expr) -> Iterator[Wrong]:
    """error[k] * W[j, k], one term, as the sum over all k."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return
    left, right = (
        {index.id for one in ast.walk(side) for index in _indices_of(one)}
        for side in (node.left, node.right)
    )
    for name in sorted(left & right):
        yield (
            parsed(
                "(a * b).sum()", a=_all_entries(node.left, name), b=_all_entries(node.right, name)
            ),
            f"this is the sum over all {name}; {said(node, 30)} is one term of it",
        )


def _indices_of(node: ast.AST) -> list[ast.Name]:
    if not isinstance(node, ast.Subscript):
        return []
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return [part for part in parts if isinstance(part, ast.Name)]


def _all_entries(node: ast.expr, name: str) -> ast.expr:
    """The expression with all entries in the place of entry ``name``."""

    class Fill(ast.NodeTransformer):
        def visit_Subscript(self, one: ast.Subscript) -> ast.expr:
            self.generic_visit(one)
            if any(part.id == name for part in _indices_of(one)):
                text = ast.unparse(one.slice)
                every = re.sub(rf"\b{name}\b", ":", text.strip("()"))
                return parsed(f"a[{every}]", a=one.value)
            return one

    return Fill().visit(copy.deepcopy(node))


TERMS = (
    fewer_terms, once_for_each_term, logarithm_of_sum, diagonals, prediction_minus_label,
    mask_of_itself, summed_over,
)  # fmt: skip
