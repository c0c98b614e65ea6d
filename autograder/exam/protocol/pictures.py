"""Pillow's pictures as data: mode, size and pixels, whatever file they were read from."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from autograder.exam.protocol import bounds
from autograder.exam.protocol.data_type import DataType

MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "I;16")


def _parts(picture: Image.Image) -> list[Any]:
    pixels = np.frombuffer(picture.tobytes(), np.uint8)
    palette = picture.getpalette() if picture.mode == "P" else None
    return [picture.mode, list(picture.size), pixels, palette]


def _build(mode: Any, size: Any, pixels: Any, palette: Any) -> Image.Image:
    _check_size(mode, size)
    if type(pixels) is not np.ndarray or pixels.dtype != np.uint8:
        raise ValueError("no pixels")
    picture = Image.frombytes(mode, tuple(size), pixels.tobytes())
    if palette is not None:
        if type(palette) is not list or len(palette) > 1024:
            raise ValueError("no palette")
        picture.putpalette(palette)
    return picture


def _check_size(mode: Any, size: Any) -> None:
    if mode not in MODES or type(size) is not list or len(size) != 2:
        raise ValueError("no picture")
    if not all(type(n) is int and 0 <= n <= 2**16 for n in size):
        raise ValueError("a picture of an impossible size")
    if size[0] * size[1] > bounds.MAX_FRAME:
        raise ValueError("a picture that is too large")


def _size(mode: Any, size: Any, pixels: Any, palette: Any) -> int:
    """Bytes of a picture: "1" has eight pixels in one on the wire, RGB three in four."""
    _check_size(mode, size)
    return int(size[0] * size[1]) * (1 if mode in ("1", "L", "P") else 4)


def _kinds() -> list[type]:
    """Pillow's class, and those of the formats that it reads."""
    Image.init()
    return [Image.Image, *(kind for kind, _ in Image.OPEN.values() if isinstance(kind, type))]


DATA_TYPES = tuple(DataType(kind, _parts, _build, _size) for kind in _kinds())
