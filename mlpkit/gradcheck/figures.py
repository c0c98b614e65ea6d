"""Two pictures of a check: where a gradient is wrong, and why the step size matters.

The error of a forward difference falls with the step h until rounding takes over, that of a
central difference falls with h**2, and that of the complex step goes down to rounding and stays.
"""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpkit.extras import course_extra
from mlpkit.gradcheck.inputs.pytree import flatten
from mlpkit.gradcheck.measure.derivative import UNIT, Engine
from mlpkit.gradcheck.measure.direction import Direction, moved, natural_size
from mlpkit.gradcheck.measure.preconditions import measure_loss
from mlpkit.gradcheck.measure.screen import Screen
from mlpkit.gradcheck.numerical import central, complex_step, forward
from mlpkit.gradcheck.report import GradientReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = {"forward": forward, "central": central, "complex step": complex_step}
STYLES = {  # told apart by their shapes too; the hollow one is seen around another
    "forward": {"marker": "o", "color": "#D55E00", "ms": 4},
    "central": {"marker": "s", "color": "#0072B2", "ms": 4},
    "complex step": {"marker": "^", "color": "#009E73", "ms": 7, "mfc": "none"},
}
STEPS = np.logspace(-16, 0, 33)
LOWEST = 1e-17  # error drawn for none at all
WHOLE = 4096  # entries that are read off one by one for a heat map
BLOCKS = 16  # a larger parameter is shown in so many rows and columns of blocks
MAPS = 3  # parameters shown


def plot_steps(f: Callable[[np.ndarray], float], x: np.ndarray, ax: "Axes | None" = None) -> "Axes":
    """Error of three numerical slopes of f at x against the step, both axes logarithmic.

    f takes an array like x, floats, and returns one number; the slope is along one fixed random
    direction, and its right value as precise as f allows. Where f drops the imaginary part (abs
    does) the complex step is seen to fail; where f refuses complex numbers it is left out.
    Returns the Axes. Raises LossError, a ValueError, where f is not finite or random.
    """
    engine = Engine(f, flatten(np.asarray(x, dtype=float), "x"))
    measure_loss(engine)
    x = engine.point["x"]
    d = np.random.default_rng(0).uniform(0.5, 1.5, x.shape) * natural_size(x).reshape(x.shape)
    if not engine.carries_complex({"x": d}):
        engine.use_differences({"x": d})
    return _plot_errors(engine, {"x": d}, ax)


