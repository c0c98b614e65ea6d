"""How an expression of a derivation is misread: signs, factors, transposes, powers, slopes.

An operator takes a node of the reference's syntax tree and yields `(wrong, what)`: the node in its
place, and a few words that say what is wrong with that. The words fit behind "Likely cause:".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Wrong = tuple[ast.expr, str]

MATRIX, TIMES, PLUS, MINUS, OVER = ast.MatMult(), ast.Mult(), ast.Add(), ast.Sub(), ast.Div()


def said(node: ast.AST, longest: int = 40) -> str:
    """A part of the reference as a message shows it."""
    text = ast.unparse(node).partition("\n")[0].strip()
    return text if len(text) <= longest else text[: longest - 3] + "..."


def parsed(text: str, **parts: ast.expr) -> ast.expr:
    """The expression `text` with `parts` in the places of its names."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

    return Fill().visit(ast.parse(text, mode="eval").body)


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, operator, right)


def negated(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node)


def sums(node: ast.expr) -> Iterator[Wrong]:
    """a + b and a - b: a sign, a term left out, two terms exchanged or multiplied."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)):
        return
    a, b = node.left, node.right
    plus = isinstance(node.op, ast.Add)
    if plus:
        yield (
            binary(a, MINUS, b),
            f"the sign of {said(b)}: it is subtracted here, but should be added",
        )
        yield (
            binary(b, MINUS, a),
            f"the sign of {said(a)}: it is subtracted here, but should be added",
        )
        yield a, f"{said(b)} is missing"
        yield b, f"{said(a)} is missing"
    else:
        yield (
            binary(a, PLUS, b),
            f"the sign of {said(b)}: it is added here, but should be subtracted",
        )
        yield (
            binary(b, MINUS, a),
            f"the sign: {said(a)} and {said(b)} are exchanged in the difference",
        )
        yield a, f"- {said(b)} is missing"
        yield negated(b), f"{said(a)} is missing"
        yield b, f"{said(a)} is missing, and so is the minus sign"
        yield negated(binary(a, PLUS, b)), f"the sign of {said(a)} is wrong"
    yield (
        binary(a, TIMES, b),
        f"{said(a)} and {said(b)} are multiplied, not {'added' if plus else 'subtracted'}",
    )


def products(node: ast.expr) -> Iterator[Wrong]:
    """a * b and a / b: a factor left out, twice, divided by, or the wrong kind of product."""
    if not isinstance(node, ast.BinOp):
        return
    a, b = node.left, node.right
    if isinstance(node.op, ast.Mult):
        yield a, f"the factor {said(b)} is missing"
        yield b, f"the factor {said(a)} is missing"
        yield binary(a, TIMES, binary(b, TIMES, b)), f"the factor {said(b)} stands twice"
        yield binary(binary(a, TIMES, a), TIMES, b), f"the factor {said(a)} stands twice"
        yield binary(a, OVER, b), f"it is divided by {said(b)}, not multiplied"
        yield binary(b, OVER, a), f"it is divided by {said(a)}, not multiplied"
        yield binary(a, PLUS, b), f"{said(a)} and {said(b)} are added, not multiplied"
        yield (
            binary(a, MATRIX, b),
            "the matrix product @ is used instead of the product entry by entry, *",
        )
        yield (
            parsed("np.outer(a, b)", a=a, b=b),
            "np.outer is used instead of the product entry by entry, *",
        )
        if isinstance(b, ast.Name):
            yield (
                parsed("a * (b * (1 - b))", a=a, b=b),
                f"{b.id} (1 - {b.id}) is used where {b.id} should be: a slope is formed once more",
            )
            yield (
                parsed("a * (b ** 2).sum()", a=a, b=b),
                f"the sum of the squares of {b.id} is used where {b.id} should be: the function, "
                "not its derivative",
            )
    elif isinstance(node.op, ast.Div):
        yield a, f"the division by {said(b)} is missing"
        yield b, f"this is {said(b)} alone; {said(a)} should be divided by it"
        yield binary(a, TIMES, b), f"it is multiplied by {said(b)}, not divided"
        yield binary(binary(a, OVER, b), OVER, b), f"it is divided by {said(b)} twice"
        yield binary(b, OVER, a), "the fraction is turned over"
        yield binary(a, MINUS, b), f"{said(b)} is subtracted; it should divide"
        yield (
            parsed("a * np.log(b)", a=a, b=b),
            f"the logarithm of {said(b)} is used instead of its derivative, 1 / {said(b)}",
        )


def constants(node: ast.expr) -> Iterator[Wrong]:
    """c * a with another number for c."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div)):
        return
    for side in ("left", "right"):
        number = getattr(getattr(node, side), "value", None)
        if not isinstance(number, int | float):
            continue
        for other in (3, 4) if number == 2 else (2 * number,):
            wrong = ast.BinOp(node.left, node.op, node.right)
            setattr(wrong, side, ast.Constant(other))
            yield wrong, f"the number {other:g} is used where {number:g} should be"


