"""How brackets are misread: left out, so that a factor, power or sum meets only one of two terms."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutants.operators import Wrong, binary, said

_PRODUCTS = ast.Mult | ast.Div | ast.MatMult
_SUMS = ast.Add | ast.Sub


def brackets(node: ast.expr) -> Iterator[Wrong]:
    """(a + b) * c as a + b * c, a / (b * c) as a / b * c, a @ b + c as a @ (b + c), and so on."""
    if not isinstance(node, ast.BinOp):
        return
    a, operator, b = node.left, node.op, node.right
    if isinstance(operator, _PRODUCTS):
        yield from _of_product(a, operator, b)
    elif isinstance(operator, _SUMS):
        for left, middle, right in _factors(a):
            whole = binary(left, middle, binary(right, operator, b))
            yield whole, f"{said(right)} and {said(b)} are put into one pair of brackets"
    elif isinstance(operator, ast.Pow):
        if isinstance(a, ast.BinOp):
            inside = binary(a.left, a.op, binary(a.right, operator, b))
            yield inside, f"the power goes to {said(a.right)} alone: brackets around {said(a)}"
        if isinstance(b, ast.BinOp) and isinstance(b.op, _SUMS):
            outside = binary(binary(a, operator, b.left), b.op, b.right)
            yield outside, f"the power is {said(b.left)} alone: brackets around {said(b)}"


def _of_product(a: ast.expr, operator: ast.operator, b: ast.expr) -> Iterator[Wrong]:
    missing = "the brackets around {} are missing"
    if isinstance(a, ast.BinOp) and isinstance(a.op, _SUMS):
        first = binary(a.left, a.op, binary(a.right, operator, b))
        yield first, missing.format(said(a))
        second = binary(binary(a.left, operator, b), a.op, a.right)
        yield second, f"{said(b)} goes to {said(a.left)} alone, not to {said(a)}"
    match b:
        case ast.BinOp(base, ast.Pow(), ast.BinOp(power, ast.Add() | ast.Sub() as last, rest)):
            product = binary(a, operator, binary(base, ast.Pow(), power))
            yield binary(product, last, rest), missing.format(said(b.right))
    if isinstance(b, ast.BinOp):
        if isinstance(b.op, _SUMS):
            first = binary(binary(a, operator, b.left), b.op, b.right)
            yield first, missing.format(said(b))
            second = binary(b.left, b.op, binary(a, operator, b.right))
            yield second, f"{said(a)} goes to {said(b.right)} alone, not to {said(b)}"
        elif isinstance(operator, ast.Div) and isinstance(b.op, ast.Mult | ast.Div):
            yield binary(binary(a, operator, b.left), b.op, b.right), missing.format(said(b))


def _factors(node: ast.expr) -> Iterator[tuple[ast.expr, ast.operator, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, _PRODUCTS):
        yield node.left, node.op, node.right


def square_of_sum(node: ast.expr) -> Iterator[Wrong]:
    """(x ** 2).sum() as x.sum() ** 2."""
    match node:
        case ast.Call(ast.Attribute(ast.BinOp(base, ast.Pow(), power), "sum" | "mean" as name)):
            summed = ast.Call(ast.Attribute(base, name, ast.Load()), node.args, node.keywords)
            yield (
                binary(summed, ast.Pow(), power),
                f"the {name} is squared, not each entry of {said(base)}",
            )


BRACKETS = brackets, square_of_sum
