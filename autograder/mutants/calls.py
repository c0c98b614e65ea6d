"""How calls are misread: axes, means, exponentials, activations, loops."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutants.operators import Wrong, binary, negated, parsed, said

LOGISTIC = "1 / (1 + np.exp(-a))"


def _name(node: ast.expr) -> str:
    """What a call calls: "sum" of `x.sum(axis=0)`, `np.sum(x)` and `sum(x)`."""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute):
            return function.attr
        if isinstance(function, ast.Name):
            return function.id
    return ""


def _renamed(node: ast.Call, name: str) -> ast.Call:
    function = node.func
    assert isinstance(function, ast.Attribute)
    return ast.Call(ast.Attribute(function.value, name, ast.Load()), node.args, node.keywords)


def reductions(node: ast.expr) -> Iterator[Wrong]:
    """.sum(), .mean(), .max(): one for the other, another axis, no axis, keepdims lost."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    name = node.func.attr
    if name not in ("sum", "mean", "max", "min", "prod", "cumsum"):
        return
    words = {"sum": "a sum", "mean": "a mean", "max": "the largest", "prod": "a product"}
    for other in {"sum": ("mean", "max", "prod"), "mean": ("sum",), "max": ("sum", "mean", "min"),
                  "prod": ("sum",), "cumsum": ("cumprod",)}.get(name, ()):  # fmt: skip
        what = f"{words.get(other, other)} is used where {words.get(name, name)} should be"
        yield _renamed(node, other), what
    for keyword in node.keywords:
        rest = [one for one in node.keywords if one is not keyword]
        if keyword.arg == "axis":
            if isinstance(keyword.value, ast.Constant) and keyword.value.value in (0, 1):
                other_axis = ast.keyword("axis", ast.Constant(1 - keyword.value.value))
                yield (
                    ast.Call(node.func, node.args, [*rest, other_axis]),
                    f"the {name} goes over axis {1 - keyword.value.value}, not over axis {keyword.value.value}",
                )
            yield (
                ast.Call(node.func, node.args, rest),
                f"the {name} goes over all axes at once: it has no axis=...",
            )
        elif keyword.arg == "keepdims":
            yield ast.Call(node.func, node.args, rest), "keepdims=True is missing"
    if name == "mean" and (shape := _other_length(node)):
        yield (
            binary(_renamed(node, "sum"), ast.Div(), shape),
            "the sum is divided by the length of the other axis",
        )
    library = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
    inner = node.args[0] if library and node.args else node.func.value
    yield inner, f"the {name} is missing"


def _other_length(node: ast.Call) -> ast.expr | None:
    """The length of the axis that `x.mean(axis=0)` does not run over."""
    match node:
        case ast.Call(
            ast.Attribute(ast.Name() as array),
            [],
            [ast.keyword("axis", ast.Constant(0 | 1 as axis))],
        ):
            return parsed(f"a.shape[{1 - axis}]", a=array)
    return None


