"""Momentum in each of its other conventions, and what else steps along a gradient.

Recognised by its average `phi = (1 - alpha) * phi + alpha * gradient` and the step after it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.mutants.operators import said
from autograder.mutants.statements import WrongLines

_AVERAGES = (
    ("P = A * P + (1 - A) * G", "alpha and 1 - alpha are exchanged"),
    ("P = A * P + G", "heavy ball: phi = alpha phi + gradient is a sum, not an average"),
    ("P = (1 - A) * P + G", "heavy ball with beta = 1 - alpha: the factor alpha before the gradient is missing"),
    ("P = P + A * G", "the old phi is not shrunk by 1 - alpha"),
    ("P = A * G", "the old phi is forgotten: this is plain descent with another step size"),
    ("P = G", "this is plain descent: the average phi is missing"),
    ("P = (1 - A) * (P + G)", "1 - alpha goes to the gradient, too"),
    ("P = A * (P + G)", "alpha goes to both"),
    ("P = (1 - A) * P - A * G", "the sign of the gradient in phi is wrong"),
    ("P = A * P - G", "heavy ball with the sign inside: phi points downhill, and is then subtracted"),
)  # fmt: skip
_STEPS = (
    ("T = T - S * G", "the step goes along the gradient, not along the average phi"),
    ("T = T - S * (A * G + (1 - A) * P)", "Nesterov's step: the gradient is counted once more"),
    ("T = T - S * (G + (1 - A) * P)", "Nesterov's step in the heavy ball's convention"),
    ("T = T - S * P / A", "the step is divided by alpha: the heavy ball's convention"),
    ("T = T - S * A * P", "alpha is multiplied in twice"),
    ("T = T - P", "the step size gamma is missing"),
    ("T = T + S * P", "the sign of the step: it goes uphill"),
    ("T = T - S * P / (1 - (1 - A) ** (1 + len(path) - 1))", "phi is corrected for its start at 0, as in Adam"),
)  # fmt: skip


def momentum(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """The average and the step after it, in each other convention."""
    for place, line in enumerate(body[:-1]):
        found = _average(line)
        step = body[place + 1]
        if found is None or not isinstance(step, ast.Assign):
            continue
        names = {**found, **_step(step, found["P"])}
        if "T" not in names:
            continue
        for text, what in _AVERAGES:
            yield [*body[:place], *_lines(text, names), *body[place + 1 :]], what
        for text, what in _STEPS:
            yield [*body[: place + 1], *_lines(text, names), *body[place + 2 :]], what
        for average, what in _AVERAGES:
            for following, also in _STEPS:
                both = [*_lines(average, names), *_lines(following, names)]
                yield [*body[:place], *both, *body[place + 2 :]], f"two things: {what}; and {also}"
        begin = f"second = second + 0 if 'second' in locals() else 0 * {names['P']}"
        adam = (
            "second = 0.999 * second + 0.001 * G ** 2",
            "T = T - S * P / (np.sqrt(second) + 1e-8)",
        )
        lines = [one for text in (begin, *adam) for one in _lines(text, names)]
        yield (
            [*body[: place + 1], *lines, *body[place + 2 :]],
            "Adam: the step is divided by a root mean square",
        )
        yield from _look_ahead(body, place, names)


def _look_ahead(
    body: Sequence[ast.stmt], place: int, names: dict[str, str]
) -> Iterator[WrongLines]:
    """Nesterov: the gradient is taken where the old average leads."""
    for k, line in enumerate(body[:place]):
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call):
            for ahead in ("T - S * (1 - A) * P", "T - S * P", "T - A * P", "T - (1 - A) * P"):
                text = f"{said(line.targets[0])} = {said(line.value.func)}({ahead})"
                yield (
                    [*body[:k], *_lines(text, names), *body[k + 1 :]],
                    "Nesterov: the gradient is taken at a point ahead, not at theta",
                )


def _average(line: ast.stmt) -> dict[str, str] | None:
    """The names in `P = (1 - A) * P + A * G`."""
    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
        return None
    phi, value = line.targets[0].id, line.value
    if not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)):
        return None
    old, new = value.left, value.right
    if not (isinstance(new, ast.BinOp) and isinstance(old, ast.BinOp)):
        return None
    alpha, gradient = said(new.left), said(new.right)
    wanted = f"(1 - {alpha}) * {phi} + {alpha} * {gradient}"
    same = ast.dump(value) == ast.dump(ast.parse(wanted, mode="eval").body)
    return {"P": phi, "A": alpha, "G": gradient} if same else None


def _step(line: ast.Assign, phi: str) -> dict[str, str]:
    """The names in `T = T - S * P`."""
    match line.value:
        case ast.BinOp(theta, ast.Sub(), ast.BinOp(size, ast.Mult(), ast.Name(id=name))):
            if name == phi and said(theta) == said(line.targets[0]):
                return {"T": said(theta), "S": said(size)}
    return {}


def _lines(text: str, names: dict[str, str]) -> list[ast.stmt]:
    class Named(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.Name:
            return ast.Name(names.get(node.id, node.id), node.ctx)

    return Named().visit(ast.parse(text)).body
