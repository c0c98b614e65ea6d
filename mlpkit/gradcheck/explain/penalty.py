"""Mistakes in the gradient lambda W of a penalty: what a and b in right = a yours + b W say.

The right penalty may be lambda/2 |W|^2 or that over N, or without its 1/2: which one cannot be
told from b alone. A sentence names the pair of a right and a wrong multiple of W that b fits.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from mlpkit.gradcheck.explain.constants import COUNTS, Names
from mlpkit.gradcheck.explain.mismatch import FITTED, Mismatch

PENALTIES = ("lambda", "lam", "alpha", "l2", "reg", "weight_decay", "λ", "α")
SCATTER = 8  # a coefficient is known to so many times what the fit leaves unexplained

ROUNDING = 1e-9  # of the right values, relative
CLEAR = 1e3  # times what rounding leaves of it: a multiple that is no rounding itself
ENOUGH = 3  # entries that speak for a multiple which is none of the problem's

Multiple = tuple[str, float]  # of the parameter: "lambda/N", 0.02


def penalised(mismatch: Mismatch) -> str | None:
    """The sentence for a multiple of the parameter that is missing or too much."""
    theta = mismatch.parameter
    if theta is None or not np.any(theta):
        return None
    if np.array_equal(mismatch.yours, theta):
        return f"yours is {mismatch.name} itself"
    for column, but in _covered(theta, mismatch.right is None):
        found = _penalised(mismatch, column)
        if found:
            return found + but
    return None


def _covered(theta: np.ndarray, is_large: bool) -> Iterator[tuple[np.ndarray, str]]:
    """The parameter; of a large one also without an intercept that may stand in it first or last.
    Of a small one every entry is known, and which of them are wrong."""
    yield theta, ""
    for axis, word in enumerate(("row", "column") if theta.ndim == 2 else ("entry",)):
        for line in (0, theta.shape[axis] - 1) if is_large and theta.ndim < 3 else ():
            rest = theta.copy()
            np.moveaxis(rest, axis, 0)[line] = 0
            yield rest, f"; {word} {line} is right without"


def _penalised(mismatch: Mismatch, theta: np.ndarray) -> str | None:
    fit = mismatch.fit(mismatch.yours, theta)
    if fit is None:
        return None
    a, b = (float(c) for c in fit)
    yours, column = mismatch.measure(mismatch.yours), mismatch.measure(theta)
    if abs(a) * np.linalg.norm(yours) <= FITTED * np.linalg.norm(mismatch.target):
        return None  # the right one is a multiple of W; of yours that says nothing
    left = SCATTER * float(np.linalg.norm(a * yours + b * column - mismatch.target))
    multiples = _multiples(mismatch.names)
    if abs(a - 1) <= max(FITTED, left / float(np.linalg.norm(yours))):
        b = float(column @ (mismatch.target - yours) / (column @ column))
        return _only_penalty(mismatch, b, multiples, left / float(np.linalg.norm(column)))
    return _data_and_penalty(mismatch, a, b, multiples)


def _multiples(names: Names) -> list[Multiple]:
    """Multiples of the parameter that the right gradient may hold, the likeliest first."""
    penalty = _penalty(names)
    if penalty is None:
        return []
    name, value = penalty
    counts = [(n, v) for n, v in names.constants.items() if n in COUNTS and v > 1]
    once = [(name, value), *((f"{name}/{n}", value / v) for n, v in counts)]
    return once + [(f"2 {text}", 2 * v) for text, v in once]


def _penalty(names: Names) -> Multiple | None:
    """The penalty's constant, by its usual names; else the only one that is no whole number."""
    for name in PENALTIES:
        if names.constants.get(name):
            return name, names.constants[name]
    fractions = [(n, v) for n, v in names.constants.items() if v and v != round(v)]
    return fractions[0] if len(fractions) == 1 else None


def _only_penalty(mismatch: Mismatch, b: float, multiples: Sequence[Multiple], blur: float) -> str:
    """right = yours + b W, where b is known to ``blur``."""
    theta = mismatch.name
    for text, value in multiples:
        is_double = text.startswith("2 ")
        if _same(b, value, blur):
            half = "" if is_double else f" (half of it, if it is 2 {text} {theta})"
            return f"yours lacks {text} {theta}: the derivative of the penalty is missing{half}"
        if _same(b, -value, blur):
            return f"yours has {text} {theta} too much: {_too_much(mismatch)}"
        if _same(b, 2 * value, blur):
            sign = f"has the wrong sign: -{text} {theta} instead of {text} {theta}"
            if is_double:
                return f"yours has the penalty's derivative, but it {sign}"
            return f"yours lacks 2 {text} {theta}: the derivative of the penalty is missing, or \
{sign}"
    for text, value in multiples:
        held = value - b  # what yours has where it should have ``value``
        wrong = _multiple_of(mismatch.names, held, (text, value), multiples, blur)
        if wrong:
            return f"yours has the penalty's derivative as {wrong} {theta} instead of {text} \
{theta}"
    known = mismatch.names.find(abs(b)) or (f"{abs(b):.6g}" if _is_round(abs(b)) else None)
    if known is None:  # the fit is exact, but of a penalty nothing is known
        return f"yours {'lacks' if b > 0 else 'has'} {abs(b):.6g} {theta}{' too much' * (b < 0)}"
    if b > 0:
        return f"yours lacks {known} {theta}: the derivative of a penalty?"
    return f"yours has {known} {theta} too much: a penalty counted twice, or one that the loss \
does not have?"