def whole_numbers(node: ast.expr) -> Iterator[Wrong]:
    """np.zeros(n) for whole numbers: what is put in loses all behind the point."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np"), "zeros" | "ones" | "zeros_like"), [_], []):
            kind = ast.keyword("dtype", ast.Name("int", ast.Load()))
            yield (
                ast.Call(node.func, node.args, [kind]),
                "an array of whole numbers (dtype int) loses what is behind the point: start from floats",
            )


_LEFT_OUT = {
    "exp": "the exponential is missing",
    "log": "the logarithm is missing",
    "tanh": "the nonlinearity tanh is missing",
    "sqrt": "the square root is missing",
    "sigma": "the nonlinearity σ is missing",
    "sigmoid": "the nonlinearity σ is missing",
    "square": "the square is missing",
    "cumsum": "the running sum is missing",
    "sorted": "it is not sorted",
    "reversed": "the order is reversed",
    "log1p": "log(1 + ...) is missing",
    "diag": "np.diag is missing",
    "maximum": "the nonlinearity max(., 0) is missing",
    "abs": "the absolute value is missing",
}
_NO_ARRAY = "sorted", "reversed", "diag"
_OTHERS = {
    "log": [("np.log2(a)", "log2 is used instead of the natural logarithm"),
            ("np.log10(a)", "log10 is used instead of the natural logarithm"),
            ("np.log1p(a)", "log(1 + .) is used instead of log(.)"),
            ("-np.log(a)", "the logarithm has the wrong sign"),
            ("1 / a", "the derivative of the logarithm is used instead of the logarithm")],
    "exp": [("np.exp(-a)", "the wrong sign stands inside exp"),
            ("np.exp2(a)", "2 ** . is used instead of exp(.)"),
            ("np.exp(a) ** 2", "exp is squared"),
            ("1 + np.exp(a)", "1 is added to exp")],
    "tanh": [(LOGISTIC, "the logistic function is used instead of tanh"),
             ("np.maximum(a, 0)", "ReLU is used instead of tanh"),
             ("np.tanh(-a)", "the wrong sign stands inside tanh"),
             ("np.tanh(np.tanh(a))", "tanh is applied twice"),
             ("1 - np.tanh(a) ** 2", "the slope σ' stands in the place of σ"),
             ("np.sin(a)", "sin is used instead of tanh")],
    "sqrt": [("a ** 2", "the square is used instead of the root"), ("np.cbrt(a)", "another root")],
    "sigma": [("sigma(sigma(a))", "σ is applied twice"), ("sigma(-a)", "the wrong sign stands inside σ")],
    "sigmoid": [("np.tanh(a)", "tanh is used instead of the logistic function"),
                ("np.maximum(a, 0)", "ReLU is used instead of the logistic function"),
                ("1 - " + LOGISTIC, "this is 1 - σ: the wrong sign stands inside σ"),
                (LOGISTIC.replace("a", "(" + LOGISTIC + ")"), "σ is applied twice")],
    "square": [("2 * a", "twice is used instead of the square")],
    "diag": [("np.eye(len(a))", "the identity is used instead of the diagonal matrix of the slopes")],
}  # fmt: skip


def functions(node: ast.expr) -> Iterator[Wrong]:
    """exp, log, tanh, sigma and the like: left out, or another one."""
    name = _name(node)
    if not isinstance(node, ast.Call) or not node.args or name not in {*_LEFT_OUT, *_OTHERS}:
        return
    argument = node.args[0]
    if name in _LEFT_OUT:
        alone = argument if name in _NO_ARRAY else ast.UnaryOp(ast.UAdd(), argument)  # a new array
        yield alone, f"{_LEFT_OUT[name]}: {said(argument)} stands alone"
    for text, what in _OTHERS.get(name, ()):
        yield parsed(text, a=argument), f"{what}, of {said(argument)}"
    if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add | ast.Sub):
        for inside, outside in (
            (argument.left, argument.right),
            (argument.right, argument.left),
        ):
            called = ast.Call(node.func, [inside], node.keywords)
            first, second = (called, outside) if inside is argument.left else (outside, called)
            yield (
                binary(first, argument.op, second),
                f"{name} is taken of {said(inside)} alone; {said(outside)} belongs inside, too",
            )


def two_arguments(node: ast.expr) -> Iterator[Wrong]:
    """Functions of two: np.outer, np.maximum, max, np.logaddexp, np.where, np.divide."""
    name = _name(node)
    if not isinstance(node, ast.Call) or len(node.args) < 2:
        return
    a, b, *rest = node.args
    if name == "where" and rest:
        yield ast.Call(node.func, [a, rest[0], b], node.keywords), "the two cases are exchanged"
        asked = said(a, 25)
        yield b, f"this is {said(b)} everywhere; that is right only where {asked}"
        yield rest[0], f"this is {said(rest[0])} everywhere; that is wrong where {asked}"
        return
    if name in ("outer", "subtract", "divide", "power"):
        kind = (
            "the outer product is transposed: its factors are exchanged"
            if name == "outer"
            else "the operands are exchanged"
        )
        yield ast.Call(node.func, [b, a, *rest], node.keywords), kind
    if name == "outer":
        yield (
            binary(a, ast.Mult(), b),
            "the product entry by entry is used instead of the outer product",
        )
        yield (
            parsed("np.outer(a, a)", a=a),
            f"{said(a)} is used instead of {said(b)} in the outer product",
        )
        yield (
            parsed("np.outer(b, b)", b=b),
            f"{said(b)} is used instead of {said(a)} in the outer product",
        )
        yield parsed("-np.outer(a, b)", a=a, b=b), "the sign of the outer product is wrong"
    if name in ("max", "maximum", "min", "minimum"):
        other = {"max": "min", "maximum": "np.minimum", "min": "max", "minimum": "np.maximum"}[name]
        yield (
            parsed(f"{other}(a, b)", a=a, b=b),
            f"the {'smaller' if 'max' in name else 'larger'} of {said(a)} and {said(b)} is taken",
        )
        yield (
            a,
            f"{said(a)} is taken whether it is the {'larger' if 'max' in name else 'smaller'} or not",
        )
        yield (
            b,
            f"{said(b)} is taken whether it is the {'larger' if 'max' in name else 'smaller'} or not",
        )
        yield parsed("np.abs(a)", a=a), f"the absolute value of {said(a)} is taken"
        yield binary(a, ast.Add(), b), f"{said(a)} and {said(b)} are added"
        yield (
            parsed("(a > b) * 1.0", a=a, b=b),
            "this is the slope, 0 or 1, in the place of the larger",
        )
        yield parsed("np.logaddexp(a, b)", a=a, b=b), "softplus is used instead of ReLU"
    if name == "logaddexp":
        for text, what in (
            ("np.logaddexp(a, -b)", f"the sign of {said(b)} is wrong"),
            ("np.log(1 - np.exp(-np.abs(b)))", "1 - exp is used instead of 1 + exp"),
            ("np.log(np.exp(b))", "the 1 in log(1 + exp) is missing"),
            ("np.maximum(a, b)", "the larger is used instead of log(1 + exp)"),
        ):
            yield parsed(text, a=a, b=b), what
    if name in ("outer", "logaddexp", "zip", "range") or isinstance(node.func, ast.Name):
        yield (
            ast.Call(node.func, [b, a, *rest], node.keywords),
            f"{said(a)} and {said(b)} are exchanged",
        )


def loops(node: ast.expr) -> Iterator[Wrong]:
    """range, reversed, zip, len, permutation, sum over a generator."""
    name = _name(node)
    if not isinstance(node, ast.Call) or not node.args:
        return
    first = node.args[0]
    if name == "range":
        last = node.args[min(1, len(node.args) - 1)]
        place = node.args.index(last)
        for step, what in (
            (ast.Sub(), "it stops one too early"),
            (ast.Add(), "it goes one too far"),
        ):
            moved = list(node.args)
            moved[place] = binary(last, step, ast.Constant(1))
            yield ast.Call(node.func, moved, []), f"{what}: range(...) ends at {said(moved[place])}"
        if len(node.args) == 1:
            yield (
                ast.Call(node.func, [ast.Constant(1), first], []),
                "the first one is left out: range starts at 1",
            )
            yield parsed("reversed(range(a))", a=first), "the order is reversed"
    elif name == "len" and not node.keywords:
        for text, what in (
            ("(len(a) - 1)", "{0} is taken one too small"),
            ("(len(a) + 1)", "{0} is taken one too large"),
            ("a.shape[1]", "the length of the other axis is used where {0} should be"),
            ("a.size", "the number of all entries is used where {0} should be"),
            ("1", "{0} is missing"),
        ):
            yield parsed(text, a=first), what.format(f"len({said(first)})")
    elif name in ("permutation", "shuffle"):
        yield parsed("np.arange(a)", a=first), "the order is not drawn: it is 0, 1, 2, ..."
        yield (
            ast.Call(_integers(node), [first], [ast.keyword("size", first)]),
            "it is drawn with repetition, not as a permutation",
        )
    elif name == "sorted":
        yield parsed("sorted(a, reverse=True)", a=first), "the order is reversed"
    elif name == "sum" and isinstance(node.func, ast.Name):
        yield parsed("np.mean(list(a))", a=first), "a mean is used where a sum should be"
        yield parsed("max(list(a))", a=first), "the largest is used where the sum should be"
        yield parsed("list(a)[0]", a=first), "only the first term of the sum is there"
        yield parsed("list(a)[-1]", a=first), "only the last term of the sum is there"
        yield parsed("sum(list(a)[:-1])", a=first), "the last term of the sum is missing"


def _integers(node: ast.Call) -> ast.expr:
    assert isinstance(node.func, ast.Attribute)
    return ast.Attribute(node.func.value, "integers", ast.Load())


_NO_SIGN = frozenset(
    [
        "len",
        "range",
        "sorted",
        "reversed",
        "list",
        "dict",
        "zip",
        "sum",
        "next",
        "tuple",
        "isinstance",
        "enumerate",
        "float",
        "int",
    ]
)


def arguments(node: ast.expr) -> Iterator[Wrong]:
    """f(a): the sign inside."""
    match node:
        case ast.Call(ast.Name(id=name), [argument]) if name not in _NO_SIGN:
            yield (
                ast.Call(node.func, [negated(argument)], []),
                f"the wrong sign stands inside {name}(...)",
            )
            if name not in {*_LEFT_OUT, *_OTHERS}:
                yield argument, f"{name} is missing: {said(argument)} stands alone"
                for text, what in (("np.tanh(a)", "tanh"), ("np.maximum(a, 0)", "ReLU")):
                    yield parsed(text, a=argument), f"{what} is used instead of {name}"


CALLS = (reductions, whole_numbers, functions, two_arguments, loops, arguments)
