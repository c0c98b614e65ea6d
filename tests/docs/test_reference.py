"""The reference is what the docstrings say now."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_it_is_up_to_date():
    make = runpy.run_path(str(DOCS / "make_reference.py"))
    assert make["reference"]() == make["PATH"].read_text(encoding="utf-8"), (
        "run: python docs/make_reference.py"
    )


def test_everything_public_is_described():
    make = runpy.run_path(str(DOCS / "make_reference.py"))
    text = make["reference"]()
    for name in ("check_gradient", "best_parameters", "assert_vectorised", "one_hot", "examine"):
        assert f"### {name}\n" in text
    entries = text.split("\n### ")[1:]
    assert not [entry.split("\n")[0] for entry in entries if len(entry.splitlines()) < 6]
