"""Code without names, comments and layout: a passage around each token that is the student's own.

As in MOSS (Schleimer, Wilkerson and Aiken, 2003), copies are found by the passages that they share
and the course does not. As in Baker's parameterised matching (1993), a name counts by where it
stood first in its passage: `a * a + b` and `W * W + x` are one passage, `a * b + b` is another.
A passage lies in one function, so the order of functions makes no difference.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from autograder.notebook.defined_names import parsed
from autograder.notebook.submitted_cells import MAX_PARSED

AROUND = 6  # tokens on either side that stand in a passage with the one that it is about
COVER = 8  # tokens in a row that make a place the course's own
_EDGE = "|"
_PYTHONS = frozenset(dir(builtins))
_LEFT_OUT = ("ctx", "returns", "annotation", "type_comment", "decorator_list", "type_params")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Token:
    """A word of the code in the order of its syntax tree; ``named`` if its writer chose it."""

    word: str
    line: int
    named: bool = False


Passage = tuple[str | int, ...]


def _read(text: str) -> list[list[Token]]:
    text = text[:MAX_PARSED]
    try:
        return list(_units(text))
    except RecursionError:  # a sum of thousands of terms
        return [_words(text)]


def course_runs(text: str) -> Iterator[Passage]:
    """Every run of COVER tokens in a cell of the course's."""
    for unit in _read(text):
        padded = _padded(unit)
        for start in range(len(padded) - COVER + 1):
            yield _without_names(padded[start : start + COVER])


def own_passages(text: str, course: Set[Passage]) -> dict[Passage, set[int]]:
    """The passages around tokens that are in no run of the course's, each with its lines."""
    found: dict[Passage, set[int]] = {}
    for unit in _read(text):
        padded = _padded(unit)
        known = [False] * len(padded)
        for start in range(len(padded) - COVER + 1):
            if _without_names(padded[start : start + COVER]) in course:
                known[start : start + COVER] = [True] * COVER
        for place in range(AROUND, AROUND + len(unit)):
            if not known[place]:
                part = padded[place - AROUND : place + AROUND + 1]
                found.setdefault(_without_names(part), set()).add(padded[place].line)
    return found


def _padded(unit: Sequence[Token]) -> list[Token]:
    edge = [Token(_EDGE, 0)] * AROUND
    return [*edge, *unit, *edge]


def _without_names(part: Sequence[Token]) -> Passage:
    order: dict[str, int] = {}
    return tuple(
        order.setdefault(token.word, len(order)) if token.named else token.word for token in part
    )


def _units(text: str) -> Iterator[list[Token]]:
    """The tokens of each function, and of what stands outside of functions."""
    body = parsed(text).body
    if not body:  # no Python, or nothing
        yield _words(text)
        return
    outside: list[Token] = []
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            # Not the line with its parameters: that is given.
            yield [token for part in statement.body for token in _tokens(part, statement.lineno)]
        elif isinstance(statement, ast.ClassDef):
            for part in statement.body:
                yield list(_tokens(part, part.lineno))
        else:
            outside += _tokens(statement, statement.lineno)
    yield outside


def _words(text: str) -> list[Token]:
    code = (line.partition("#")[0] for line in text.split("\n"))
    return [Token(word, n) for n, line in enumerate(code, 1) for word in _WORD.findall(line)]


def _tokens(node: ast.AST, line: int) -> Iterator[Token]:
    """A node and what is below it; no docstring, import or annotation."""
    line = getattr(node, "lineno", line)
    match node:
        case ast.Expr(ast.Constant(str())) | ast.Import() | ast.ImportFrom() | ast.Pass():
            return
        case ast.Name(id=name) | ast.arg(arg=name):
            yield Token(name, line, name not in _PYTHONS)
            return
        case ast.Constant(str()):
            yield Token("text", line)
            return
        case ast.Constant(value):
            yield Token(repr(value), line)
            return
        case ast.AugAssign(target, operator, value):
            yield from _tokens(ast.Assign([target], ast.BinOp(target, operator, value)), line)
            return
        case ast.AnnAssign(target, _, value) if value is not None:
            yield from _tokens(ast.Assign([target], value), line)
            return
        case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
            yield Token(f".{name}", line)
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield Token("def", line)
            yield Token(name, line, True)
        case ast.BinOp(op=operator) | ast.UnaryOp(op=operator) | ast.BoolOp(op=operator):
            yield Token(type(operator).__name__, line)
        case ast.operator() | ast.unaryop() | ast.boolop() | ast.expr_context() | ast.arguments():
            pass
        case _:
            yield Token(type(node).__name__, line)
    for field, value in ast.iter_fields(node):
        if field not in _LEFT_OUT:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield from _tokens(part, line)
