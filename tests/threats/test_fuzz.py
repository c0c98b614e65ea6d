"""Fuzzing: mutated notebooks give named flags and a finished exam, never an exception."""

import json
import random

import pytest

from autograder.exam import Limits
from autograder.exam.protocol.codec import ProtocolError
from autograder.exam.protocol.validation import read_found, read_summary, sanitise_outputs
from autograder.notebook.rebuild import rebuild
from autograder.notebook.source_cells import read_source_cells
from autograder.result import GRADED, NEEDS_A_PERSON
from tests.threats.room import FULL, NEIGHBOUR, SOURCE, data_of, honest, scores, sit

ODD = [
    None,
    True,
    -1,
    10**30,
    1e400,
    "",
    "x" * 5_000,
    "\ud800",
    "\x00",
    [],
    {},
    [[]],
    {"a": {}},
    "outer",
    "test_outer",
    "code",
    "def outer(d, h): return 0",
    "raise NotImplementedError",
    "((((",
    "%%bash\nls",
    "'''",
    "\u202e",
    0.5,
]
STEPS = read_source_cells(SOURCE)
KEYS = [
    "cells",
    "cell_type",
    "source",
    "metadata",
    "nbgrader",
    "grade_id",
    "id",
    "outputs",
    "nbformat",
    "worksheets",
    "input",
    "points",
    "tags",
    "kernelspec",
    "locked",
]


def mutated(dice):
    """The bytes of an honest notebook after a few changes to its tree, and sometimes its bytes."""
    made = honest()
    for _ in range(dice.randint(1, 6)):
        parent, key = dice.choice(list(places(made)))
        deed = dice.randrange(6)
        if deed == 0:
            parent[key] = dice.choice(ODD)
        elif deed == 1:
            del parent[key]
        elif deed == 2 and isinstance(parent, list):
            parent.insert(dice.randint(0, len(parent)), parent[key])
        elif deed == 3 and isinstance(parent, list):
            dice.shuffle(parent)
        elif deed == 4 and isinstance(parent, dict):
            parent[dice.choice(KEYS)] = parent.pop(key)
        elif isinstance(parent[key], str) and parent[key]:
            cut = dice.randrange(len(parent[key]))
            parent[key] = (
                parent[key][:cut]
                + dice.choice(["", "\n", "\x00", "é", "("])
                + parent[key][cut + dice.randint(0, 9) :]
            )
        if not list(places(made)):
            break
    data = bytearray(json.dumps(made).encode())
    for _ in range(dice.choice([0, 0, 0, 1, 5])):
        place = dice.randrange(len(data))
        data[place : place + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
    return bytes(data[: dice.choice([len(data)] * 9 + [dice.randrange(len(data))])])


def places(tree, depth=0):
    """Every (container, key) of a JSON tree."""
    if depth > 8:
        return
    pairs = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, value in list(pairs):
        yield tree, key
        yield from places(value, depth + 1)


def check_intake(data):
    rebuilt = rebuild(STEPS, data)
    kinds = [placed.step.id for placed in rebuilt.cells if placed.step.id in FULL]
    assert kinds == list(FULL), "every check is there, once, in its order"
    assert all(isinstance(flag, str) and flag.endswith((".", "?")) for flag in rebuilt.flags)
    assert rebuilt.readable or rebuilt.flags


def check_exam(data):
    result = sit(data, limits=Limits(call_seconds=2, cell_seconds=2, notebook_seconds=20))
    assert result.status in (GRADED, NEEDS_A_PERSON) and scores(result).keys() == FULL.keys()
    json.dumps(result.to_json(), allow_nan=False)
    if result.status == GRADED:
        assert all(0 <= score <= FULL[name] for name, score in scores(result).items())
    assert len(data_of(NEIGHBOUR)) > 0


@pytest.mark.parametrize("seed", range(300))
def test_mutated_notebooks_are_taken_in(seed):
    check_intake(mutated(random.Random(seed)))


def test_mutated_notebooks_are_examined():
    for seed in range(12):
        check_exam(mutated(random.Random(seed)))
    assert scores(sit(NEIGHBOUR)) == FULL


@pytest.mark.soak
def test_2000_mutated_notebooks():
    for seed in range(2_000):
        data = mutated(random.Random(10_000 + seed))
        check_intake(data)
        check_exam(data)
        if seed % 50 == 0:
            assert scores(sit(NEIGHBOUR)) == FULL


def test_mutated_accounts_of_a_cell_are_read_or_refused():
    dice = random.Random(1)
    account = {
        "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["a", "b"]},
            {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        ],
        "error": None,
        "message": "",
        "found": {"f": {"frame": b"x"}},
    }
    for _ in range(500):
        made = json.loads(json.dumps({k: v for k, v in account.items() if k != "found"}))
        for _ in range(dice.randint(1, 3)):
            found = list(places(made))
            if found:
                parent, key = dice.choice(found)
                parent[key] = dice.choice(ODD)
        try:
            json.dumps(read_summary(made), allow_nan=False)
        except ProtocolError as error:
            assert str(error).endswith(".")
        json.dumps(sanitise_outputs(made.get("outputs")), allow_nan=False)
    assert read_found(account["found"], {"f"}) == account["found"]
    for odd in (
        *ODD,
        {"f": 1},
        {1: {"frame": b""}},
        {"f": {"frame": "x"}},
        {"f": {}},
        {"g": {"frame": b""}},
    ):
        if odd != {}:
            with pytest.raises(ProtocolError):
                read_found(odd, {"f"})
