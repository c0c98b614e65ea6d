"""``autograder watch``: what a save changed, in a terminal, as JSON or as a page."""

from __future__ import annotations

import html
import json
import sys
import webbrowser
from argparse import Namespace
from pathlib import Path

from autograder.cli.tables import points
from autograder.cli.terminal import printable, printable_json
from autograder.errors import AutograderError
from autograder.files import write_atomically
from autograder.result import PASSED, Check
from autograder.watch import Judged, watch

PAGE = "watch.html"
_STYLE = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:1em;max-width:44em}"
    "td{padding:.1em .8em .1em 0}.red{border-left:4px solid #c22;padding-left:.6em}"
    "p{white-space:pre-wrap}"
)


def run(args: Namespace) -> int:
    """Watch until Ctrl-C; returns the exit code."""
    folder = Path(args.folder)
    page = folder / PAGE if args.page else None
    out = sys.stderr if args.json else sys.stdout  # what is not JSON

    def ready(paths: list[Path]) -> None:
        if page:
            _write(page, "<p>Waiting for a save.</p>")
            webbrowser.open(page.resolve().as_uri())
        where = f" The page: {page}" if page else ""
        what = f"{len(paths)} notebook{'s' * (len(paths) != 1)} in {folder.resolve()}"
        end = "" if args.json else " Ctrl-C ends."  # another program reads JSON
        print(f"Watching {what}. Save one.{where}{end}", file=out, flush=True)

    try:
        for judged in watch(folder, ready):
            if judged is None:
                continue
            if page:
                _write(page, as_html(judged))
            if args.json:
                said = {**judged.to_json(), "html": as_html(judged)}
                print(printable_json(json.dumps(said)), flush=True)
            else:
                print(as_text(judged), flush=True)
    except KeyboardInterrupt:
        print("\nStopped watching.", file=out)
    return 0


def as_text(judged: Judged) -> str:
    """The save for a terminal: points by section, what turned red, what is open first."""
    result = judged.result
    gained = f" ({judged.gained:+g})" if judged.gained else ""
    lines = [f"\n{_title(judged)}: {result.score:g} of {result.max_score:g} points{gained}"]
    for section, checks in judged.by_section():
        passed = sum(check.status == PASSED for check in checks)
        worth = f"{_sum(checks):>4g} of {sum(check.points for check in checks):<3g}"
        lines.append(f"  {worth}  {'ok  ' if passed == len(checks) else '    '}{section or ''}")
    for word, check in _told(judged):
        where = judged.sections.get(check.id)
        lines.append(f"{word}: {f'{where} · ' if where else ''}{check.title} ({points(check)})")
        lines += [f"    {line}" for line in check.message.splitlines()]
    lines += [f"Note: {printable(flag)}" for flag in result.flags]
    return "\n".join(lines)


def as_html(judged: Judged) -> str:
    """The same as a piece of HTML without scripts; everything in it is escaped."""
    result = judged.result
    rows = "".join(
        f"<tr><td>{html.escape(str(section or ''))}<td>{_sum(checks):g} of "
        f"{sum(check.points for check in checks):g}</tr>"
        for section, checks in judged.by_section()
    )
    told = "".join(
        f"<div class='{'red' if word == 'Turned red' else ''}'><b>{word}: "
        f"{html.escape(check.title)}</b><p>{html.escape(check.message)}</p></div>"
        for word, check in _told(judged)
    )
    notes = "".join(f"<p>Note: {html.escape(flag)}</p>" for flag in result.flags)
    return (
        f"<h3>{html.escape(_title(judged))}: {result.score:g} of {result.max_score:g} points"
        f"</h3>{told}<table>{rows}</table>{notes}"
    )


def _title(judged: Judged) -> str:
    """The assignment, and the file where it has another name."""
    name = judged.result.assignment
    return name if judged.path.stem == name else f"{name} ({printable(judged.path.name)})"


def _told(judged: Judged) -> list[tuple[str, Check]]:
    """What just turned red, then what is open first."""
    red = judged.turned_red
    told = [("Turned red", check) for check in red]
    if judged.open and judged.open not in red:
        told.append(("Open first", judged.open))
    return told


def _sum(checks: list[Check]) -> float:
    return sum(check.score or 0.0 for check in checks)


def _write(page: Path, body: str) -> None:
    text = (
        "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=1>"
        f"<title>autograder watch</title><style>{_STYLE}</style>{body}\n"
    )
    try:
        write_atomically(page, text.encode("utf-8", "replace"))
    except OSError as error:
        raise AutograderError(
            f"The page {page} cannot be written: {error.strerror or error}. Without --page the "
            "same stands in this terminal."
        ) from error
