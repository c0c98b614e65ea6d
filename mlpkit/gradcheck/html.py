"""The report as a small table for a notebook."""

from html import escape

from mlpkit.gradcheck.report import ENTRIES, PARAGRAPHS, Finding, GradientReport, sentence

COLOURS = {"correct": "#00704a", "precision": "#8a6100", "inconclusive": "#8a6100"}
WRONG = "#b00020"
CELL = "padding:2px 10px;text-align:right;font-family:monospace"


def page(report: GradientReport) -> str:
    """HTML without scripts or outside resources; every text of the report is escaped."""
    colour, reason = COLOURS.get(report.verdict, WRONG), escape(sentence(report.reason))
    groups = report.groups()
    parts = [
        f'<div style="border-left:4px solid {colour};padding:4px 12px;max-width:60em">',
        f'<b style="color:{colour}">{escape(report.verdict)}</b>: {reason}',
        *(_finding(report, group) for group in groups[:PARAGRAPHS]),
        *(f"<p><i>Note: {escape(sentence(note))}</i></p>" for note in report.notes[:4]),
        f'<p style="opacity:.7;margin:4px 0">{escape(report.cost)}</p></div>',
    ]
    if len(groups) > PARAGRAPHS:
        parts.insert(-1, f"<p>And {len(groups) - PARAGRAPHS} more findings.</p>")
    return "\n".join(parts)


def _finding(report: GradientReport, group: list[Finding]) -> str:
    text = f'<p style="margin:6px 0 2px">{escape(report.headline(group))}</p>'
    rows = report.rows(group, ENTRIES)
    if not rows:
        return text
    head = "".join(
        f'<th style="{CELL}">{h}</th>' for h in ("entry", "yours", "right", "yours/right")
    )
    body = "".join(
        "<tr>" + "".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f'{text}<table style="border-collapse:collapse"><tr>{head}</tr>{body}</table>'
