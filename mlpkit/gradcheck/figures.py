"""Two pictures of a check: where a gradient is wrong, and why the step size matters.

The error of a forward difference falls with the step h until rounding takes over, that of a
central difference falls with h**2, and that of the complex step goes down to rounding and stays.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from mlpkit.gradcheck.engine import UNIT, Engine, moved, typical
from mlpkit.gradcheck.numerical import central, complex_step, forward
from mlpkit.gradcheck.report import GradientReport
from mlpkit.gradcheck.screen import Screen

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = {"forward": forward, "central": central, "complex step": complex_step}
STYLES = {
    "forward": ("o", "#D55E00"),
    "central": ("s", "#0072B2"),
    "complex step": ("^", "#009E73"),
}
STEPS = np.logspace(-16, 0, 33)
WHOLE = 4096  # entries that are read off one by one for a heat map
BLOCKS = 16  # a larger parameter is shown in so many rows and columns of blocks
MAPS = 3  # parameters shown


def plot_steps(f: Callable[[np.ndarray], float], x: np.ndarray, ax: "Axes | None" = None) -> "Axes":
    """Error of three numerical slopes of f at x against the step, both axes logarithmic.

    f takes an array like x and must carry complex numbers; the slope is along one fixed random
    direction. Returns the Axes.
    """
    x = np.asarray(x, dtype=float)
    d = np.random.default_rng(0).uniform(0.5, 1.5, x.shape) * (typical(x) or 1.0)
    return _plot_errors(lambda t: f(x + t * d), ax)


class Drawing:
    """Draws a report's figure when it is asked for, with fresh evaluations of the loss."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def __call__(self, report: GradientReport) -> "Figure":
        import matplotlib.pyplot as plt

        wrong = [f.parameter for f in report.findings if f.parameter in self.screen.gradient]
        wrong = list(dict.fromkeys(wrong))[:MAPS]
        count = len(wrong) + 1
        figure, axes = plt.subplots(
            1, count, figsize=(5 * count, 4), layout="constrained", squeeze=False
        )
        for ax, name in zip(axes[0], wrong, strict=False):
            self._heat_map(ax, name, report.symbol.format(name))
        engine, direction = self.screen.engine, self.screen.relative_direction()
        _plot_errors(lambda t: _real_or_complex(engine, direction, t), axes[0, -1])
        return figure

    def _heat_map(self, ax: "Axes", name: str, title: str) -> None:
        errors = self._errors(name)
        shown = np.log10(np.clip(errors, 1e-16, 1.0))
        image = ax.imshow(shown, cmap="cividis", vmin=-16, vmax=0, aspect="auto")
        blocks = "" if errors.shape == _flat(self.screen.gradient[name]).shape else ", in blocks"
        ax.set(title=f"{title}: relative error{blocks}", xlabel="column", ylabel="row")
        bar = ax.figure.colorbar(image, ax=ax, ticks=[-16, -12, -8, -4, 0])
        bar.ax.set_yticklabels(["$10^{-16}$", "$10^{-12}$", "$10^{-8}$", "$10^{-4}$", "$\\geq 1$"])

    def _errors(self, name: str) -> np.ndarray:
        """|yours - right| / (|yours| + |right|) by entry or by block, (rows, columns)."""
        g = self.screen.gradient[name]
        shape = _flat(g).shape
        rows, columns = (
            np.array_split(np.arange(n), n if g.size <= WHOLE else min(n, BLOCKS)) for n in shape
        )
        d = self.screen.direction(name).reshape(shape)
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


def _real_or_complex(engine: Engine, direction: dict, t: complex) -> complex:
    return engine.value(moved(engine.point, direction, t))


def _plot_errors(along: Callable[[complex], complex], ax: "Axes | None") -> "Axes":
    import matplotlib.pyplot as plt

    ax = plt.subplots(figsize=(6, 4), layout="constrained")[1] if ax is None else ax
    one = np.array(1.0)
    with np.errstate(all="ignore"):
        right = float(complex_step(along, 0.0, one))
        for name, method in METHODS.items():
            slopes = np.array([method(along, 0.0, one, h) for h in STEPS], dtype=float)
            errors = np.abs(slopes - right) / (abs(right) or 1.0)
            marker, colour = STYLES[name]
            ax.loglog(STEPS, np.maximum(errors, 1e-17), marker, color=colour, ms=4, label=name)
        _mark_slopes(ax, abs(np.real(along(0.0))) / (abs(right) or 1.0))
    ax.set(
        xlabel="step $h$, relative to the parameters",
        ylabel="relative error of the slope",
        ylim=(1e-17, 1e1),
        title="Error against step",
    )
    ax.legend(loc="lower right", framealpha=0.9)
    return ax


def _mark_slopes(ax: "Axes", size: float) -> None:
    """Lines for what theory says: rounding u/h, truncation h and h**2."""
    grey = {"color": "0.45", "lw": 1, "zorder": 1}
    ax.loglog(STEPS, UNIT * size / STEPS, "--", **grey)
    h = 1e-13
    ax.text(h, UNIT * size / h, "  rounding $u/h$", color="0.3", va="bottom", fontsize=9)
    for power, start, at, text in ((1, 1e-6, 1e-5, "truncation $h$ "), (2, 1e-3, 1e-2, "$h^2$ ")):
        line = STEPS[np.searchsorted(STEPS, start) :]
        ax.loglog(line, line**power, ":", **grey)
        ax.text(at, 3 * at**power, text, color="0.3", ha="right", va="bottom", fontsize=9)
