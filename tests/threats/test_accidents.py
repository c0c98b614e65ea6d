"""Cases 26 to 43: broken by accident. Correct work gets full marks, and a person a flag.

Each docstring ends with what holds.
"""

import copy
import json

import pytest

from autograder.result import COULD_NOT_RUN, GRADED, NEEDS_A_PERSON
from tests.threats.room import (
    DESCEND,
    FULL,
    NEIGHBOUR,
    NEURON,
    OUTER,
    RISK,
    TRANSPOSED,
    between,
    find,
    flagged,
    grade,
    honest,
    message,
    own,
    printed,
    scores,
    with_cell,
    without,
)


def full(made, words=""):
    """The submission gets full marks, and a flag with these words (none without)."""
    result = grade(made)
    assert scores(result) == FULL and result.status == GRADED
    assert flagged(result, words) if words else result.flags == ()
    return result


BROKEN = {
    b"": "The file is empty",
    b"  \n": "The file is empty",
    json.dumps(NEIGHBOUR).encode()[:3000]: "JSON is broken",
    b"[]": "it has no cells",
    b"{}": "it has no cells",
    b'{"cells": 3}': "it has no cells",
    b"[" * 100_000: "JSON is broken",
    b"\x89PNG\r\n\x1a\n" + bytes(100): "JSON is broken",
    b'{"cells": [{"cell_type": "code", "source": "x = 1"}]}': "is it another one's?",
}


def test_case_26_a_file_that_cannot_be_read_waits_for_a_person():
    """Holds: intake (``handed_in``): never a silent 0."""
    for result, words in zip(between(*BROKEN), BROKEN.values(), strict=True):
        assert result.status == NEEDS_A_PERSON and flagged(result, words), words
        assert set(scores(result).values()) == {None}
        assert {check.status for check in result.checks} == {COULD_NOT_RUN}


OTHERS = {
    "a written answer": {"why": "Because of the chain rule."},
    "a solution": {"outer": "def average(x):\n    return sum(x) / len(x)"},
    "a check": {"test_outer": '"""Another check"""\nassert average([1]) == 1'},
    "all three": {"outer": "z = 1", "test_outer": "assert z == 1", "why": "So."},
}


def alone(**texts):
    """A notebook with these cells only."""
    made = honest()
    made["cells"] = [{**find(made, name), "source": text} for name, text in texts.items()]
    return made


@pytest.mark.parametrize("texts", OTHERS.values(), ids=OTHERS)
def test_an_id_that_another_assignment_uses_too_is_nobodys_zero(texts):
    """Holds: rebuild (``_is_of_this_assignment``)."""
    result = grade(alone(**texts))
    assert result.status == NEEDS_A_PERSON and flagged(result, "is it another one's?")


@pytest.mark.parametrize("text", ["def outer(:", "outer = None", "y = 1\n\ndef outer(a): pass"])
def test_a_wrong_answer_without_its_checks_is_still_of_this_assignment(text):
    """Holds: rebuild (``_is_of_this_assignment``)."""
    assert not flagged(grade(alone(outer=text)), "is it another one's?")


