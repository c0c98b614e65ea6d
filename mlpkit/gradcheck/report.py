"""What the checker found, as plain data and as at most one screen of text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ENTRIES = 4  # rows of numbers shown for one parameter
FINDINGS = 5  # parameters shown in full


class GradientError(AssertionError):
    """A gradient that is not shown to be right; the text is the report."""

    def __init__(self, report: "GradientReport") -> None:
        super().__init__(str(report))
        self.report = report

    def __reduce__(self) -> tuple:
        return type(self), (self.report,)


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient beside its right value."""

    index: tuple[int, ...]
    yours: float
    right: float

    @property
    def ratio(self) -> float:
        """yours / right"""
        with np.errstate(all="ignore"):
            return float(np.divide(self.yours, self.right))


@dataclass(frozen=True)
class Finding:
    """One thing that is not right, mostly one parameter."""

    parameter: str
    cause: str | None = None  # a sentence about "yours"; None: not known
    where: str = ""  # "entry [3, 2]", "row 3", "every entry", ...
    entries: tuple[Entry, ...] = ()
    relative_error: float = np.nan

    @property
    def index(self) -> tuple[int, ...] | None:
        return self.entries[0].index if self.entries else None

    @property
    def yours(self) -> float | None:
        return self.entries[0].yours if self.entries else None

    @property
    def right(self) -> float | None:
        return self.entries[0].right if self.entries else None

    @property
    def ratio(self) -> float | None:
        """yours / right, of the entry at ``index``."""
        return self.entries[0].ratio if self.entries else None


@dataclass(frozen=True)
class GradientReport:
    """The verdict on a gradient; ``print`` it, show it in a notebook, or ``plot()`` it.

    verdict is "correct" (every entry agrees to ``bound``, relative), "precision" (right, but with
    fewer digits than float64 has), "wrong", or "inconclusive" (``reason`` says why).
    """

    verdict: str
    reason: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    kinks: tuple[str, ...] = ()  # parameters along which the loss has a kink at this very point
    bound: float = np.nan
    evaluations: int = 0
    gradient_calls: int = 0
    method: str = ""
    symbol: str = "dL/d{}"
    low_precision: bool = False  # the caller's parameters were narrower than float64
    draw: Callable[..., Any] | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Correct, or as correct as the caller's own float32 parameters allow."""
        return self.verdict == "correct" or (self.verdict == "precision" and self.low_precision)

    def __str__(self) -> str:
        lines = [f"{self.verdict.upper()}: {self.reason}"]
        for finding in self.findings[:FINDINGS]:
            lines += ["", *self._paragraph(finding)]
        if len(self.findings) > FINDINGS:
            rest = ", ".join(self.symbol.format(f.parameter) for f in self.findings[FINDINGS:])
            lines += ["", f"The same happens in {rest}."]
        lines += [f"Note: {note}" for note in self.notes[:4]]
        return "\n".join([*lines, "", self.cost])

    @property
    def cost(self) -> str:
        return f"{self.evaluations} loss evaluations, {self.gradient_calls} gradient calls" + (
            f", {self.method}" if self.method else ""
        )

    def _paragraph(self, finding: Finding) -> list[str]:
        name = self.symbol.format(finding.parameter)
        head = f"{name}, {finding.where}" if finding.where else name
        cause = finding.cause or "not one of the mistakes this checker can name."
        shown = finding.entries[: ENTRIES if len(self.findings) < 4 else 1]
        width = max((len(str(list(e.index))) for e in shown), default=0)
        rows = [
            f"    {str(list(e.index)):>{width}}  yours {e.yours: .6g}  right {e.right: .6g}"
            f"  yours/right {e.ratio:.6g}"
            for e in shown
        ]
        return [f"{head}: {cause}", *rows]

    def _repr_html_(self) -> str:
        from mlpkit.gradcheck.html import page

        return page(self)

    def plot(self) -> Any:
        """Heat maps of the error of each wrong parameter, and error against step size."""
        if self.draw is None:
            raise ValueError(f"nothing to plot: {self.reason}")
        return self.draw(self)