class Drawing:
    """Draws a report's figure when it is asked for, with fresh evaluations of the loss."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def __call__(self, report: GradientReport) -> "Figure":
        with course_extra():
            import matplotlib.pyplot as plt

        maps = [name for name, g in self.screen.gradient.items() if g.size > 1]
        wrong = list(dict.fromkeys(f.parameter for f in report.findings if f.parameter in maps))
        wrong = wrong[:MAPS]
        columns, rows = min(len(wrong) + 1, 2), len(wrong) // 2 + 1  # as wide as a notebook
        figure, grid = plt.subplots(
            rows, columns, figsize=(5 * columns, 4 * rows), layout="constrained", squeeze=False
        )
        axes = list(grid.flat)
        for name in wrong:
            self._heat_map(axes.pop(0), name, report.symbol.format(name))
        _plot_errors(self.screen.engine, self.screen.relative_direction(), axes.pop(0))
        for empty in axes:
            empty.remove()
        return figure

    def _heat_map(self, ax: "Axes", name: str, title: str) -> None:
        errors = self._errors(name)
        g = _flat(self.screen.gradient[name])
        image = ax.imshow(
            np.log10(np.clip(errors, 1e-16, 1.0)),
            cmap="cividis", vmin=-16, vmax=0, aspect="auto", interpolation="nearest",
            extent=(-0.5, g.shape[1] - 0.5, g.shape[0] - 0.5, -0.5),  # blocks too by entry
        )  # fmt: skip
        blocks = "" if errors.shape == g.shape else ", in blocks"
        ax.set(title=f"{title}: relative error{blocks}", xlabel="column", ylabel="row")
        ax.locator_params(integer=True)
        if len(g) == 1:
            ax.set(xlabel="entry", ylabel="", yticks=[])
        bar = ax.figure.colorbar(image, ax=ax, ticks=[-16, -12, -8, -4, 0])
        bar.ax.set_yticklabels(["$10^{-16}$", "$10^{-12}$", "$10^{-8}$", "$10^{-4}$", "$\\geq 1$"])

    def _errors(self, name: str) -> np.ndarray:
        """|yours - right| / (|yours| + |right|) by entry or by block, (rows, columns)."""
        g = self.screen.gradient[name]
        shape = _flat(g).shape
        rows, columns = (
            np.array_split(np.arange(n), n if g.size <= WHOLE else min(n, BLOCKS)) for n in shape
        )
        d = self.screen.direction(name).values.reshape(shape)
        errors = np.empty((len(rows), len(columns)))
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                part = np.zeros(shape)
                part[np.ix_(row, column)] = d[np.ix_(row, column)]
                direction = {name: part.reshape(g.shape)}
                claim = self.screen.claim(direction)
                slope = self.screen.engine.slope(direction).value
                errors[i, j] = abs(claim - slope) / ((abs(claim) + abs(slope)) or 1.0)
        return errors


def _flat(g: np.ndarray) -> np.ndarray:
    """As rows and columns: a vector is one row."""
    return g.reshape(1, -1) if g.ndim < 2 else g.reshape(len(g), -1)


def _plot_errors(engine: Engine, direction: Direction, ax: "Axes | None") -> "Axes":
    with course_extra():
        import matplotlib.pyplot as plt

    ax = plt.subplots(figsize=(6, 4), layout="constrained")[1] if ax is None else ax
    right = engine.slope(direction).value
    errors = {name: _errors_by_step(engine, direction, name, right) for name in METHODS}
    for name, error in errors.items():
        if np.any(np.isfinite(error)):
            ax.loglog(STEPS, np.maximum(error, LOWEST), ls="none", label=name, **STYLES[name])
    _mark_slopes(ax, abs(engine.base) / (abs(right) or 1.0), errors)
    ax.set(
        xlabel="step $h$, relative to the parameters",
        ylabel="relative error of the slope",
        ylim=(LOWEST, 1e1),
        title="Error against step",
    )
    ax.legend(loc="lower right", framealpha=0.9)
    return ax


def _errors_by_step(engine: Engine, direction: Direction, name: str, right: float) -> np.ndarray:
    """Relative error at each of STEPS; NaN where the method cannot be used."""

    def along(t: Any) -> Any:  # t is a number, which is an array of one
        return engine.value(moved(engine.point, direction, t))

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the imaginary part that is dropped: it shows
        try:
            slopes = np.array([METHODS[name](along, np.zeros(()), np.ones(()), h) for h in STEPS])
        except (TypeError, ValueError):
            slopes = np.full(len(STEPS), np.nan)
        return np.abs(np.real(slopes) - right) / (abs(right) or 1.0)


def _mark_slopes(ax: "Axes", size: float, errors: dict[str, np.ndarray]) -> None:
    """Lines for what theory says: rounding u/h; truncation h and h**2, as large as it is here."""
    grey: dict[str, Any] = {"color": "0.45", "lw": 1, "zorder": 1}
    words: dict[str, Any] = {"color": "0.3", "fontsize": 9}
    line = STEPS[STEPS < 1e-4]
    ax.loglog(line, UNIT * size / line, "--", **grey)
    ax.text(1e-13, UNIT * size / 1e-13, "   rounding $u/h$", va="bottom", **words)
    sides: tuple[tuple[str, int, float, dict[str, Any]], ...] = (
        ("forward", 1, 1e-5, {"ha": "right", "va": "bottom"}),
        ("central", 2, 1e-4, {"ha": "left", "va": "top"}),
    )
    for name, power, at, side in sides:
        here = (at <= STEPS) & (100 * at >= STEPS)
        error, h = errors[name][here], STEPS[here]
        if not error[-1] > 10 * UNIT * size / h[-1]:
            continue  # nothing but rounding: a straight line has no truncation
        factor = np.median(error / h**power)
        line = STEPS[at / 100 <= STEPS]
        ax.loglog(line, factor * line**power, ":", **grey)
        text = "  truncation $h$  " if power == 1 else "  truncation $h^2$  "
        ax.text(at, factor * at**power, text, **side, **words)
