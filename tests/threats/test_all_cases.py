"""Every case has a test of its own: its number stands in the test's name."""

import re
from pathlib import Path

CASES = {*range(1, 70)}


def test_every_case_is_tested():
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        found |= set(map(int, re.findall(r"^def test_case_(\d\d)_", path.read_text(), re.M)))
    assert found == CASES
