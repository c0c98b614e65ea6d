"""Source text run as a cell of a notebook that a worker grades, in the sandbox of a tier."""

from __future__ import annotations

import json
from typing import Any

from autograder.doctor.probes import Reply
from autograder.errors import ExamError
from autograder.exam.worker import STOPPED, ExamOutcome, ExamWorker
from autograder.notebook.side_files import NO_FILES
from autograder.sandbox.limits import Limits

MARK = "what was achieved: "
NUMBER = 4095  # of the worker: beyond those of a class
ROLE = {"grade_id": "probe", "schema_version": 3, "task": False, "grade": False, "locked": False}
REFERENCE = "### BEGIN SOLUTION\nresult = []\n### END SOLUTION"


class Inside:
    """A worker that runs source text as students' cells, one notebook at a time.

    One whose processes died is replaced at the next request.
    """

    def __init__(self, tier: str):
        self.tier = tier
        self.worker: ExamWorker | None = None

    def __enter__(self) -> Inside:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, source: str, limits: Limits = Limits()) -> Reply:
        """Run ``source`` in a new student process; what it leaves in ``result`` is achieved."""
        self.worker = self.worker or ExamWorker(self.tier, NUMBER)
        text = f"{source}\nimport json\nprint({MARK!r} + json.dumps(result))"
        notebooks = _notebook(REFERENCE), _notebook(text).encode()
        try:
            outcome = self.worker.examine(*notebooks, limits, "", NO_FILES, [])
        except ExamError as error:
            self._end()
            return Reply(error=str(error))
        self.worker.reset()
        reply = _reply(outcome, self.worker.found)
        if reply.stopped:
            self._end()
        return reply

    def _end(self) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None


def run_inside(tier: str, source: str, limits: Limits = Limits()) -> Reply:
    """Run source text once in ``tier``; see ``Inside.run``."""
    with Inside(tier) as inside:
        return inside.run(source, limits)


def _notebook(source: str) -> str:
    """One cell that a student is to write."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "probe",
        "metadata": {"nbgrader": {**ROLE, "solution": True}},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def _reply(outcome: ExamOutcome, found: list[str]) -> Reply:
    """What the cell's outputs and the exam's flags say."""
    flags = [flag for flag in outcome.result.flags if flag.startswith(STOPPED)]
    stopped = "; ".join(flag.removeprefix(STOPPED).removesuffix(".") for flag in flags)
    achieved, error, ended = None, "", ""
    cells: list[Any] = list((outcome.result.notebook or {"cells": []})["cells"])
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        if output["output_type"] == "stream" and MARK in output["text"]:
            achieved = json.loads(output["text"].rpartition(MARK)[2].splitlines()[0])
        elif output["output_type"] == "error":
            said = f"{output['ename']}: {output['evalue']}"
            error, ended = ("", output["evalue"]) if output["ename"] == "Stopped" else (said, ended)
    return Reply(achieved, error, ended, stopped, " ".join(found))
