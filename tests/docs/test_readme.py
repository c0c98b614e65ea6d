"""README's three readers get what they are promised."""

import pytest

from tests.docs.documents import ROOT, read_blocks
from tests.docs.play_readme import PEOPLE
from tests.docs.player import Player, clone


@pytest.mark.parametrize("person", PEOPLE)
def test_readme_keeps_its_promises_to_the(person, tmp_path):
    PEOPLE[person](Player(clone(tmp_path / "clone")))


def test_what_make_is_asked_for_exists():
    make, *_ = read_blocks(ROOT / "README.md")
    player = Player(ROOT)
    assert make.commands == ["make demo", "make test"]
    for command in make.commands:
        player.type(command)


def test_it_fits_two_screens():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 100
