"""Every block of docs/gradient-checking.md runs, in the order of the page."""

import re
import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "gradient-checking.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONAL = ("torch", "jax")  # not among what the tests install


def sections():
    """(heading, its blocks); the first names what all the others use."""
    parts = re.split(r"^#+ (.*)$", PAGE.read_text(), flags=re.MULTILINE)[1:]
    found = zip(parts[::2], map(BLOCK.findall, parts[1::2]), strict=True)
    return [(heading, blocks) for heading, blocks in found if blocks]


def test_the_page_shows_what_it_promises():
    assert {"scipy", "torch", "jax", "scikit-learn"} <= {heading for heading, _ in sections()}


@pytest.mark.parametrize("heading", [heading for heading, _ in sections()])
def test_every_block_runs(heading):
    """After those before it, for they share names; blocks of a missing library are skipped."""
    names = {}
    for title, blocks in sections():
        for block in blocks:
            missing = [m for m in OPTIONAL if f"import {m}\n" in block and find_spec(m) is None]
            if missing and title == heading:
                pytest.skip(f"{missing[0]} is not installed")
            if missing or (title in OPTIONAL and title != heading):
                continue
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", module="jax|torch")
                exec(compile(block, f"{PAGE.name}, {title}", "exec"), names)
        if title == heading:
            return
