"""Outputs and attachments that students' code, or their files, bring: an allow-list.

What is not listed here (JavaScript, widgets, ``application/*``, metadata that a page's template
would copy into its markup) is not in the notebook that stays.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from autograder.notebook.safe_svg import safe_svg
from autograder.notebook.safe_text import safe_html, safe_markdown, safe_plain, safe_tex

MAX_ITEMS = 500  # outputs of one cell
MAX_LINES = 100  # of a traceback
MAX_PIXELS = 10_000  # of a picture's stated width or height
MAX_PICTURE = 8 * 2**20  # bytes
MAX_ATTACHMENTS = 50  # of one cell
MAX_NAME = 100  # characters of an attachment's name
MAX_MARKDOWN = 2_000  # characters that are read as Markdown; there may be many of these

PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_TEXTS = {
    "text/plain": safe_plain,
    "text/html": safe_html,
    "text/markdown": lambda text: safe_markdown(text, most=MAX_MARKDOWN),
    "text/latex": safe_tex,
    "image/svg+xml": safe_svg,
}


def sanitise_outputs(items: Any) -> list[dict[str, Any]]:
    """Those of the outputs that nbformat 4 knows and that do no harm, in its plain form."""
    found = [_output(item) for item in items[:MAX_ITEMS]] if isinstance(items, list) else []
    return [item for item in found if item is not None]


def sanitise_attachments(value: Any) -> dict[str, dict[str, str]]:
    """The pictures among a Markdown cell's attachments: name -> type -> base64."""
    found: dict[str, dict[str, str]] = {}
    for name, bundle in value.items() if isinstance(value, Mapping) else ():
        plain = isinstance(name, str) and 0 < len(name) <= MAX_NAME
        if not (plain and name.replace("-", "").replace(".", "").replace("_", "").isalnum()):
            continue
        if not isinstance(bundle, Mapping) or len(found) == MAX_ATTACHMENTS:
            continue
        kept = {mime: _picture(mime, text_of_lines(bundle.get(mime))) for mime in PICTURES}
        if kept := {mime: data for mime, data in kept.items() if data}:
            found[name] = kept
    return found


def text_of_lines(value: Any) -> str:
    """nbformat's text: a string, or a list of its lines; "" for anything else."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _output(item: Any) -> dict[str, Any] | None:
    kind = item.get("output_type") if isinstance(item, Mapping) else None
    if kind == "stream":
        name = "stderr" if item.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _printed(item.get("text"))}
    if kind == "error":
        lines = item.get("traceback")
        lines = lines[:MAX_LINES] if isinstance(lines, list) else []
        return {
            "output_type": kind,
            "ename": _printed(item.get("ename")),
            "evalue": _printed(item.get("evalue")),
            "traceback": [_printed(line) for line in lines],
        }
    if kind in ("display_data", "execute_result"):
        data = _bundle(item.get("data"))
        sound = {
            "output_type": kind,
            "data": data,
            "metadata": _metadata(item.get("metadata"), data),
        }
        if kind == "execute_result":
            count = item.get("execution_count")
            sound["execution_count"] = count if type(count) is int and 0 <= count < 10**9 else None
        return sound if data else None
    return None


def _bundle(data: Any) -> dict[str, str]:
    """What is displayed, by MIME type."""
    found = {}
    for mime, value in data.items() if isinstance(data, Mapping) else ():
        if not isinstance(mime, str):
            continue
        if mime in PICTURES:
            found[mime] = _picture(mime, text_of_lines(value))
        elif mime in _TEXTS:
            found[mime] = _TEXTS[mime](text_of_lines(value))
    return {mime: text for mime, text in found.items() if text or mime == "text/plain"}


def _metadata(metadata: Any, data: Mapping[str, str]) -> dict[str, Any]:
    """Sizes and backgrounds of the pictures that are there."""
    found = {}
    for mime in PICTURES:
        given = metadata.get(mime) if isinstance(metadata, Mapping) and mime in data else None
        if not isinstance(given, Mapping):
            continue
        kept: dict[str, Any] = {
            name: given[name]
            for name in ("width", "height")
            if type(given.get(name)) is int and 0 < given[name] <= MAX_PIXELS
        }
        if given.get("needs_background") in ("light", "dark"):
            kept["needs_background"] = given["needs_background"]
        if given.get("unconfined") is True:
            kept["unconfined"] = True
        if kept:
            found[mime] = kept
    return found


def _picture(mime: str, encoded: str) -> str:
    """The base64 of a picture of this type, on one line; "" for anything else."""
    if len(encoded) > 2 * MAX_PICTURE:
        return ""
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if len(data) > MAX_PICTURE or not data.startswith(PICTURES[mime]):
        return ""
    return base64.b64encode(data).decode()


def _printed(value: Any) -> str:
    return safe_plain(text_of_lines(value))
