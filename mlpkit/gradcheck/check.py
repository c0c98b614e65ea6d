"""The check itself: hygiene, engine, screen, kinks, place, diagnosis, verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpkit.gradcheck.engine import UNIT, Engine, LossError
from mlpkit.gradcheck.hygiene import Gradient, measure_loss
from mlpkit.gradcheck.kinks import brackets, is_kink, neighbour
from mlpkit.gradcheck.localise import Locator, Place
from mlpkit.gradcheck.report import Entry, Finding, GradientError, GradientReport
from mlpkit.gradcheck.screen import FLOORS, Residual, Screen
from mlpkit.gradcheck.tree import Point, flatten

CERTAIN = 1e-6  # a bound worse than this shows nothing
FLOAT32 = 1e-5  # a mismatch in every entry below this looks like float32
SHOWN = 3  # entries whose right value is read off


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
    alternatives : known wrong gradients by the sentence that each would explain; functions of
        params, or arrays in the nesting of params: ``{"sigma' is left out": wrong_gradient}``.
    watch : further arrays, such as ``{"X": X}``, that the gradient must leave unchanged.
    seed : of the random directions.

    Raises TypeError or ValueError for params that cannot be differentiated by. Exceptions of
    ``loss`` and ``gradient`` pass through.
    """
    tree = flatten(params, names)
    check = _Check(Engine(loss, tree), Gradient(gradient, tree, watch or {}), symbol, seed)
    check.context = (constants, alternatives)
    return check.run()


def assert_gradient(*args: Any, **options: Any) -> GradientReport:
    """``check_gradient`` that raises GradientError, with the report as text, unless it is right.

    A gradient as precise as float32 allows passes if the parameters were given in float32.
    """
    report = check_gradient(*args, **options)
    if not report.ok:
        raise GradientError(report)
    return report


@dataclass
class _Failure:
    """One parameter whose residual is not zero, along ``direction``."""

    name: str
    direction: np.ndarray
    residual: Residual


class _Check:
    def __init__(self, engine: Engine, gradient: Gradient, symbol: str, seed: int) -> None:
        self.engine, self.gradient, self.symbol = engine, gradient, symbol
        self.rng = np.random.default_rng(seed)
        self.kinks: tuple[str, ...] = ()
        self.bound = 0.0

    def run(self) -> GradientReport:
        try:
            measure_loss(self.engine)
        except LossError as error:
            return self.report("inconclusive", str(error))
        reading = self.gradient.inspect()
        if not reading.arrays:
            return self.conclude([])
        values = {name: np.array(g, dtype=float) for name, g in reading.arrays.items()}
        if self.engine.tree.is_low_precision:
            values = self.gradient.at(self.engine.point)
        self.screen = Screen(self.engine, values, self.rng)
        self.engine.choose_method(self.screen.relative_direction())
        failures = self.failures()
        return self.conclude([self.find(failure) for failure in failures])

    def failures(self) -> list[_Failure]:
        """Parameters on which the gradient and the loss disagree, kinks and noise set aside."""
        failed = self.pass_over(FLOORS[0])
        if failed:
            failed = self.without_kinks(failed)
        if not failed:
            failed = self.pass_over(FLOORS[1])
        return failed

    def pass_over(self, floor: float) -> list[_Failure]:
        failed: dict[str, _Failure] = {}
        for part in self.screen.parts(floor):
            residual = self.screen.residual(part)
            if not residual.is_zero:
                residual = self.calibrate(part, residual)
            if residual.is_zero:
                self.bound = max(self.bound, residual.tolerance / min(1.0, residual.weight or 1.0))
                continue
            for name, d in part.items():
                own = residual if len(part) == 1 else self.screen.residual({name: d})
                if own.is_zero:
                    continue
                failed[name] = _join(failed.get(name), _Failure(name, d, own))
        return list(failed.values())

    def calibrate(self, part: Point, residual: Residual) -> Residual:
        return residual

    def without_kinks(self, failed: list[_Failure]) -> list[_Failure]:
        return failed

    def find(self, failure: _Failure) -> Finding:
        name, g = failure.name, self.screen.gradient[failure.name]
        place = Locator(self.screen, name, failure.direction).locate(failure.residual)
        entries = tuple(self.entry(name, index) for index in self.worst(g, place))
        return Finding(name, None, place.words, entries, failure.residual.relative)

    def worst(self, g: np.ndarray, place: Place) -> list[tuple[int, ...]]:
        indices = place.indices or np.unravel_index(np.arange(g.size), g.shape)
        largest = np.argsort(-np.abs(g[indices]).reshape(-1), kind="stable")[:SHOWN]
        return [tuple(int(axis.reshape(-1)[i]) for axis in indices) for i in largest]

    def entry(self, name: str, index: tuple[int, ...]) -> Entry:
        g = self.screen.gradient[name]
        unit = np.zeros(g.shape)
        unit[index] = 1.0
        return Entry(index, float(g[index]), self.engine.slope({name: unit}).value)

    def conclude(self, findings: list[Finding]) -> GradientReport:
        findings = [*self.gradient.reading.findings, *findings]
        if findings:
            wrong = ", ".join(dict.fromkeys(self.symbol.format(f.parameter) for f in findings))
            return self.report("wrong", wrong, findings)
        return self.report("correct", "every entry agrees with the slope of the loss")

    def report(self, verdict: str, reason: str, findings: list = ()) -> GradientReport:
        return GradientReport(
            verdict,
            reason,
            tuple(findings),
            notes=tuple(self.gradient.reading.notes),
            parameters=tuple(self.engine.tree.leaves),
            kinks=self.kinks,
            bound=self.bound,
            evaluations=self.engine.evaluations,
            gradient_calls=self.gradient.calls,
            method=self.engine.method,
            symbol=self.symbol,
            low_precision=self.engine.tree.is_low_precision,
        )


def _join(one: _Failure | None, two: _Failure) -> _Failure:
    """Two failed parts of one large parameter as one."""
    if one is None:
        return two
    a, b = one.residual, two.residual
    sum_ = Residual(
        a.value + b.value, a.tolerance + b.tolerance, float(np.hypot(a.weight, b.weight))
    )
    return _Failure(one.name, one.direction + two.direction, sum_)
