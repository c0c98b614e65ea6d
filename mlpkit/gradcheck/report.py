"""What the checker found, as plain data and as at most one screen of text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from mlpkit.traceback_lines import traceback_lines

ENTRIES = 4  # rows of numbers shown for one finding
PARAGRAPHS = 4
EVERYWHERE = "every entry"
UNKNOWN = "wrong, but not by a mistake that has a name here"
REST = "the rest is right"
PARTLY = "of yours"


def full_stop(text: str) -> str:
    """The text with a full stop, unless it ends as a question."""
    return text if text.endswith("?") else f"{text}."


class GradientError(AssertionError):
    """A gradient that is not shown to be right; the text is the report."""

    def __init__(self, report: "GradientReport") -> None:
        super().__init__(str(report))
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.report,)

    def _render_traceback_(self) -> list[str]:
        """A notebook shows the report alone, not the frames of this library."""
        return traceback_lines(str(self))


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
            return float(np.divide(self.yours, self.right)) + 0.0  # no -0

    @property
    def error(self) -> float:
        """Relative to the larger of the two."""
        size = max(abs(self.yours), abs(self.right))
        return abs(self.yours - self.right) / size if size else 0.0

    def digits(self) -> tuple[str, str, str]:
        """yours, right and their ratio, with as many digits as it takes to see the difference."""
        gap = abs(self.ratio - 1)
        places = 6 if not 0 < gap < 1e-4 else min(17, int(3 - np.log10(gap)))
        ratio = f"{self.ratio:.6g}" if places == 6 else f"1 {self.ratio - 1:+.1e}"
        return f"{self.yours: .{places}g}", f"{self.right: .{places}g}", ratio


@dataclass(frozen=True)
class Finding:
    """One thing that is not right, mostly one parameter."""

    parameter: str
    cause: str | None = None  # a sentence about "yours"; None: not known
    where: str = ""  # "entry [3, 2]", "row 3", "every entry", ...
    entries: tuple[Entry, ...] = ()
    relative_error: float = np.nan
    is_rounding: bool = False  # right but for the digits

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

    @property
    def largest_error(self) -> float:
        """Of the entries shown, relative to the largest of them; else along a direction."""
        size = max((abs(entry.right) for entry in self.entries), default=0.0)
        gap = max((abs(entry.yours - entry.right) for entry in self.entries), default=0.0)
        return gap / size if size else self.relative_error


@dataclass(frozen=True)
class GradientReport:
    """The verdict on a gradient; ``print`` it, show it in a notebook, or ``plot()`` it.

    verdict is "correct" (every entry agrees to ``bound``, relative to itself or, where it is
    smaller, to a quarter of what is typical of its parameter), "precision" (right, but with
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
        lines = [f"{self.verdict.upper()}: {full_stop(self.reason)}"]
        groups = self.groups()
        for group in groups[:PARAGRAPHS]:
            lines += ["", *self._paragraph(group, 1 if len(groups) > 3 else ENTRIES)]
        if len(groups) > PARAGRAPHS:
            lines += ["", f"And {len(groups) - PARAGRAPHS} more findings."]
        lines += (
            ["", *(f"Note: {full_stop(note)}" for note in self.notes[:4])] if self.notes else []
        )
        return "\n".join([*lines, "", self.cost])

    def groups(self) -> list[list[Finding]]:
        """Findings that say the same of different parameters, together."""
        groups: dict[tuple[str, str | None], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.where, finding.cause), []).append(finding)
        return list(groups.values())

    @property
    def cost(self) -> str:
        return f"{self.evaluations} loss evaluations, {self.gradient_calls} gradient calls" + (
            f", {self.method}" if self.method else ""
        )

    def _paragraph(self, group: list[Finding], count: int) -> list[str]:
        rows = self.rows(group, count)
        if not rows:
            return [self.headline(group)]
        table = [("", "yours", "right", "yours/right"), *rows]
        widths = [max(len(row[i]) for row in table) for i in range(4)]
        return [self.headline(group)] + [
            "    " + "  ".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True))
            for row in table
        ]

    def rows(self, group: list[Finding], count: int) -> list[tuple[str, str, str, str]]:
        """Entry, yours, right, yours/right; of several parameters one entry each."""
        several, rows = len(group) > 1, []
        for finding in group[:ENTRIES]:
            for entry in finding.entries[: 1 if several else count]:
                name = self.symbol.format(finding.parameter) if several else ""
                index = str(list(entry.index)) if entry.index else ""
                rows.append((name + index, *entry.digits()))
        return rows

    def headline(self, group: list[Finding]) -> str:
        """Names, place and cause of findings that say the same."""
        names = [name for finding in group for name in finding.parameter.split(", ")]
        shown = ", ".join(self.symbol.format(name) for name in names[:6])
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        where = f", {group[0].where}" if group[0].where not in ("", EVERYWHERE) else ""
        cause = group[0].cause or UNKNOWN
        cause = f"wrong, and {cause}" if cause == REST else cause
        return full_stop(f"{shown}{more}{where}: {cause}")

    def _repr_html_(self) -> str:
        return _page(self)

    def plot(self) -> Any:
        """Heat maps of the error of each wrong parameter, and error against step size."""
        if self.draw is None:
            raise ValueError(f"nothing to plot: {self.reason}")
        return self.draw(self)


_COLOURS = {"correct": "#00704a", "precision": "#8a6100", "inconclusive": "#8a6100"}
_WRONG = "#b00020"
_CELL = "padding:2px 10px;text-align:right;font-family:monospace"


def _page(report: GradientReport) -> str:
    """HTML without scripts or outside resources; every text of the report is escaped."""
    colour, reason = _COLOURS.get(report.verdict, _WRONG), escape(full_stop(report.reason))
    groups = report.groups()
    parts = [
        f'<div style="border-left:4px solid {colour};padding:4px 12px;max-width:60em">',
        f'<b style="color:{colour}">{escape(report.verdict)}</b>: {reason}',
        *(_finding_html(report, group) for group in groups[:PARAGRAPHS]),
        *(f"<p><i>Note: {escape(full_stop(note))}</i></p>" for note in report.notes[:4]),
        f'<p style="opacity:.7;margin:4px 0">{escape(report.cost)}</p></div>',
    ]
    if len(groups) > PARAGRAPHS:
        parts.insert(-1, f"<p>And {len(groups) - PARAGRAPHS} more findings.</p>")
    return "\n".join(parts)


def _finding_html(report: GradientReport, group: list[Finding]) -> str:
    text = f'<p style="margin:6px 0 2px">{escape(report.headline(group))}</p>'
    rows = report.rows(group, ENTRIES)
    if not rows:
        return text
    head = "".join(
        f'<th style="{_CELL}">{h}</th>' for h in ("entry", "yours", "right", "yours/right")
    )
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f'{text}<table style="border-collapse:collapse"><tr>{head}</tr>{body}</table>'
