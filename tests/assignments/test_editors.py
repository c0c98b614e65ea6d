"""Other editors keep less than JupyterLab: the work of every assignment is still found."""

import copy
import json
import random

import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.installed import course_sources
from autograder.exam import examine
from autograder.authoring.release import make_release
from autograder.authoring.source import read_source

SOURCES = course_sources()
PRINTED = {"output_type": "stream", "name": "stdout", "text": ["done\n"]}


def stripped(notebook):
    """Without metadata, ids and newer fields; with outputs, as a hosted editor saves it."""
    cells = []
    for number, cell in enumerate(notebook["cells"]):
        kept = {"cell_type": cell["cell_type"], "source": cell["source"].splitlines(True)}
        kept["metadata"] = {"id": f"{random.Random(number).getrandbits(48):x}", "colab": {}}
        if cell["cell_type"] == "code":
            kept |= {"outputs": [PRINTED], "execution_count": number}
        cells.append(kept)
    kernel = {"kernelspec": {"name": "python3.9-conda", "display_name": "base"}, "colab": {}}
    return {"nbformat": 4, "nbformat_minor": 0, "metadata": kernel, "cells": cells}


def split(notebook, solutions):
    """Before each solution a cell of the student's own, with what was moved out of it."""
    cells = []
    for cell in stripped(notebook)["cells"]:
        text = "".join(cell["source"])
        if text in solutions:
            cells.append({**cell, "source": "import math  # moved here\n"})
        cells.append(cell)
    return {**stripped(notebook), "cells": cells}


def merged(notebook, solutions):
    """Two solutions in one cell, the second's own cell deleted."""
    whole = stripped(notebook)
    places = [n for n, cell in enumerate(whole["cells"])
              if cell["cell_type"] == "code" and "".join(cell["source"]) in solutions]
    first, second = places[:2]
    lines = [*whole["cells"][first]["source"], "\n\n\n", *whole["cells"][second]["source"]]
    whole["cells"][first]["source"] = lines
    del whole["cells"][second]
    return whole


@pytest.mark.parametrize("editor", [
    "metadata lost", pytest.param("cells split", marks=pytest.mark.soak),
    pytest.param("cells merged", marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", SOURCES)
def test_the_reference_in_a_stripped_notebook_scores_full_marks(name, editor):
    source = read_source(SOURCES[name])
    filled = json.loads(json.dumps(fill(make_release(copy.deepcopy(source)), source)))
    solutions = {cell["source"] for cell in filled["cells"]
                 if cell["cell_type"] == "code"
                 and cell["metadata"].get("nbgrader", {}).get("solution")}
    made = {"metadata lost": stripped(filled), "cells split": split(filled, solutions),
            "cells merged": merged(filled, solutions)}[editor]
    assert "grade_id" not in json.dumps(made)
    result = examine(source, json.dumps(made).encode(), isolation="none", seed="editors")
    lost = {check.id: check.message for check in result.checks
            if not check.manual and check.status != "passed"}
    assert lost == {} and result.status == "graded", result.flags