def penalised_alone(some: Mismatch) -> str | None:
    """The same for a few entries, of which both values are known."""
    theta, right = some.parameter, some.right
    if theta is None or right is None or not np.all(theta):
        return None
    multiples = (right - some.yours) / theta
    b, blur = float(multiples[0]), ROUNDING * float(np.max(np.abs(right / theta)))
    if np.ptp(multiples) > max(FITTED * abs(b), blur) or CLEAR * blur > abs(b):
        return None
    known = [sign * value for _, value in _multiples(some.names) for sign in (-1, 1)]
    if theta.size < ENOUGH and not any(_same(b, value, blur) for value in known):
        return None
    return _only_penalty(some, b, _multiples(some.names), blur)


def l1_penalised(mismatch: Mismatch) -> str | None:
    """The message for a multiple of sign(W) that is missing, too much, or there instead of W."""
    theta = mismatch.parameter
    if theta is None or not (np.any(theta > 0) and np.any(theta < 0)):
        return None
    sign, name = np.sign(theta), mismatch.name
    both = mismatch.fit(mismatch.yours, theta, sign)
    if both is not None and _same(both[0], 1) and _is_exchange(both[1], -both[2]):
        size, other = (mismatch.names.show(abs(float(b))) for b in both[1:])
        l1, l2 = f"{other} sign({name}), of an L1 penalty", f"{size} {name}, of an L2 one"
        if both[1] > 0:
            return f"yours has {l1}, where the right one has {l2}"
        return f"yours has {l2}, where the right one has {l1}"
    one = mismatch.fit(mismatch.yours, sign)
    if one is None or not _same(one[0], 1):
        return None
    constants = mismatch.names.constants.items()
    for text, value in constants:
        if _same(one[1], value):
            return f"yours lacks {text} sign({name}): the derivative of the L1 penalty is missing"
        if _same(one[1], -value):
            return f"yours has {text} sign({name}) too much: the L1 penalty is counted twice, or \
the loss has none"
        if _same(one[1], 2 * value):
            return f"yours has {text} sign({name}), the L1 penalty's derivative, with the wrong \
sign"
    shown = mismatch.names.show(abs(float(one[1])))
    if not _is_round(abs(float(one[1]))):
        return None
    if one[1] > 0:
        return f"yours lacks {shown} sign({name}): the derivative of an L1 penalty?"
    return f"yours has {shown} sign({name}) too much: an L1 penalty counted twice, or one that the \
loss does not have?"


def _is_exchange(lacks: float, has: float) -> bool:
    """Whether one of two penalties stands for the other: lambda for lambda, or for 2 lambda."""
    return any(_same(lacks, factor * has, FITTED) for factor in (1, 2, 1 / 2))


def _too_much(mismatch: Mismatch) -> str:
    """Counted twice or not meant at all: the gradient is the same, the name has to tell."""
    name = mismatch.name
    if mismatch.yours.ndim < 2 and (name[:1] in "bc" or "intercept" in name):
        return f"the loss does not penalise {name} (or the penalty is counted twice)"
    return f"the penalty is counted twice (or the loss does not penalise {name})"


def _multiple_of(
    names: Names, held: float, of: Multiple, multiples: Sequence[Multiple], blur: float
) -> str | None:
    """``held`` as another multiple, or as the right one times or over 2 or N: "lambda/2"."""
    if _same(held, 1, blur):
        return "1"
    for text, value in multiples:
        if _same(held, value, blur):
            return text
    plain = [("2", 2.0), *((n, v) for n, v in names.constants.items() if n in COUNTS and v > 1)]
    for name, value in plain:
        if _same(held, of[1] / value, blur):
            return f"{of[0]}/{name}" if "/" not in of[0] else f"1/{name} {of[0]}"
        if _same(held, of[1] * value, blur):
            return f"{name} {of[0]}"
    return None


def _data_and_penalty(mismatch: Mismatch, a: float, b: float, multiples: Sequence[Multiple]) -> str:
    """right = a yours + b W: the part of the data is off by 1/a, the penalty by what is left."""
    if _same(b, -a):
        step = mismatch.names.show(-1 / a)
        return f"yours is {mismatch.name} - {step} times the gradient: the parameter after a step"
    theta, factor = mismatch.name, mismatch.names.factor(1 / a).removeprefix("yours is ")
    apart = f"apart from the penalty, yours is {factor}"
    for text, value in multiples:
        held = (value - b) / a  # coefficient of W in yours
        if abs(held) <= FITTED * abs(value):
            return f"{apart}; and {text} {theta} is missing"
        if _same(held, value):
            return f"{apart}; its {text} {theta} is right"
    for text, value in multiples:
        wrong = _multiple_of(mismatch.names, (value - b) / a, (text, value), multiples, 0.0)
        if wrong:
            return f"{apart}; and the penalty's derivative is {wrong} {theta} instead of \
{text} {theta}"
    return f"the right one is {a:.6g} yours {'-' if b < 0 else '+'} {abs(b):.6g} {theta}"


def _is_round(number: float) -> bool:
    """Whether somebody may have typed it: at most two digits."""
    return abs(number - float(f"{number:.1e}")) <= FITTED * number


def _same(x: float, y: float, blur: float = 0.0) -> bool:
    return abs(x - y) <= max(1e-6 * abs(y), min(blur, 1e-3 * abs(y)))
