"""Formulas in what students wrote: TeX -> MathML, which browsers draw without a script.

TeX is as untrusted as all they write. A formula leaves Markdown as a mark made of characters that
no text may hold, and comes back after sanitising, as MathML of a short list of elements and
attributes. What is too long, or is no TeX, comes back as it was typed.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from typing import Any

MAX_TEX = 2_000  # characters of a formula; the converter's recursion is bounded by it
MAX_MATHML = 60_000  # characters

OPEN, CLOSE = "\ue000", "\ue001"  # around a mark: private characters, taken out of students' text
_MARK = re.compile(f"{OPEN}([di])([0-9a-f]*){CLOSE}")
# As Jupyter finds them: not in code; a $ of money has a space beside it, or a digit behind it.
_PIECES = re.compile(
    r"""(?P<code> ^(?P<fence>```|~~~) .*? ^(?P=fence) | `[^`\n]*` | \\[\\`$] )
      | \$\$ (?P<display> [^$]{1,5000}? ) \$\$
      | \$ (?P<inline> (?![\s$]) (?:[^$\n]|\n(?!\s*\n)){1,5000}? ) (?<![\s\\]) \$ (?!\d)
      | (?P<bare> \\begin\{(?P<environment>equation|align|gather|eqnarray)(?P<star>\*?)\}
          .{1,5000}? \\end\{(?P=environment)(?P=star)\} )""",
    re.X | re.S | re.M,
)
_TAG = re.compile(r"\\tag\{([^{}$\\]{1,20})\}")

_ELEMENTS = """math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot
    mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover menclose"""
_WORDS = """accent accentunder display displaystyle fence form largeop linethickness lspace
    mathvariant maxsize minsize movablelimits notation rspace scriptlevel separator stretchy
    symmetric width"""
_STYLES = {"text-align", "justify-items", "padding-left", "padding-right"}
_LENGTH = re.compile(r"(-?\d?(\.\d+)?(em|ex|px)?|thin|medium|thick)", re.A)


def marked(text: str) -> str:
    """Markdown with a mark in place of each formula."""
    return _PIECES.sub(_mark, without_marks(text))


def without_marks(text: str) -> str:
    """Text without the characters that marks are made of."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def drawn(page: str) -> str:
    """Sanitised HTML with the formulas in place of their marks."""
    return _MARK.sub(lambda m: formula(bytes.fromhex(m[2]).decode(), m[1] == "d"), page)


@lru_cache(maxsize=4096)
def formula(tex: str, display: bool = False) -> str:
    """A formula as HTML; as it was typed when it cannot be drawn."""
    tags = _TAG.findall(tex)
    mathml = _mathml(_TAG.sub("", tex), display)
    if not mathml:
        sign = "$$" if display else "$"
        return f'<code class="typed">{html.escape(f"{sign}{tex}{sign}")}</code>'
    number = "".join(f'<span class="tag">({html.escape(tag)})</span>' for tag in tags)
    if display:
        return f'<span class="formula" tabindex="0">{mathml}{number}</span>'
    return mathml + number


def _mark(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    tex = found["display"] or found["inline"] or found["bare"]
    return f"{OPEN}{'i' if found['inline'] else 'd'}{tex.encode('utf-8', 'replace').hex()}{CLOSE}"


def _mathml(tex: str, display: bool) -> str:
    """Sanitised MathML, or "" for what the converter does not know."""
    if len(tex) > MAX_TEX:
        return ""
    converter = _converter()
    try:
        mathml = converter.convert_with_local_state(tex, displaystyle=display)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a panic of the converter's is no Exception
        return ""
    return _clean(mathml) if len(mathml) <= MAX_MATHML else ""


def _clean(mathml: str) -> str:
    import nh3

    def kept(tag: str, attribute: str, value: str) -> str | None:
        """Lengths that could push a formula over the rest of the page are dropped."""
        is_length = attribute in ("width", "lspace", "rspace", "minsize", "maxsize")
        return None if is_length and not _LENGTH.fullmatch(value) else value

    elements = set(_ELEMENTS.split())
    return nh3.clean(
        mathml,
        tags=elements,
        attributes={name: {*_WORDS.split(), "style"} for name in elements},
        attribute_filter=kept,
        filter_style_properties=_STYLES,
        link_rel=None,
    )


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False, max_expansions=100)
