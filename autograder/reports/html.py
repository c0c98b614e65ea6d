"""What students wrote and what their code printed -> HTML that can do nothing.

Everything here is hostile input: outputs of any shape, HTML and SVG with scripts, text without
end. Out comes text, sanitised HTML without styles, and pictures as data.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from autograder.notebook.safe_text import safe_attribute
from autograder.reports import formulas

MAX_TEXT = 20_000  # characters of one output that are shown
MAX_COLOURED, MAX_LINE = 100_000, 500  # characters of a cell, of a line, that are coloured
MAX_MARKDOWN = 100_000  # characters of a cell that are read as Markdown
MAX_PICTURE = 8 * 2**20  # bytes

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LATEX = re.compile(r"\$(?:\\displaystyle)?(\$?)([^$]+)\$\$?")
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@lru_cache(maxsize=4096)
def code(text: str, marked: tuple[int, ...] = ()) -> str:
    """Python with its syntax coloured; the lines ``marked`` (1 is the first) stand out.

    Without colours where it is long: Pygments takes hours for one line of ``"%000..."``.
    """
    from pygments import highlight
    from pygments.lexers import PythonLexer, TextLexer

    long = len(text) > MAX_COLOURED or max(map(len, text.splitlines()), default=0) > MAX_LINE
    lexer = TextLexer if long else PythonLexer
    return highlight(_printable(text), lexer(stripnl=not marked), _formatter(marked))


def code_style() -> str:
    """The style sheet of ``code``, on light screens and paper, and on dark screens."""
    from pygments.formatters import HtmlFormatter

    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    light = _formatter().get_style_defs(".code")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def markdown(text: str) -> str:
    """Markdown, its formulas drawn."""
    text = _printable(text)
    if len(text) > MAX_MARKDOWN:
        return plain(text)
    return formulas.drawn(_clean(_markdown()(formulas.marked(text))))


def heading(text: str) -> str:
    """A heading's own text (one line), its formulas drawn."""
    return re.sub(r"</?p>", "", markdown(text)).strip()


def outputs(items: Any) -> list[str]:
    """The outputs of a cell, each as HTML."""
    found = (output(item) for item in items if isinstance(item, Mapping)) if items else ()
    return [text for text in found if text]


def output(item: Mapping[str, Any]) -> str:
    """One output (nbformat 4) as HTML; "" when there is nothing to show."""
    kind = item.get("output_type")
    if kind == "stream":
        return plain(_text(item.get("text")))
    if kind == "error":
        traceback = item.get("traceback")
        lines = traceback if isinstance(traceback, list) else [_text(item.get("evalue"))]
        return plain("\n".join(map(_text, lines)), "error")
    data = item.get("data")
    return _data(data) if isinstance(data, Mapping) else ""


def plain(text: str, style: str = "") -> str:
    """Text as it is, cut where it is endless."""
    text = _printable(text).rstrip()
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + f"\n... {len(text) - MAX_TEXT} more characters"
    return f'<pre class="output {style}">{html.escape(text)}</pre>' if text.strip() else ""


def _data(data: Mapping[str, Any]) -> str:
    for mime in _PICTURES:
        if picture := _picture(mime, _text(data.get(mime))):
            return picture
    if svg := _text(data.get("image/svg+xml")):
        # Inside <img> an SVG neither runs scripts nor loads anything.
        encoded = base64.b64encode(svg.encode("utf-8", "replace")).decode()
        return _picture("image/svg+xml", encoded)
    if text := _text(data.get("text/html")):
        safe = _clean(_printable(text[: 10 * MAX_TEXT])).strip()
        if safe:
            return f'<div class="output html" tabindex="0">{safe}</div>'
    if text := _text(data.get("text/markdown")):
        return f'<div class="output">{markdown(text[:MAX_TEXT])}</div>'
    latex = _text(data.get("text/latex")).strip()
    if (found := _LATEX.fullmatch(latex)) and (
        drawn := formulas.formula(found[2].strip(), bool(found[1]))
    ):
        return f'<div class="output">{drawn}</div>'
    return plain(_text(data.get("text/plain")) or latex)


def _clean(text: str) -> str:
    """HTML without scripts, styles and forms, and without pictures from elsewhere."""
    import nh3

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("img", "src"):
            return None
        return safe_attribute(tag, attribute, formulas.without_marks(value))

    return nh3.clean(text, attribute_filter=kept)


def _picture(mime: str, encoded: str) -> str:
    encoded = "".join(encoded.split())
    if not encoded or len(encoded) > MAX_PICTURE * 4 // 3:
        return ""
    try:
        base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return f'<img class="output" alt="figure" src="data:{mime};base64,{encoded}">'


def _text(value: Any) -> str:
    """nbformat's text: a string, or a list of lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes):
        return "".join(line for line in value if isinstance(line, str))
    return ""


def _printable(text: str) -> str:
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


@lru_cache(maxsize=256)
def _formatter(marked: tuple[int, ...] = ()) -> Any:
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(cssclass="code", style="default", hl_lines=marked)


@cache
def _markdown() -> Any:
    import mistune

    return mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])
