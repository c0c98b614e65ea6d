"""What the later held-out banks have in common: edits of a model's text, and how they are judged.

A model is a function of a generator that returns its loss, its gradient, a point, the constants and
the alternatives for ``check_gradient``. A mistake is an edit of the model's text and a regular
expression for the cause that must be named.
"""

import copy
import inspect
import re
from types import ModuleType
from typing import NamedTuple

import numpy as np

from mlpkit.gradcheck import check_gradient

SIGN = r"\bsign\b|times -1\b"
OVER_N = r"(divided by|over|/) ?N\b|times 1 ?/ ?N\b|mean where"
TIMES_N = r"times N\b|1 ?/ ?N.*(missing|left out|forgotten)|sum where"
TWICE = r"times 2\b|doubled|factor (of )?2\b"
HALF = r"divided by 2\b|times 1 ?/ ?2|times 0\.5\b|\bhalf\b|factor (of )?2\b.*(missing|left out)"
TRANSPOSE = r"transpose"
SHAPE = r"shape|transpose"
LEFT_OUT = r"(sigma'|tanh'|derivative|relu').*(left out|missing|forgotten|not multiplied)"
_TAKEN = r"(sigma'|derivative).*(taken|evaluated|applied|computed)?.*\b(at|to|of|from|with)\b "
AT_ACTIVATION = _TAKEN + r"(the |its |their )?(activation|y?h(at)?\b|output|sigma\(|sigma of)"
AT_PRE_ACTIVATION = (
    _TAKEN + r"(the |its |their )?(pre-activation|a\b|z\b|sum|score)"
    r"|is s \(1 - s\)|is 1 - s\^2"
)
NO_LAMBDA = (
    r"(lambda|penalty|decay).*(missing|left out|lacks|forgotten|too little)"
    r"|(missing|lacks|without|misses) .*(lambda|penalty)"
)
LAMBDA_TWICE = r"lambda.*(too much|twice|doubled)|(2|twice|two) .*lambda"
LAMBDA_BIAS = r"lambda [bc]\d?\b.*too much|penalis|bias.*penal"
LAMBDA_N = r"lambda.*\bN\b|\bN\b.*(lambda|penalty)"
LAMBDA_HALF = r"lambda.*(half|/ ?2|0\.5|divided by 2)|half .*(lambda|penalty)"
LAMBDA_SIGN = r"lambda.*sign|sign.*(lambda|penalty)|2 lambda|lambda.*(-1|minus|twice|subtract)"
ORDER = (
    r"(row|column|entr|class|order)\w*.*(exchang|swap|order|permut|revers|shift|moved|roll)"
    r"|(exchang|swap|order|permut|revers|shift|roll).*(row|column|entr|axis)"
)
ONE_HOT = r"one-hot|off by one|class(es)? .*(shift|number|from)|label|counted from"
NO_TARGET = r"one-hot|target|label|\by\b"
ZERO = r"\bzero\b|never (written|added)"
EXCHANGED = r"exchang|swap|instead of|in place of|belongs to|right (one of|dL)|of dL/d|also return"
CHANGED = r"chang(es|ed)|in place"
RANDOM = r"random|differ|same point|twice|two calls|second call|again|repeat|call"
DIGITS = r"float32|digits|float64"
WHOLE = r"\bint|whole number|dtype"
BIAS = r"bias"
NONE = r"(?!)"  # no cause may be named


class Mistake(NamedTuple):
    """``unnamed``: right too if no cause is named, and the parameters that differ are reported."""

    model: str
    name: str
    edits: tuple[tuple[str, str], ...]
    says: str
    unnamed: bool
    where: str


def edit(name, *texts, says=NONE, unnamed=None, where=""):
    """``texts``: old, new, old, new ... in the model's text."""
    pairs = tuple(zip(texts[::2], texts[1::2], strict=True))
    return name, pairs, says, (says == NONE if unnamed is None else unnamed), where


def bank(**lists):
    """The mistakes of each model as one list."""
    return [Mistake(model, *mistake) for model, mistakes in lists.items() for mistake in mistakes]


def problem(models: ModuleType, mistake: Mistake, seed=3):
    """The model with its text edited: loss, gradient, params, constants, alternatives."""
    text = inspect.getsource(getattr(models, mistake.model))
    for old, new in mistake.edits:
        assert text.count(old) == 1, f"{mistake}: {old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    names = dict(vars(models), CACHE={})
    exec(text, names)
    return names[mistake.model](np.random.default_rng(seed))


def judge(models: ModuleType, mistake: Mistake) -> tuple[str, str]:
    """("right", "wrong" or "unnamed", what was said). A place alone is no cause."""
    loss, gradient, params, constants, alternatives = problem(models, mistake)
    try:
        report = check_gradient(
            loss, gradient, params, constants=constants, alternatives=alternatives
        )
    except (TypeError, ValueError) as error:
        return _matches(mistake, str(error))
    if not report.findings:
        return _matches(mistake, f"{report.verdict}: {report.reason} {' '.join(report.notes)}")
    said = "; ".join(f"{f.parameter} [{f.where}]: {f.cause}" for f in report.findings)
    causes = [f.cause for f in report.findings if f.cause and f.cause != "the rest is right"]
    if not all(re.search(mistake.says, cause, re.I) for cause in causes):
        return "wrong", said
    is_placed = any(re.search(mistake.where, f.where) for f in report.findings)
    differ = differing(models, mistake)
    if not is_placed or differ and differ != {f.parameter for f in report.findings}:
        return "unnamed", "in the wrong place: " + said
    return ("right" if causes or mistake.unnamed else "unnamed"), said


def _matches(mistake: Mistake, said: str) -> tuple[str, str]:
    return ("right" if re.search(mistake.says, said, re.I) else "unnamed"), said


def differing(models: ModuleType, mistake: Mistake) -> set[str]:
    """The names in a dict whose gradients, or which themselves, the edit changes; none where that
    cannot be told."""
    _, gradient, params, *_ = problem(models, mistake)
    _, right, *_ = problem(models, mistake._replace(edits=()))
    if not isinstance(params, dict):
        return set()
    given = copy.deepcopy(params)
    yours, right = gradient(given), right(params)
    if any(np.shape(yours[name]) != np.shape(right[name]) for name in params):
        return set()
    return {
        name
        for name, array in params.items()
        if not np.allclose(yours[name], right[name], 1e-9, 0)
        or not np.array_equal(array, given[name])
    }