def matrix_products(node: ast.expr) -> Iterator[Wrong]:
    """a @ b: a transpose added or dropped, factors exchanged, entry by entry."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)):
        return
    a, b = node.left, node.right
    turned = "the product is transposed: its factors are exchanged"
    yield binary(_turned(b), MATRIX, _turned(a)), turned
    yield binary(_turned(a), MATRIX, b), _about_transpose(a)
    yield binary(a, MATRIX, _turned(b)), _about_transpose(b)
    yield (
        binary(_turned(a), MATRIX, _turned(b)),
        f"the transposes: {_about_transpose(a)}, {_about_transpose(b)}",
    )
    yield binary(b, MATRIX, a), f"the factors are exchanged: {said(b)} stands before {said(a)}"
    yield (
        binary(_turned(b), MATRIX, a),
        f"the factors are exchanged: {said(b)}, transposed, stands first",
    )
    yield (
        binary(a, TIMES, b),
        "the product entry by entry, *, is used instead of the matrix product @",
    )
    yield (
        binary(b, TIMES, _turned(a)),
        "the product entry by entry, *, is used instead of the matrix product @",
    )
    yield parsed("np.outer(a, b)", a=a, b=b), "np.outer is used instead of the matrix product @"
    yield parsed("np.outer(b, a)", a=a, b=b), "np.outer is used instead of the matrix product @"
    yield a, f"the factor {said(b)} is missing"
    yield b, f"the factor {said(a)} is missing"
    for matrix, vector in ((a, b), (b, a)):
        yield (
            parsed("np.diag(a) * b", a=matrix, b=vector),
            f"only the diagonal of {said(matrix)} is used",
        )


def _turned(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _about_transpose(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return f"the transpose of {said(node.value)} is missing"
    return f"{said(node)} is transposed, but should not be"


def transposes(node: ast.expr) -> Iterator[Wrong]:
    """x.T outside of a product."""
    if isinstance(node, ast.Attribute) and node.attr == "T" and isinstance(node.ctx, ast.Load):
        yield node.value, _about_transpose(node)


def powers(node: ast.expr) -> Iterator[Wrong]:
    """a ** n: the power left out, twice in place of squared, another power."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)):
        return
    a, n = node.left, node.right
    square = isinstance(n, ast.Constant) and n.value == 2
    name = "the square" if square else f"the power {said(n)}"
    yield a, f"{name} of {said(a)} is missing"
    yield binary(n, TIMES, a), f"{said(a)} is multiplied by {said(n)}, not raised to that power"
    yield (
        binary(a, ast.Pow(), binary(n, PLUS, ast.Constant(1))),
        f"the power of {said(a)} is one too high",
    )
    if not square:
        yield (
            binary(a, ast.Pow(), binary(n, MINUS, ast.Constant(1))),
            f"the power of {said(a)} is one too low",
        )
    yield binary(n, ast.Pow(), a), "base and power are exchanged"
    if square:
        yield (
            parsed("np.abs(a)", a=a),
            f"the absolute value of {said(a)} is used instead of its square",
        )
        yield (
            parsed("np.sqrt(np.abs(a))", a=a),
            f"the root of {said(a)} is used instead of its square",
        )


def signs(node: ast.expr) -> Iterator[Wrong]:
    """-a."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if isinstance(node.operand, ast.Constant):
            return
        yield node.operand, f"the minus sign before {said(node.operand)} is missing"


def comparisons(node: ast.expr) -> Iterator[Wrong]:
    """> for >= and the other way round, the other direction, another threshold."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1):
        return
    signs_of = {
        ast.Gt: ">",
        ast.GtE: ">=",
        ast.Lt: "<",
        ast.LtE: "<=",
        ast.Eq: "==",
        ast.NotEq: "!=",
    }
    right = signs_of.get(type(node.ops[0]))
    others = {">": (">=", "<", "<="), ">=": (">", "<=", "<"), "<": ("<=", ">", ">="),
              "<=": ("<", ">=", ">"), "==": ("!=",), "!=": ("==",)}  # fmt: skip
    for sign in others.get(right or "", ()):
        what = f"{sign} is used where {said(node)} should be asked"
        if right in (">", ">=", "<", "<=") and sign.rstrip("=") == right.rstrip("="):
            what = (
                f"the case of equality falls on the wrong side: {sign} is used instead of {right}"
            )
        operator = next(kind for kind, text in signs_of.items() if text == sign)
        yield ast.Compare(node.left, [operator()], node.comparators), what
    limit = node.comparators[0]
    if isinstance(limit, ast.Constant) and limit.value == 0 and right not in ("==", "!="):
        for other in (0.5, 1, -1):
            yield (
                ast.Compare(node.left, node.ops, [ast.Constant(other)]),
                f"{said(node.left)} is compared with {other}, not with 0",
            )


