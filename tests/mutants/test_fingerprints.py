"""In a student's own notebook a wrong value is known by its fingerprint, and the file tells nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring.source import read_source
from autograder.mutants.fingerprints import fingerprints, with_answers
from autograder.mutants.prove import Notebook
from autograder.notebook.source_cells import read_source_cells
from mlpkit.testing import assert_array, causes

SOURCE = Path(__file__).parents[2] / "solutions" / "01_logistic" / "01_logistic.py"


@pytest.fixture
def known(monkeypatch):
    value = np.array([1.0, -2.0, 0.125])
    print_ = causes.fingerprint("dL/dh", value)
    sealed = causes.sealed({print_: "the transpose of V is missing"})
    monkeypatch.setattr(causes, "_all_known", lambda: sealed)
    return value, sealed


def test_the_cause_of_a_known_value_is_said_and_of_no_other(known):
    value, _ = known
    with pytest.raises(AssertionError, match="Likely cause: the transpose of V is missing"):
        assert_array(value, np.zeros(3), "dL/dh")
    for other, name in [(value * 3, "dL/dh"), (value, "dL/dV"), (value[None], "dL/dh")]:
        assert causes.cause_of(name, other) is None


def test_the_last_digits_of_another_machine_change_nothing(known):
    value, _ = known
    assert causes.cause_of("dL/dh", value * (1 + 3e-16) - 1e-16) == "the transpose of V is missing"


def test_the_file_tells_neither_words_nor_values(known):
    _, sealed = known
    assert "transpose" not in str(sealed)
    assert "0.125" not in str(sealed)


def test_what_has_no_fingerprint_has_no_cause():
    for value in (None, "text", np.array([np.nan]), np.array([]), np.array([None])):
        assert causes.cause_of("x", value) is None


def test_the_course_has_fingerprints():
    assert len(causes._all_known()) > 1000


def test_the_negative_of_a_known_value_has_its_cause_and_the_wrong_sign(known):
    value, _ = known
    assert causes.cause_of("dL/dh", -value) == (
        "the transpose of V is missing; and the sign is wrong"
    )


def test_twice_and_half_of_a_known_value_have_its_cause_and_the_factor(known):
    value, _ = known
    for factor, second in [(2, "an extra factor 2"), (0.5, "an extra factor 1/2")]:
        found = causes.cause_of("dL/dh", factor * value)
        assert found == f"the transpose of V is missing; and {second}"


def test_of_small_whole_numbers_a_factor_says_nothing(monkeypatch):
    value = np.array([1.0, -2.0, 4.0])
    sealed = causes.sealed({causes.fingerprint("dL/dh", value): "the transpose of V is missing"})
    monkeypatch.setattr(causes, "_all_known", lambda: sealed)
    assert causes.cause_of("dL/dh", 2 * value) is None


def test_a_shape_that_a_misreading_gives_is_named(known):
    value, _ = known
    with pytest.raises(AssertionError, match="Likely cause: the transpose of V is missing"):
        assert_array(value, np.zeros((3, 3)), "dL/dh")


def test_a_misread_variant_is_named_in_its_own_words():
    """s - y is -(y - s), too, in which the minus sign can be forgotten."""
    steps = read_source_cells(json.loads(json.dumps(read_source(SOURCE))))
    cells = {"dL_dyhat": "def dL_dyhat(s, y):\n    return -(y - s)\n"}
    reference = fingerprints(Notebook(steps, only=["dL_dyhat"])).values()
    variant = fingerprints(Notebook(with_answers(steps, cells), only=cells)).values()
    assert "the minus sign before y - s is missing" in [one.cause for one in variant]
    assert "the minus sign before y - s is missing" not in [one.cause for one in reference]
    assert not any(one.unlike for one in [*reference, *variant])
