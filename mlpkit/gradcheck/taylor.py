"""The convergence table: how fast what the gradient leaves over vanishes with the step.

With the right gradient L(x + h d) - L(x) - h g.d shrinks like h**2, so each halving of h leaves a
quarter: a rate of 2. With a wrong one it shrinks like h: a rate of 1. No tolerance is needed, and
the table can be shown to others; but it sees errors of a per cent or so, not of 1e-11.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpkit.extras import course_extra
from mlpkit.gradcheck.inputs.calls import as_tuple, bind
from mlpkit.gradcheck.inputs.parse import parse
from mlpkit.gradcheck.inputs.pytree import flatten
from mlpkit.gradcheck.measure.derivative import UNIT, Engine
from mlpkit.gradcheck.measure.direction import moved, natural_size, natural_step
from mlpkit.gradcheck.measure.preconditions import measure_loss

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHANGE, REMAINDER = "$|L(x+hd) - L(x)|$", r"$|L(x+hd) - L(x) - h\,g\cdot d|$"
LARGEST = 1e-2  # first step, of the parameters' own size
ROUNDING = 64  # units of rounding of the loss, below which a remainder says nothing


@dataclass(frozen=True)
class Convergence:
    """Steps h, ``|L(x + h d) - L(x)|`` without and with the gradient, and the rates of the rows.

    ``rate`` is the median over the rows above rounding: about 2 for the right gradient, about 1
    for a wrong one, NaN where the loss is straight or all rows are rounding.
    """

    steps: np.ndarray
    without: np.ndarray
    remainders: np.ndarray
    rounding: float

    @property
    def rates(self) -> np.ndarray:
        """log2 of each remainder over the next; NaN in the first row and in rounding."""
        with np.errstate(all="ignore"):
            rates = np.log2(self.remainders[:-1] / self.remainders[1:])
        told = self.remainders[1:] > self.rounding
        return np.append(np.nan, np.where(told, rates, np.nan))

    @property
    def rate(self) -> float:
        rates = self.rates[np.isfinite(self.rates)]
        return float(np.median(rates)) if rates.size else float("nan")

    def __str__(self) -> str:
        lines = [
            "The change is |L(x + h d) - L(x)|, the remainder |L(x + h d) - L(x) - h g.d|.",
            "",
            f"{'step h':>9}  {'change':>10}  {'remainder':>10}  rate",
        ]
        rows = zip(self.steps, self.without, self.remainders, self.rates, strict=True)
        for h, without, left, rate in rows:
            word = "rounding" if left <= self.rounding else "" if np.isnan(rate) else f"{rate:.2f}"
            lines.append(f"{h:9.2e}  {without:10.3e}  {left:10.3e}  {word}".rstrip())
        return "\n".join([*lines, "", self.summary])

    @property
    def summary(self) -> str:
        """The rate, and what it says of the gradient."""
        rate = "no rate" if np.isnan(self.rate) else f"rate {self.rate:.2f}"
        return f"{rate}: {self._verdict()}"

    def _verdict(self) -> str:
        if np.isnan(self.rate):
            return "the remainder is rounding alone, so the gradient is right along d"
        if self.rate > 1.8:
            return "the remainder shrinks like h^2 or faster, as with the right gradient"
        if self.rate < 1.2:
            return "the remainder shrinks only like h, so the gradient is wrong"
        return "between 1 (wrong) and 2 (right): try another point, or more rows"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Both columns against h, with lines of slope 1 and 2."""
        with course_extra():
            import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=(6, 4), layout="constrained")[1] if ax is None else ax
        ax.loglog(self.steps, self.without, "s", color="#0072B2", label=CHANGE)
        ax.loglog(self.steps, self.remainders, "o", color="#D55E00", label=REMAINDER)
        for column, power, style in ((self.without, 1, ":"), (self.remainders, 2, "--")):
            line = column[0] * (self.steps / self.steps[0]) ** power
            ax.loglog(self.steps, line, style, color="0.5", label=f"slope {power}")
        if self.remainders.min() < 100 * self.rounding:
            ax.axhline(self.rounding, color="0.8", lw=1, label="rounding of $L$")
        ax.set(xlabel="step $h$", ylabel="size")
        ax.set_title(self.summary.replace("h^2", "$h^2$"), fontsize=10)
        ax.legend(fontsize=9)
        return ax


def taylor_test(
    loss: Callable[..., Any],
    gradient: Callable[..., Any],
    params: Any,
    *,
    args: Any = (),
    rows: int = 8,
    seed: int = 0,
) -> Convergence:
    """The convergence table of a gradient along one random direction.

    ``loss``, ``gradient``, ``params`` and ``args`` as for ``check_gradient``; each of the ``rows``
    halves the step. Raises LossError, a ValueError, where the loss is random or not finite, and
    ValueError where the gradient does not fit the parameters.
    """
    tree = flatten(params)
    engine = Engine(bind(loss, as_tuple(args)), tree)
    measure_loss(engine)
    point, rng = engine.point, np.random.default_rng(seed)
    parsed = parse(bind(gradient, as_tuple(args))(tree.build(tree.point)), tree)
    if parsed.findings:
        raise ValueError(f"{parsed.findings[0].parameter}: {parsed.findings[0].cause}")
    d = {
        name: rng.choice((-1.0, 1.0), a.shape)
        * rng.uniform(0.5, 1.5, a.shape)
        * natural_size(a).reshape(a.shape)
        for name, a in point.items()
    }
    slope = sum(float(np.sum(parsed.arrays[name] * d[name])) for name in d)
    steps = LARGEST * natural_step(point, d) / 2.0 ** np.arange(rows)
    changes = np.array([np.real(engine.value(moved(point, d, h))) - engine.base for h in steps])
    rounding = ROUNDING * UNIT * abs(engine.base)
    return Convergence(steps, np.abs(changes), np.abs(changes - steps * slope), rounding)