def slopes(node: ast.expr) -> Iterator[Wrong]:
    """The slope of tanh, 1 - h ** 2, and of the logistic function, s * (1 - s)."""
    h = _tanh_slope(node)
    if h is not None:
        at = h.args[0] if isinstance(h, ast.Call) else h
        yield (
            binary(ast.Constant(1), MINUS, h),
            f"σ' is taken as 1 - {said(h)}: the square is missing",
        )
        yield (
            parsed("h * (1 - h)", h=h),
            f"σ' is taken as {said(h)} (1 - {said(h)}), the slope of the logistic function",
        )
        yield (
            parsed("1 - np.tanh(h) ** 2", h=h),
            "σ' is taken at h = tanh(s) where it should be taken at s: tanh stands twice in it"
            if isinstance(h, ast.Call)
            else f"σ' is taken at {said(h)} as if that were s: tanh stands twice in it",
        )
        yield (
            parsed("1 - at ** 2", at=at),
            f"σ' is taken as 1 - {said(at)} ** 2: the tanh is missing",
        )
        yield parsed("1 - np.tanh(at ** 2)", at=at), "the square stands inside tanh"
        yield (
            parsed("(1 - h) ** 2", h=h),
            f"σ' is taken as (1 - {said(h)}) ** 2: the square goes to {said(h)} alone",
        )
        yield (
            parsed("1 / (1 + np.exp(-at)) * (1 - 1 / (1 + np.exp(-at)))", at=at),
            "σ' is that of the logistic function; σ is tanh",
        )
        yield parsed("(h > 0) * 1.0", h=h), "σ' is that of ReLU; σ is tanh"
        yield h, "σ stands in the place of its slope σ'"
        yield ast.Constant(1.0), "the slope σ' is missing"
    found = _logistic_slope(node)
    if found is not None:
        before, s = found
        for text, what in _LOGISTIC_SLOPES:
            slope = parsed(text, s=s)
            yield (
                binary(before, TIMES, slope) if before else slope,
                what.format(said(s)),
            )


_LOGISTIC_SLOPES = (
    ("1 - s ** 2", "σ' is taken as 1 - {0} ** 2, the slope of tanh"),
    ("1 - s", "σ' is taken as 1 - {0}: the factor {0} is missing"),
    ("s ** 2 * (1 - s)", "σ' has {0} twice"),
    ("s * (1 - s ** 2)", "σ' is taken as {0} (1 - {0} ** 2)"),
    (
        "1 / (1 + np.exp(-s)) * (1 - 1 / (1 + np.exp(-s)))",
        "σ' is taken at {0}, which is σ(z) already: σ stands twice in it",
    ),
    ("1.0", "the slope σ' is missing"),
    ("s * (s - 1)", "the sign of the slope σ' is wrong"),
    ("s - 1", "σ' is taken as {0} - 1: the factor {0} is missing, and the sign is wrong"),
)


def _tanh_slope(node: ast.expr) -> ast.expr | None:
    """The h of `1 - h ** 2`."""
    match node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(h, ast.Pow(), ast.Constant())):
            return h
    return None


def _logistic_slope(node: ast.expr) -> tuple[ast.expr | None, ast.expr] | None:
    """(what stands before it, s) of `s * (1 - s)` and of `a * s * (1 - s)`."""
    match node:
        case ast.BinOp(s, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Sub(), other)):
            if ast.dump(other) == ast.dump(s):
                return None, s
            match s:
                case ast.BinOp(before, ast.Mult(), inner) if ast.dump(other) == ast.dump(inner):
                    return before, inner
    return None


EXPRESSIONS = (
    slopes, sums, products, constants, matrix_products, transposes, powers, signs, comparisons
)  # fmt: skip