def old(made):
    """The notebook as nbformat 3 writes it."""
    cells = [
        {
            **{k: v for k, v in one.items() if k not in ("id", "source")},
            ("input" if one["cell_type"] == "code" else "source"): one["source"].splitlines(True),
        }
        for one in made["cells"]
    ]
    return {"nbformat": 3, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


ENCODINGS = {
    "a byte-order mark": ("utf-8-sig", "byte-order mark"),
    "UTF-16": ("utf-16", "UTF-16"),
    "Latin-1": ("latin-1", "Latin-1"),
}


def test_case_27_encodings_and_old_formats():
    """Holds: intake (``handed_in``)."""
    made = honest(why="Ça dépend: «é»")
    text = json.dumps(made, ensure_ascii=False)
    tried = [text.encode(encoding) for encoding, _ in ENCODINGS.values()]
    for result, (_, words) in zip(between(*tried, isolation=None), ENCODINGS.values(), strict=True):
        assert scores(result) == FULL and flagged(result, words)
    result = full(old(honest()), "nbformat 3")
    assert "chain rule" in json.dumps(result.notebook)


@pytest.mark.parametrize(
    "metadata",
    [{}, {"kernelspec": {"name": "julia-1.9", "language": "julia"}}, {"kernelspec": 7}, [], None],
)
def test_case_28_a_wrong_kernelspec_or_none(metadata):
    """Holds: rebuild (the notebook's metadata are the source's)."""
    made = {**honest(), "metadata": metadata}
    assert full(made).notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_case_29_other_versions_of_nbgraders_schema():
    """Holds: rebuild."""
    for version in (1, 99, "three", None):
        made = honest()
        for one in made["cells"]:
            one["metadata"]["nbgrader"]["schema_version"] = version
        full(made)


def test_case_30_locked_cells_deleted():
    """Holds: rebuild."""
    made = honest()
    made["cells"] = [one for one in made["cells"] if one["id"] != "test_outer"]
    full(made, "Locked cells were missing (test_outer)")
    made["cells"] = [one for one in made["cells"] if not one["id"].startswith("test")]
    full(made, "missing")
    made["cells"] = [one for one in made["cells"] if one["id"] != "setup"]
    full(made, "missing (setup")


def test_case_31_cells_duplicated():
    """Holds: intake (``_take``)."""
    made = honest()
    made["cells"].insert(4, copy.deepcopy(find(made, "outer")))
    made["cells"].append(copy.deepcopy(find(made, "test_risk")))
    full(made, "The cell outer is there 2 times.")
    tried = honest(outer=TRANSPOSED)
    tried["cells"].insert(4, {**find(honest(), "outer"), "id": "other"})
    full(tried, "copies differ")
    stub = honest()
    stub["cells"].insert(4, {**find(honest(outer="raise NotImplementedError()"), "outer")})
    full(stub, "there 2 times")


def bare(made, keep=()):
    """What an editor leaves that knows neither metadata nor ids."""
    for place, one in enumerate(made["cells"]):
        one["metadata"] = {}
        if "id" not in keep:
            one["id"] = f"x{place}"
    return made


def test_case_32_metadata_lost():
    """Holds: intake (ids, then text, then the name that a cell defines)."""
    full(bare(honest(), keep=("id",)))
    result = full(bare(honest()), "found by the name outer")
    assert "Because of the chain rule." in json.dumps(result.notebook)


def test_case_32_cells_reordered():
    """Holds: rebuild."""
    made = honest()
    made["cells"].reverse()
    full(made, "in another order")


def test_case_32_cells_split():
    """Holds: intake (``_joined``): also in the middle of a function, as the key in Jupyter does."""
    half = OUTER.index("    return")
    made = honest()
    whole = find(made, "outer")
    second = copy.deepcopy(whole)
    whole["source"], second["source"] = OUTER[:half], OUTER[half:]
    second["id"] = "second"
    made["cells"].insert(4, second)
    full(made, "was split into 2")
    made = honest(outer=f"def helper(d, h):\n    return np.outer(d, h)\n{TRANSPOSED}")
    second = {**find(made, "outer"), "id": "second"}
    made["cells"].insert(4, second)
    find(made, "outer")["source"] = "def helper(d, h):\n    return np.outer(d, h)"
    second["source"] = "def outer(d, h):\n    return helper(d, h)"
    full(made, "was split into 2")


@pytest.mark.parametrize("where", ["neuron", "descent", "test_risk"])
def test_case_32_cells_merged(where):
    """Holds: intake: all work in one cell, the first, the last, or a locked one."""
    made = honest()
    parts = "\n\n".join([NEURON, OUTER, RISK, DESCEND])
    made["cells"] = [
        one
        for one in made["cells"]
        if one["id"] not in ("neuron", "outer", "risk", "descent") or one["id"] == where
    ]
    find(made, where)["source"] = parts
    full(made, "was defined in another cell than its own")


def test_case_34_modules_of_the_students_own_named_like_libraries():
    """Holds: the work folder is not on the path of the harness, which imports before."""
    write = (
        "for name in ('numpy', 'random', 'json', 'mlpkit', 'linecache'):\n"
        "    open(name + '.py', 'w').write('raise RuntimeError(\"shadowed\")')"
    )
    made = with_cell(0, write)
    made["cells"].insert(3, own("import random, json, linecache, statistics; 1 / 0", "boom"))
    full(made)


def test_case_35_input_has_an_answer_at_once():
    """Holds: ``cells`` (``input`` raises) and an empty stdin."""
    result = full(with_cell(1, "name = input('Your name? ')"))
    assert "input() cannot be answered" in printed(result)
    waits = grade(honest(outer="def outer(d, h):\n    input()"))
    assert scores(waits) == without("test_outer")
    assert "use a variable instead" in message(waits, "test_outer")
    full(with_cell(1, "import sys, os\nsys.stdin.read(); os.read(0, 1)"))


def test_case_36_warnings_logging_and_progress_bars():
    """Holds: the score comes from the checks, never from stderr."""
    noise = (
        "import logging, warnings, sys\nfrom tqdm import tqdm\n"
        "logging.warning('logged'); warnings.warn('warned'); print('err', file=sys.stderr)\n"
        "import os; os.write(2, b'raw')\n"
        "for _ in tqdm(range(3)): pass\n"
    )
    inside = noise + OUTER.replace("    return", "    np.log(-1.0); logging.error('x')\n    return")
    result = full(honest(outer=inside))
    assert "warned" in printed(result, "outer") and "logged" in printed(result, "outer")


def test_case_37_display_inside_a_function():
    """Holds: ``candidate`` drops what a check makes a function show."""
    show = OUTER.replace("    return", "    display(d); display('seen')\n    return")
    result = full(honest(outer=show))
    assert "seen" not in printed(result, "")
    for backend in ("inline", "widget", "qt"):
        shown = full(
            with_cell(
                4,
                f"%matplotlib {backend}\nimport matplotlib.pyplot as plt\n"
                "plt.plot([1]); plt.show()",
            )
        )
        assert "image/png" in json.dumps(shown.notebook)


def test_case_38_magics_and_shell_cells():
    """Holds: ``cells`` (IPython runs them; the shell does not)."""
    made = with_cell(1, "%nonsense 1\n")
    made["cells"][2:2] = [
        own("!pip install torch", "a"),
        own("%%bash\nls", "b"),
        own("%%timeit -n1 -r1\n1", "c"),
        own("files = !ls", "d"),
        own("?np", "e"),
        own("await 1", "f"),
    ]
    assert "Shell commands are not run" in printed(full(made), "own")
    full(honest(outer=f"%matplotlib inline\n!ls\n{OUTER}"))


@pytest.mark.parametrize(
    "away",
    [
        "import os; os.makedirs('deep/er'); os.chdir('deep/er')",
        "import os; os.chdir('/')",
        "import os, shutil; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
        "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)",
    ],
)
def test_case_39_the_work_folder_left_or_removed(away):
    """Holds: the harness opens no file of the folder."""
    full(with_cell(1, away))


def test_case_40_arguments_changed_in_place():
    """Holds: changes come back over the wire, so the check that forbids them sees them."""
    changes = grade(honest(outer="def outer(d, h):\n    d *= 1.5\n    return np.outer(d / 1.5, h)"))
    assert scores(changes) == without("test_outer")
    assert "changed its argument d in place" in message(changes, "test_outer")
    assert scores(grade(honest())) == FULL


@pytest.mark.parametrize(
    "value",
    [
        "np.asfortranarray(np.outer(d, h))",
        "np.repeat(np.outer(d, h), 2, 0)[::2]",
        "np.outer(d[::-1], h)[::-1]",
        "frozen(np.outer(d, h))",
    ],
)
def test_case_41_unusual_arrays_that_are_right(value):
    """Holds: the wire keeps layout and values, the check asks for type, shape and values."""
    full(
        honest(
            outer="def frozen(a):\n    a.flags.writeable = False\n    return a\n"
            f"def outer(d, h):\n    return {value}"
        )
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("np.outer(d, h).tolist()", "list"),
        ("np.outer(d, h)[..., None]", "shape (2, 3, 1), expected (2, 3)"),
        ("np.outer(d, h).astype(np.float32)", "float32"),
        ("np.outer(d, h[:0])", "shape (2, 0), expected (2, 3)"),
        ("np.matrix(np.outer(d, h))", "matrix"),
    ],
)
def test_case_41_forms_that_were_not_asked_for_are_named(value, words):
    """Holds: ``mlpkit.testing``: strict, and with a message that says what was given."""
    result = grade(honest(outer=f"def outer(d, h):\n    return {value}"))
    assert scores(result) == without("test_outer") and words in message(result, "test_outer")


def test_case_42_a_helper_in_an_extra_cell():
    """Holds: intake keeps the student's own cells in their place."""
    made = with_cell(
        3,
        "def helper(d, h):\n    return d[:, None] * h",
        outer="def outer(d, h):\n    return helper(d, h)",
    )
    full(made)


def test_case_43_a_name_reused_for_something_else():
    """Holds: ``Session._bind``: a function's name keeps the function."""
    made = honest()
    made["cells"].insert(4, own("outer = outer(np.ones(1), np.ones(1))", "reused"))
    full(made)
    made = honest()
    made["cells"].insert(6, own("risk, neuron = 0.3, [1]\nimport math as Descent", "reused"))
    full(made)
