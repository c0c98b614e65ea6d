"""SVG that a student's code drew, rebuilt from a list of shapes and attributes.

No script, style sheet, foreign element, animation, event or picture; references lead to the
drawing's own parts only, which have names that nothing else of a page has, and no part that is
drawn again draws others again: a few of those would make millions. Its text is no TeX, which a
page would set as formulas and links. So it does no harm inside a page, either.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from autograder.notebook.safe_text import safe_tex

MAX_SVG = 4 * 2**20  # characters
MAX_DEPTH = 50  # of elements in elements

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_SHAPES = frozenset(
    str.split(
        """svg g defs symbol use path rect circle ellipse line polyline polygon text tspan clipPath
        linearGradient radialGradient stop marker pattern mask title desc"""
    )
)
_ATTRIBUTES = frozenset(
    str.split(
        """id x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy d points width height viewBox transform
        preserveAspectRatio version offset gradientUnits gradientTransform clipPathUnits
        patternUnits patternTransform markerWidth markerHeight refX refY orient spreadMethod"""
    )
)
_STYLES = frozenset(
    str.split(
        """fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
        stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity stop-color
        stop-opacity font font-family font-size font-style font-weight text-anchor
        dominant-baseline clip-path clip-rule marker-start marker-mid marker-end mask"""
    )
)
_OWN_PART = re.compile(r"#[\w.:-]+")
_PART = re.compile(r"url\(#(?!svg-)", re.I)  # in a style
_PREFIX = "svg-"  # of the names of all parts
_VALUE = re.compile(r"(?:[^()\\&<>@{}]|(?:rgba?|hsla?|translate|scale|rotate|matrix|skew[XY])"
                    r"\([-\d.,%e\s]*\)|url\(#[\w.:-]+\))*", re.I)  # fmt: skip
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[\]<>]*>", re.I)


def safe_svg(text: str) -> str:
    """The drawing, rebuilt; "" for what is no SVG."""
    text = _DOCTYPE.sub("", text, count=1)
    if len(text) > MAX_SVG or "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        return ""
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError, RecursionError):
        return ""
    drawing = _rebuilt(root, MAX_DEPTH, _drawn_again(root))
    if drawing is None or drawing.tag != "svg":
        return ""
    drawing.set("xmlns", SVG)
    drawing.set("xmlns:xlink", XLINK)
    return ET.tostring(drawing, encoding="unicode")


def _drawn_again(root: ET.Element) -> frozenset[str]:
    """The parts that ``use`` draws again."""
    used = [
        element.get(key, "")[1:]
        for element in root.iter(f"{{{SVG}}}use")
        for key in ("href", f"{{{XLINK}}}href")
    ]
    return frozenset(used)


def _rebuilt(
    element: ET.Element, depth: int, again: frozenset[str], inside: bool = False
) -> ET.Element | None:
    """The element, rebuilt; ``inside``: of a part that is drawn ``again``."""
    name = element.tag.removeprefix(f"{{{SVG}}}") if isinstance(element.tag, str) else ""
    inside |= element.get("id") in again or name in ("pattern", "marker", "mask", "clipPath")
    if name not in _SHAPES or depth == 0 or (inside and name == "use"):
        return None
    made = ET.Element(name)
    made.text = _text(element.text) if name in ("text", "tspan", "title", "desc") else None
    for key, value in element.attrib.items():
        if key in ("href", f"{{{XLINK}}}href"):
            if name != "title" and _OWN_PART.fullmatch(value):
                made.set("xlink:href", f"#{_own_name(value[1:])}")
        elif key == "id":
            if _OWN_PART.fullmatch(f"#{value}"):
                made.set("id", _own_name(value))
        elif key == "style":
            made.set("style", _style(value))
        elif (key in _ATTRIBUTES or key in _STYLES) and _VALUE.fullmatch(value):
            made.set(key, _PART.sub(f"url(#{_PREFIX}", value))
    for child in element:
        if (kept := _rebuilt(child, depth - 1, again, inside)) is not None:
            kept.tail = _text(child.tail) if name in ("text", "tspan") else None
            made.append(kept)
    return made


def _text(found: str | None) -> str | None:
    return None if found is None else safe_tex(found)


def _own_name(name: str) -> str:
    return name if name.startswith(_PREFIX) else f"{_PREFIX}{name}"


def _style(text: str) -> str:
    pairs = (part.partition(":")[::2] for part in text.split(";"))
    kept = [(name.strip().lower(), value.strip()) for name, value in pairs]
    return "; ".join(
        f"{name}: {_PART.sub(f'url(#{_PREFIX}', value)}"
        for name, value in kept
        if name in _STYLES and _VALUE.fullmatch(value)
    )
