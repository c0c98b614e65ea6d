"""Mistakes in the gradient lambda W of a penalty: what a and b in right = a yours + b W say."""

import numpy as np

from mlpkit.gradcheck.case import Case
from mlpkit.gradcheck.constants import Names

PENALTIES = ("lambda", "lam", "alpha", "l2", "reg", "weight_decay", "λ", "α")
NEGLIGIBLE = 1e-7


def penalised(case: Case) -> str | None:
    """The sentence for a multiple of the parameter that is missing or too much."""
    theta = case.parameter
    if theta is None or not np.any(theta):
        return None
    if np.array_equal(case.yours, theta):
        return f"yours is {case.name} itself"
    fit = case.fit(case.yours, theta)
    if fit is None:
        return None
    a, b = (float(c) for c in fit)
    penalty = _penalty(case.names)
    if abs(a - 1) <= NEGLIGIBLE:
        return _only_penalty(case, b, penalty)
    return _data_and_penalty(case, a, b, penalty)


def _penalty(names: Names) -> tuple[str, float] | None:
    """The penalty's constant, by its usual names; else the only one that is no whole number."""
    for name in PENALTIES:
        if names.constants.get(name):
            return name, names.constants[name]
    fractions = [(n, v) for n, v in names.constants.items() if v and v != round(v)]
    return fractions[0] if len(fractions) == 1 else None


def _only_penalty(case: Case, b: float, penalty: tuple[str, float] | None) -> str:
    """right = yours + b W."""
    theta, is_bias = case.name, case.yours.ndim < 2
    missing = f"yours lacks {case.names.show(b)} {theta}"
    if penalty is None:
        if b > 0:
            return f"{missing}: the derivative of the penalty"
        return f"yours has {case.names.show(-b)} {theta} too much: a penalty counted twice, or one \
that the loss does not have"
    name, value = penalty
    if _same(b, value):
        return f"{missing}: the derivative of the penalty is missing"
    if _same(b, -value) and is_bias:
        return f"yours has {name} {theta} too much: the loss does not penalise {theta}"
    if _same(b, -value):
        return f"yours has {name} {theta} too much: the penalty is counted twice, or the loss does \
not penalise {theta}"
    if is_bias and b < 0:
        return (
            f"yours has {case.names.show(-b)} {theta} too much: the loss does not penalise {theta}"
        )
    held = value - b  # what yours has where it should have ``value``
    text = case.names.show(held)
    if _same(held, -value):
        return (
            f"yours has the penalty with the wrong sign: -{name} {theta} instead of {name} {theta}"
        )
    return f"yours has the penalty's derivative as {text} {theta} instead of {name} {theta}"


def _data_and_penalty(case: Case, a: float, b: float, penalty: tuple[str, float] | None) -> str:
    """right = a yours + b W: the part of the data is off by 1/a, the penalty by what is left."""
    if _same(b, -a):
        step = case.names.show(-1 / a)
        return f"yours is {case.name} - {step} times the gradient: the parameter after a step"
    theta, factor = case.name, case.names.factor(1 / a).removeprefix("yours is ")
    if penalty is not None:
        name, value = penalty
        held = (value - b) / a  # coefficient of W in yours
        if abs(held) <= NEGLIGIBLE * abs(value):
            return f"apart from the penalty, yours is {factor}; and {name} {theta} is missing"
        if _same(held, value):
            return f"apart from the penalty, yours is {factor}; its {name} {theta} is right"
        if case.names.find(held):
            return f"apart from the penalty, yours is {factor}; and the penalty's derivative is \
{case.names.show(held)} {theta} instead of {name} {theta}"
    return f"the right one is {a:.6g} yours + {b:.6g} {theta}"


def _same(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-6 * abs(y)
