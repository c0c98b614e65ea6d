"""The check from beginning to end: preconditions, measurement, explanation, verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpkit.gradcheck import loss_errors
from mlpkit.gradcheck.explain.causes import HIDDEN, Causes
from mlpkit.gradcheck.explain.elementwise import DIGITS
from mlpkit.gradcheck.figures import Drawing
from mlpkit.gradcheck.inputs.arrays import is_array, to_numpy
from mlpkit.gradcheck.inputs.calls import Bounds, as_tuple, bind, guard
from mlpkit.gradcheck.inputs.pytree import flatten
from mlpkit.gradcheck.measure.confirm import COARSE_LOSS
from mlpkit.gradcheck.measure.derivative import COMPLEX, UNIT, Engine, LossError
from mlpkit.gradcheck.measure.detect import Detector
from mlpkit.gradcheck.measure.kinks import is_too_near
from mlpkit.gradcheck.measure.preconditions import Gradient, compare_losses, measure_loss
from mlpkit.gradcheck.measure.screen import Screen
from mlpkit.gradcheck.report import REST, Finding, GradientError, GradientReport

PRECISE = 1e-8  # float64 gives more, and where the loss is exact the gradient must be the cause
SMOOTH = 1e-10  # a loss with less noise than this, relative, is computed in float64
CERTAIN = 1e-6  # an agreement that is known better than this needs no excuse
VISIBLE = 1e-2  # one that is known no better than this proves nothing
VISIBLE_IN_FLOAT32 = 5e-2  # the same, of small entries; of larger ones one per cent is seen
FLOAT32 = (1e-8, 1e-6)  # relative noise of a loss that float32 explains
LEAP = 1e-2  # relative noise that no digits explain
DROPPED = "the loss cannot be differentiated by the complex step: somewhere it refuses complex \
numbers, or drops their imaginary part"
SINGLE = 2.0**-24  # rounding unit of float32
NO_AGREEMENT = 0.5
UNSURE = ", and better than that the loss cannot be differentiated"
EITHER = "either a small term is wrong in the gradient, or the loss is an approximation itself, \
such as an iteration that stops at a tolerance (then say how good it is with rtol=)"
OFF_KINK = "right beside the kink, but on it not a slope that lies between those of its sides: \
entries that take turns (as at a tie) cannot all have theirs"
DOUBLE = 1e-12  # relative errors of entries below this are no mistakes, only roundings
DOUBLE_IN_ALL = 1e-13  # of a parameter as a whole, where nobody can tell which entries it is


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
    nondet_tol: float | None = None,
    seed: int = 0,
    args: Any = (),
    bounds: Bounds = None,
    rtol: float | None = None,
    method: str = "auto",
) -> GradientReport:
    """Compare ``gradient(params)`` with the slopes of ``loss(params)``.

    Parameters
    ----------
    loss : function of params that returns one number (or a pair of which it is the first).
    gradient : function of params that returns arrays of the same shapes in the same nesting, or a
        pair (loss, gradient).
    params : dict of float arrays, one array, one number, or lists, tuples and dataclasses of
        these, such as ``[(W1, b1), (W2, b2)]``. Arrays may be torch's, jax's or pandas'; whole
        numbers, bools, text and None are held fixed.
    names : names for the arrays of ``params``, in order; by default the keys of the dict.
    symbol : how a gradient is written, with ``{}`` for the name.
    constants : numbers of the problem by symbol, ``{"N": 100, "lambda": 0.1}``, for the diagnosis.
    alternatives : known wrong gradients by the sentence that each explains; functions of params,
        or arrays in the nesting of params: ``{"sigma' is left out": wrong_gradient}``. For the
        networks of this course ``known_mistakes`` makes them.
    watch : further arrays, such as ``{"X": X}``, that the gradient must leave unchanged.
    nondet_tol : by how much, relative, two calls with the same params may differ without being
        called random; by default by a few rounding errors.
    seed : of the random directions.
    args : further arguments of both functions, ``loss(params, *args)``.
    bounds : pairs (low, high), None for no bound, or ``scipy.optimize.Bounds``: the loss is never
        evaluated outside.
    rtol : accept a relative error up to this, where the loss is an approximation itself. By
        default only rounding is accepted.
    method : "complex" for the complex step alone, "real" for real differences alone; "auto" takes
        the complex step where the loss is seen to carry complex numbers.

    Raises TypeError or ValueError for params that cannot be differentiated by. Exceptions of
    ``loss`` and ``gradient`` pass through.
    """
    args = as_tuple(args)
    loss, gradient = guard(bind(loss, args), params, bounds, method), bind(gradient, args)
    tree = flatten(params, names)
    engine, watched = Engine(loss, tree), Gradient(gradient, tree, watch or {}, nondet_tol)
    writer = Writer(engine, watched, symbol, rtol=rtol)
    try:
        measure_loss(engine, nondet_tol)
    except LossError as error:
        return writer.report("inconclusive", str(error))
    parsed = watched.inspect()
    compare_losses(parsed, engine)
    values = {name: np.asarray(g, dtype=float) for name, g in parsed.arrays.items()}
    if tree.is_low_precision and values:
        exactly = {name: array.copy() for name, array in engine.point.items()}
        values = watched.at(exactly)  # the formula, apart from the caller's digits
    if watched.unsteady:
        return writer.report("wrong", watched.unsteady)
    if not values:
        return writer.conclude([])
    screen = Screen(engine, values, np.random.default_rng(seed))
    screen.tell_units_apart()
    screen.choose_method()
    if method == "complex" and engine.method != COMPLEX:
        return writer.report("inconclusive", DROPPED)
    failures = Detector(screen, watched)
    failed = failures.find()
    causes = Causes(failures.screen, watched, constants, alternatives)
    findings = [causes.explain(failure) for failure in failed]
    again = loss_errors.look_again(failures, failed, findings)
    if again is not None:
        causes = Causes(failures.screen, watched, constants, alternatives)
        findings = [causes.explain(failure) for failure in again]
    findings = [_on_kink(f) if f.parameter in failures.off_kink else f for f in findings]
    writer.has_followed, writer.holds_beside = failures.has_followed, failures.holds_beside
    writer.kinks, writer.bound = failures.kinks, failures.bound
    writer.vanishing, writer.is_cancelled = tuple(failures.vanishing), failures.is_cancelled
    return writer.conclude(findings, Drawing(failures.screen))


def assert_gradient(*args: Any, **options: Any) -> GradientReport:
    """``check_gradient`` that raises GradientError, with the report as text, unless it is right.

    A gradient as precise as float32 allows passes if the parameters were given in float32.
    """
    __tracebackhide__ = True  # pytest shows the caller's line and the report
    report = check_gradient(*args, **options)
    if not report.ok:
        raise GradientError(report)
    return report


def _on_kink(finding: Finding) -> Finding:
    """What was refused on a kink; there entries may each be right, and together wrong."""
    if any(entry.error > DOUBLE for entry in finding.entries):
        return finding
    return Finding(finding.parameter, OFF_KINK, relative_error=max(finding.relative_error, CERTAIN))


def _size(finding: Finding) -> float:
    """The relative error of the worst entry. Where more are wrong than are shown, those shown do
    not speak for the others; where none is told, that of all of them."""
    if finding.where.startswith("entr"):
        return finding.largest_error
    if finding.entries:
        return max(finding.largest_error, finding.relative_error)
    return finding.relative_error if finding.cause == HIDDEN else np.inf


@dataclass
class Writer:
    """Makes the report of one check."""

    engine: Engine
    gradient: Gradient
    symbol: str
    kinks: tuple[str, ...] = ()
    bound: float = 0.0
    rtol: float | None = None  # what the caller accepts
    vanishing: tuple[str, ...] = ()  # parameters whose gradient is zero up to rounding
    holds_beside: Callable[[], float] = lambda: np.inf  # how well, at a point with a gradient
    has_followed: bool = False  # what is wrong stays along a path, so it is no noise
    is_cancelled: bool = False  # the bound is what rounding leaves of terms that cancel

    def conclude(self, findings: list[Finding], draw: Any = None) -> GradientReport:
        """The verdict on what hygiene and the screen have found."""
        findings = [*self.gradient.parsed.findings, *self._beyond(findings)]
        if not findings and self.rtol is not None and self.bound <= self.rtol:
            return self.report("correct", self._agreement(), draw=draw)
        exact = self.engine.method == COMPLEX
        is_solved = self.engine.is_solved
        is_vague = self.bound > PRECISE and exact and not (is_solved or self.is_cancelled)
        if not findings and is_vague and self.holds_beside() > PRECISE:
            reason = f"right to {self.bound:.0e}, but float64 gives 1e-12: float32 inside?"
            return self.report("precision", reason, self._narrow(), draw)
        if not findings and self._is_blind():
            reason = f"the loss is too coarse to show the gradient{self._coarse()}"
            return self.report("inconclusive", reason, draw=draw)
        if not findings and self.bound <= CERTAIN:
            return self.report("correct", self._agreement(), draw=draw)
        if not findings and self.bound <= self._visible and self._noise <= COARSE_LOSS:
            return self.report("correct", f"{self._agreement()}, {self._limit()}", draw=draw)
        is_exact = self._noise <= COARSE_LOSS
        if not findings and is_exact and (beside := self.holds_beside()) <= CERTAIN:
            reason = (
                f"{self._agreement()}, and better than that it cannot be seen here; at a point \
beside it agrees to {beside:.0e}"
            )
            return self.report("correct", reason, draw=draw)
        if not findings:
            return self.report("inconclusive", self._open(), draw=draw)
        may_tell = self.has_followed or exact or is_solved
        if may_tell and loss_errors.may_be_the_loss(findings, self.engine):
            worst = max(finding.relative_error for finding in findings)
            return self.report("inconclusive", f"{self._close(worst)}; {EITHER}", draw=draw)
        if all(finding.is_rounding for finding in findings):
            worst = max(finding.relative_error for finding in findings)
            reason = f"right to {worst:.0e}, but float64 gives 1e-12: {self._list(findings)}"
            return self.report("precision", reason, findings, draw)
        return self.report("wrong", self._list(findings), findings, draw)

    def report(
        self, verdict: str, reason: str, findings: Sequence[Finding] = (), draw: Any = None
    ) -> GradientReport:
        notes = [*self.gradient.parsed.notes, *self._between(findings)]
        notes += [*self._vanishing(), *self._fixed()]
        if self.kinks:
            notes.insert(
                0,
                f"the point sits exactly on a kink along {', '.join(self.kinks)} (a \
ReLU at 0?); the gradient was checked next to it; on the kink itself its value is a convention",
            )
        return GradientReport(
            verdict,
            reason,
            tuple(findings),
            tuple(notes),
            parameters=tuple(self.engine.tree.leaves),
            kinks=self.kinks,
            bound=self.bound,
            evaluations=self.engine.evaluations,
            gradient_calls=self.gradient.calls,
            method=self.engine.method,
            symbol=self.symbol,
            low_precision=self.engine.tree.is_low_precision,
            draw=draw,
        )

    def _beyond(self, findings: list[Finding]) -> list[Finding]:
        """Those whose error is larger than what the caller, or float64, accepts."""
        small = [f for f in findings if _size(f) <= self._accepted(f)]
        self.bound = max([self.bound, *map(_size, small)])
        return [f for f in findings if f not in small]

    def _accepted(self, finding: Finding) -> float:
        if self.rtol is not None:
            return self.rtol
        return DOUBLE if finding.entries else DOUBLE_IN_ALL

    @property
    def _noise(self) -> float:
        """Of one value of the loss, relative to it."""
        return self.engine.noise / (self.engine.magnitude or 1.0)

    @property
    def _visible(self) -> float:
        """The least agreement that proves something."""
        return VISIBLE if self._noise < FLOAT32[0] else VISIBLE_IN_FLOAT32

    def _is_blind(self) -> bool:
        """Whether nothing was seen of any gradient, and not because all of them are zero."""
        is_known = self._noise <= SMOOTH or FLOAT32[0] <= self._noise <= FLOAT32[1]
        return len(self.vanishing) == len(self.engine.tree.leaves) and not is_known

    def _limit(self) -> str:
        """Why an agreement is no better, and cannot be."""
        if self.engine.is_solved and self.engine.method == COMPLEX:
            return "all that a loss can show that an iteration solves to a tolerance"
        if FLOAT32[0] <= self._noise <= FLOAT32[1] and not self.engine.is_solved:
            return "all that float32 can show"
        return f"all that a loss good to {max(self._noise, UNIT):.0e} can show"

    def _close(self, error: float) -> str:
        return f"{self._shown()} to {error:.0e}, and not better"

    def _vanishing(self) -> list[str]:
        if not self.vanishing:
            return []
        shown = ", ".join(self.symbol.format(name) for name in self.vanishing[:6])
        return [
            f"{shown} {'is' if len(self.vanishing) == 1 else 'are'} zero up to rounding at this "
            "point, in the loss too: a wrong factor cannot be seen here, so check another point"
        ]

    def _fixed(self) -> list[str]:
        """Whole numbers where an array of floats may be meant."""
        return [
            f"{name} holds integers and is held fixed: write {name}.astype(float) if it is learned"
            for name, leaf in self.engine.tree.fixed
            if is_array(leaf) and to_numpy(leaf).dtype.kind in "iu" and to_numpy(leaf).size > 1
        ]

    def _agreement(self) -> str:
        if len(self.vanishing) == len(self.engine.tree.leaves):
            return "the gradient is zero up to rounding, and so is the slope of the loss"
        return f"{self._shown()} to {self.bound:.0e} of every entry"

    def _shown(self) -> str:
        """Who agrees with the loss."""
        names = [name for name in self.engine.tree.leaves if name not in self.vanishing]
        shown = ", ".join(self.symbol.format(name) for name in names[:6])
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        return f"{shown}{more} agree{'s' * (len(names) == 1)} with the loss"

    def _between(self, findings: Sequence[Finding]) -> list[str]:
        """Where to look, if no cause is known: between what is right and what is wrong."""
        unknown = [f.parameter for f in findings if f.cause in (None, REST) and not f.is_rounding]
        wrong = {name for f in findings for name in f.parameter.split(", ")}
        if not unknown:
            return []
        names, show = list(self.engine.tree.leaves), self.symbol.format
        place = names.index(unknown[-1]) if unknown[-1] in names else 0
        after = [name for name in names[place + 1 :] if name not in wrong]
        right = after or [name for name in names[:place] if name not in wrong]
        if not right:
            return []
        return [
            f"{show(right[0])} is right and {show(unknown[-1])} is not: look at what is computed \
between the two"
        ]

    def _open(self) -> str:
        """Why nothing is proved: an agreement within 50 % is none."""
        if self.bound < NO_AGREEMENT:
            return f"{self._agreement()}{self._coarse()}"
        return f"the loss cannot be differentiated well enough to check its gradient\
{self._coarse().removeprefix(UNSURE)}"

    def _coarse(self) -> str:
        """Why an agreement is no better than it is."""
        text = UNSURE
        if is_too_near(self.engine):
            return f"{text}: a kink is nearer than steps of real numbers can be"
        if self._noise < SMOOTH:
            return text
        guess = "Is it solved to a tolerance?"
        if not self.engine.is_solved:
            guess = "Do its terms cancel?" if self._noise < FLOAT32[0] else "Is float32 inside?"
            guess = "Does it jump?" if self._noise > LEAP else guess
        if self.engine.unit > SINGLE:
            guess = "It has 16 bits: compute it in float64 for the check"
        return f"{text}: its values are only good to {self._noise:.0e}. {guess}"

    def _narrow(self) -> list[Finding]:
        """Gradients that were returned with fewer digits than they have."""
        cause = f"yours has only {DIGITS} float32"
        with np.errstate(over="ignore"):
            return [
                Finding(name, cause, relative_error=self.bound, is_rounding=True)
                for name, array in self.gradient.parsed.arrays.items()
                if np.array_equal(array, array.astype(np.float32))
            ]

    def _list(self, findings: list[Finding]) -> str:
        """The wrong ones, and the right ones."""
        wrong = {name for finding in findings for name in finding.parameter.split(", ")}
        names = list(self.engine.tree.leaves)
        bad = ", ".join(self.symbol.format(name) for name in names if name in wrong)
        good = ", ".join(self.symbol.format(name) for name in names if name not in wrong)
        return f"{bad or ', '.join(wrong)}" + (f" (right: {good})" if good else "")
