"""The check from beginning to end: hygiene, engine, screen, kinks, place, cause, verdict."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mlpkit.gradcheck.causes import Causes
from mlpkit.gradcheck.engine import Engine, LossError
from mlpkit.gradcheck.failures import Failures
from mlpkit.gradcheck.figures import Drawing
from mlpkit.gradcheck.hygiene import Gradient, compare_losses, measure_loss
from mlpkit.gradcheck.report import GradientError, GradientReport
from mlpkit.gradcheck.screen import Screen
from mlpkit.gradcheck.tree import flatten
from mlpkit.gradcheck.verdict import Writer


def check_gradient(
    loss: Callable[[Any], float],
    gradient: Callable[[Any], Any],
    params: Any,
    *,
    names: str | Sequence[str] | None = None,
    symbol: str = "dL/d{}",
    constants: Mapping[str, float] | None = None,
    alternatives: Mapping[str, Any] | None = None,
    watch: Mapping[str, np.ndarray] | None = None,
    seed: int = 0,
) -> GradientReport:
    """Compare ``gradient(params)`` with the slopes of ``loss(params)``.

    Parameters
    ----------
    loss : function of params that returns one number (or a pair of which it is the first).
    gradient : function of params that returns arrays of the same shapes in the same nesting, or a
        pair (loss, gradient).
    params : dict of float arrays, one array, one number, or lists and tuples of these, such as
        ``[(W1, b1), (W2, b2)]``.
    names : names for the arrays of ``params``, in order; by default the keys of the dict.
    symbol : how a gradient is written, with ``{}`` for the name.
    constants : numbers of the problem by symbol, ``{"N": 100, "lambda": 0.1}``, for the diagnosis.
    alternatives : known wrong gradients by the sentence that each explains; functions of params,
        or arrays in the nesting of params: ``{"sigma' is left out": wrong_gradient}``. For the
        networks of this course ``known_mistakes`` makes them.
    watch : further arrays, such as ``{"X": X}``, that the gradient must leave unchanged.
    seed : of the random directions.

    Raises TypeError or ValueError for params that cannot be differentiated by. Exceptions of
    ``loss`` and ``gradient`` pass through.
    """
    tree = flatten(params, names)
    engine, watched = Engine(loss, tree), Gradient(gradient, tree, watch or {})
    writer = Writer(engine, watched, symbol)
    try:
        measure_loss(engine)
    except LossError as error:
        return writer.report("inconclusive", str(error))
    reading = watched.inspect()
    compare_losses(reading, engine)
    values = {name: np.array(g, dtype=float) for name, g in reading.arrays.items()}
    if tree.is_low_precision and values:
        values = watched.at(engine.point)  # the formula, apart from the caller's digits
    if watched.unsteady:
        return writer.report("wrong", watched.unsteady)
    if not values:
        return writer.conclude([])
    screen = Screen(engine, values, np.random.default_rng(seed))
    engine.choose_method(screen.relative_direction())
    failures = Failures(screen, watched)
    failed = failures.find()
    writer.kinks, writer.bound = failures.kinks, failures.bound
    causes = Causes(failures.screen, watched, constants, alternatives)
    findings = [causes.explain(failure) for failure in failed]
    return writer.conclude(findings, Drawing(failures.screen))


def assert_gradient(*args: Any, **options: Any) -> GradientReport:
    """``check_gradient`` that raises GradientError, with the report as text, unless it is right.

    A gradient as precise as float32 allows passes if the parameters were given in float32.
    """
    report = check_gradient(*args, **options)
    if not report.ok:
        raise GradientError(report)
    return report
