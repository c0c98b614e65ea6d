"""Markdown, HTML and TeX that a student wrote, made harmless for whatever page shows it.

The notebook in ``autograded/`` is rendered by others: formgrader, ``nbgrader generate_feedback``,
nbconvert, JupyterLab. Their parsers differ, and some keep raw HTML and ``javascript:`` links. So
Markdown is not parsed here: what could begin a tag, a link, a picture or a dangerous TeX macro is
separated by a space unless it is one of a few spellings that mean the same to every parser.
What would take those parsers minutes (their time grows with the square of a text's length) is shown
to them as code, which they do not read.
"""

from __future__ import annotations

import re

_TAGS = "b|br|code|del|details|em|hr|i|kbd|li|ol|p|pre|s|span|strong|sub|summary|sup|u|ul"
_TABLE = "caption|table|tbody|td|tfoot|th|thead|tr"
# A tag that is kept, without its attributes; any other "<" that a parser could take for a tag.
_TAG = re.compile(rf"<(/?(?:{_TAGS}|{_TABLE}))(?:\s[^<>]*)?/?>|<(?=[A-Za-z/!?])", re.I)
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|nbsp|times|minus);)(?=#|[A-Za-z]\w*;)")
_URL = r"(?:https?://|mailto:|\#)[^\s<>()\"'\\`]*"
_FILE = r"attachment:[\w.-]+"
# What follows "](" in a link and "]:" in a definition; anything else is no link any more.
_LINK = re.compile(rf"\](?=[(:])(?!\([ ]*{_URL}[ ]*(?:\"[^\"\n]*\")?\)|:[ ]+{_URL}\s*$)", re.M)
_ATTACHED = re.compile(rf"!\[[^\[\]\\\n]*\]\({_FILE}\)")
_PICTURE = re.compile(rf"({_ATTACHED.pattern})|!(?=\[)")
_MERMAID = re.compile(r"((?<![`~])[`~]{3,}[^\S\n]*)mermaid", re.I)
# Macros of MathJax that make links, styles, ids, attributes, options, or load or define further
# macros; and those whose arguments become part of a style, unless they are plain names of colours.
_PLAIN = r"\s*\{[\w#.,\s-]*\}"
_MODEL = r"\s*(?:\[\w*\])?"
_MACRO = re.compile(
    r"\\(?=(?:href|url|require|style|class|cssId|bbox|mmlToken|data|html\w*|includegraphics"
    r"|toggle|texttip|mathtip|tooltip|def|gdef|edef|xdef|global|let|csname|(?:re)?newcommand"
    r"|providecommand|(?:re)?newenvironment|(?:re)?newtagform|Declare\w+|Newextarrow"
    r"|mathtoolsset|setOptions|tex[hH]tml)(?![a-zA-Z])"
    r"|unicode(?!\s*\{)"
    rf"|(?:color|textcolor|colorbox|(?:cell|row|column|arrayrule)color)(?![a-zA-Z])(?!{_MODEL}{_PLAIN})"
    rf"|fcolorbox(?!{_MODEL}{_PLAIN}{_PLAIN})|definecolor(?!{_PLAIN}{_PLAIN}{_PLAIN}))"
)
MAX_MARKDOWN = 20_000  # characters of one text that are read as Markdown
LINE = 200  # characters of one line of a longer text
MAX_COLOURS = 5_000  # changes of colour in one text: nbconvert copies the rest at each of them

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_HTML_TAGS = set(
    f"{_TAGS}|{_TABLE}|a|abbr|blockquote|col|colgroup|dd|div|dl|dt|h1|h2|h3|h4|h5|h6|img|small"
    .split("|")
)  # fmt: skip
_HTML_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_HREF = re.compile(r"(?:https?://|mailto:|#)[^\s\"'<>]*", re.I)
_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/\s]+={0,2}\s*")
_SIZE = re.compile(r"\d{1,4}")


def safe_markdown(
    text: str, attachments: frozenset[str] = frozenset(), most: int = MAX_MARKDOWN
) -> str:
    """Markdown without HTML but plain tags, links but http(s), mailto and ``#``, or pictures.

    Pictures are kept where they are in ``attachments``, the names of what the cell holds. A text
    of more than ``most`` characters becomes a block of code.
    """

    def tag(found: re.Match[str]) -> str:
        return f"<{found[1]}>" if found[1] else "< "

    text = _CONTROL.sub("", text)
    text = _ENTITY.sub("& ", _TAG.sub(tag, text))
    pieces, place = [], 0
    for found in _PICTURE.finditer(text):
        kept = found[1] and _attached(found[1]) in attachments
        pieces += [_LINK.sub("] ", text[place : found.start()]), found[0] if kept else "! "]
        place = found.end() if kept or not found[1] else found.start() + 1
    pieces.append(_LINK.sub("] ", text[place:]))
    safe = safe_tex(_MERMAID.sub(r"\1text", "".join(pieces)))
    return safe if len(safe) <= most else _as_code(safe)


def _as_code(text: str) -> str:
    """Markdown that shows a text as it is, in lines that are not too long to be searched."""
    text = re.sub(f"([^\n]{{{LINE}}})(?=[^\n])", r"\1\n", text)
    longest = max(map(len, re.findall("~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def safe_html(text: str) -> str:
    """HTML of a short list of elements; no styles, ids or scripts, links to http(s) and mailto."""
    import nh3

    cleaned = nh3.clean(
        _CONTROL.sub("", text),
        tags=_HTML_TAGS,
        attributes=_HTML_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "data"},
        attribute_filter=safe_attribute,
    )
    return safe_tex(cleaned)  # last: removing comments and tags could have joined a macro's name


def safe_attribute(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute that nh3 is about to keep; None drops it."""
    if attribute == "src":
        return value if tag == "img" and _DATA.fullmatch(value) else None
    if attribute == "href":
        return value if _HREF.fullmatch(value) else None
    if attribute in ("width", "height", "colspan", "rowspan"):
        return value if _SIZE.fullmatch(value) else None
    return value


def safe_tex(text: str) -> str:
    """Text in which MathJax finds no macro that could make a link, a style or an attribute."""
    return _MACRO.sub(r"\\ ", text)


def safe_plain(text: str) -> str:
    """Printed text: colours stay, other escape sequences and control characters do not."""
    colours = 0

    def kept(found: re.Match[str]) -> str:
        nonlocal colours
        colours += found[1] is not None
        return found[1] if found[1] and colours <= MAX_COLOURS else ""

    return _ESCAPE.sub(kept, text)


# A colour of 256, or of red, green and blue, has all its numbers: nbconvert fails at others.
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
_COLOUR = (
    rf"(?:[34]8;(?:5;{_BYTE}|2;{_BYTE};{_BYTE};{_BYTE})|(?!0?[34]8(?![0-9]))[0-9]{{1,3}})(?=[;m])"
)
# Tab, newline and carriage return are no control characters here.
_ESCAPE = re.compile(
    rf"(\x1b\[(?:{_COLOUR}(?:;{_COLOUR}){{0,8}})?m)"
    r"|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff]"
)


def _attached(picture: str) -> str:
    return picture.rpartition("attachment:")[2].removesuffix(")")
