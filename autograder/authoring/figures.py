"""Pictures that a student sees without running anything: drawn once, attached to Markdown cells.

A Markdown line ``![what it shows](figure:NAME)`` asks for the picture that the function NAME of
``solutions/NN_topic/figures/NAME.py`` draws (it returns a matplotlib figure). The picture is
committed next to it as ``NAME.png``, and drawn again only when that file has changed: the bytes
that matplotlib writes differ between versions, those of the notebooks must not.
"""

from __future__ import annotations

import base64
import hashlib
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.percent import read_text

_FIGURE = re.compile(r"(!\[[^\]]*\]\()figure:(\w+)\)")
_DRAWN_FROM = "Source"  # the PNG's own note of what it was drawn from


def attach(text: str, folder: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """The text with attachments in place of figures, and the attachments of its cell.

    Raises FileNotFoundError, with its path, for a picture that was never drawn.
    """
    attachments = {}
    for _, name in _FIGURE.findall(text):
        picture = base64.b64encode(_picture(folder, name).read_bytes()).decode()
        attachments[f"{name}.png"] = {"image/png": picture}
    return _FIGURE.sub(r"\1attachment:\2.png)", text), attachments


def draw_figures(folder: Path) -> list[Path]:
    """Draw every figure that the source in ``folder`` asks for and that is out of date."""
    written = []
    for path, drawn_from in out_of_date(folder):
        _draw(path, drawn_from)
        written.append(path)
    return written


def out_of_date(folder: Path) -> Iterator[tuple[Path, str]]:
    """The pictures of ``folder`` missing or out of date, with the fingerprint of their source."""
    source = folder / f"{folder.name}.py"
    for _, name in _FIGURE.findall(read_text(source)):
        path = _picture(folder, name)
        drawn_from = hashlib.sha256(path.with_suffix(".py").read_bytes()).hexdigest()
        if not path.is_file() or drawn_from.encode() not in path.read_bytes():
            yield path, drawn_from


def _picture(folder: Path, name: str) -> Path:
    return folder / "figures" / f"{name}.png"


def _draw(path: Path, drawn_from: str) -> None:
    import matplotlib.pyplot as plt  # late: only a build draws

    figure = runpy.run_path(str(path.with_suffix(".py")))[path.stem]()
    metadata = {"Software": None, _DRAWN_FROM: drawn_from}
    figure.savefig(path, dpi=110, bbox_inches="tight", metadata=metadata)
    plt.close(figure)
