"""From findings to a verdict, and the sentence that goes with it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpkit.gradcheck.elementwise import DIGITS
from mlpkit.gradcheck.engine import COMPLEX, Engine
from mlpkit.gradcheck.hygiene import Gradient
from mlpkit.gradcheck.report import Finding, GradientReport

PRECISE = 1e-8  # float64 gives more, and where the loss is exact the gradient must be the cause
SMOOTH = 1e-10  # a loss with less noise than this, relative, is computed in float64
CERTAIN = 1e-6  # an agreement that is known no better than this proves nothing


@dataclass
class Writer:
    """Makes the report of one check."""

    engine: Engine
    gradient: Gradient
    symbol: str
    kinks: tuple[str, ...] = ()
    bound: float = 0.0

    def conclude(self, findings: list[Finding], draw: Any = None) -> GradientReport:
        """The verdict on what hygiene and the screen have found."""
        findings = [*self.gradient.reading.findings, *findings]
        exact = self.engine.method == COMPLEX
        if not findings and self.bound > PRECISE and exact:
            reason = f"right to {self.bound:.0e}, but float64 gives 1e-12: float32 inside?"
            return self.report("precision", reason, self._narrow(), draw)
        if not findings and self.bound <= CERTAIN:
            return self.report("correct", self._agreement(), draw=draw)
        if not findings:
            return self.report("inconclusive", f"{self._agreement()}{self._coarse()}", draw=draw)
        if all(finding.is_rounding for finding in findings):
            worst = max(finding.relative_error for finding in findings)
            reason = f"right to {worst:.0e}, but float64 gives 1e-12: {self._list(findings)}"
            return self.report("precision", reason, findings, draw)
        return self.report("wrong", self._list(findings), findings, draw)

    def report(
        self, verdict: str, reason: str, findings: list[Finding] = (), draw: Any = None
    ) -> GradientReport:
        notes = list(self.gradient.reading.notes)
        if self.kinks:
            notes.insert(
                0,
                f"the point sits exactly on a kink along {', '.join(self.kinks)} (a \
ReLU at 0?); the gradient was checked beside it, at it the value is a convention",
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

    def _agreement(self) -> str:
        names = list(self.engine.tree.leaves)
        shown = ", ".join(self.symbol.format(name) for name in names[:6])
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        return f"{shown}{more} agree{'s' * (len(names) == 1)} with the loss to {self.bound:.0e} of \
every entry"

    def _coarse(self) -> str:
        """Why an agreement is no better than it is."""
        text = ", and better than that the loss cannot be differentiated"
        noise = self.engine.noise / (abs(self.engine.base) or 1.0)
        if noise < SMOOTH:
            return text
        return f"{text}: its values are only good to {noise:.0e}. Is there float32 inside?"

    def _narrow(self) -> list[Finding]:
        """Gradients that were returned with fewer digits than they have."""
        cause = f"yours has only {DIGITS} float32"
        with np.errstate(over="ignore"):
            return [
                Finding(name, cause, relative_error=self.bound, is_rounding=True)
                for name, array in self.gradient.reading.arrays.items()
                if np.array_equal(array, array.astype(np.float32))
            ]

    def _list(self, findings: list[Finding]) -> str:
        """The wrong ones, and the right ones."""
        wrong = {name for finding in findings for name in finding.parameter.split(", ")}
        names = list(self.engine.tree.leaves)
        bad = ", ".join(self.symbol.format(name) for name in names if name in wrong)
        good = ", ".join(self.symbol.format(name) for name in names if name not in wrong)
        return f"{bad or ', '.join(wrong)}" + (f" (right: {good})" if good else "")
