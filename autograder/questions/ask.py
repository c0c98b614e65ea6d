"""The questions of one student: about a line that is changed, and about what their code does.

The changed notebook goes through the exam of the submission: same hidden inputs, same files, same
sandbox. A check that could not run, or an exam that may end otherwise next time, gives no question.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course.submissions import Submission
from autograder.errors import ExamError, SandboxError
from autograder.grading.batch import Batch
from autograder.notebook.rebuild import rebuild
from autograder.notebook.source_cells import SOLUTION, read_source_cells
from autograder.questions import kinds
from autograder.questions.changes import Change, changes, chosen, with_cell
from autograder.questions.observe import observed
from autograder.questions.question import Question
from autograder.result import COULD_NOT_RUN, FAILED, PASSED, Check, Result

log = logging.getLogger(__name__)

QUESTIONS = 4  # of a sheet: five minutes each is what an oral exam has
LEAST = 3  # of a sheet that is not named
MOST_EXAMS = 6  # of changed notebooks, for each student
MOST_FAILING, MOST_PASSING = 2, 2  # checks that a question about a change offers


@dataclass
class Sheet:
    """A student's questions; ``why`` says why there are fewer than LEAST. ``key``: of what."""

    student: str
    key: str
    questions: list[Question] = field(default_factory=list)
    why: str = ""

    def to_json(self) -> str:
        return json.dumps({**vars(self), "questions": [q.to_dict() for q in self.questions]})

    @classmethod
    def from_json(cls, text: str) -> Sheet:
        """The inverse of ``to_json``."""
        data = json.loads(text)
        return cls(**{**data, "questions": [Question.from_dict(q) for q in data["questions"]]})


def sheet_key(batch: Batch, student: str) -> str:
    """What a sheet is about: these submissions and this way of asking."""
    keys = [batch.key(batch.read(student, notebook)) for notebook in batch.sources]
    numbers = QUESTIONS, MOST_EXAMS, MOST_FAILING, MOST_PASSING, kinds.VERSION
    return hashlib.sha256(repr((keys, numbers)).encode()).hexdigest()


def ask(
    batch: Batch,
    student: str,
    graded: Mapping[str, Result],
    examine: Callable[..., Result],
    number: int = 0,
) -> Sheet:
    """Draw and run the questions of one student; ``graded`` are their results, by notebook.

    Every sheet has a change, a shape, calls and a convention, in this order; where the student's
    code has nothing for one of the last three, what depends on what stands in its place, or what a
    call returns, and after these another change. ``number`` is
    the student's in the class: those who share a question have other lengths in it.
    """
    sheet = Sheet(student, sheet_key(batch, student))
    draw = random.Random(f"{batch.seed} {student} {sheet.key}")
    size = kinds.SIZES[number % len(kinds.SIZES)]
    submissions = {name: batch.read(student, name) for name in batch.sources}
    texts = {name: _own_cells(batch, submissions[name]) for name in graded}
    watched = []
    for name, cells in texts.items():
        facts = _facts(batch, submissions[name], cells, size, examine) if cells else {}
        watched += kinds.asked(name, cells, facts, graded[name], batch.sources[name], draw)
    others = [one for kind in kinds.WATCHED for one in watched if one.kind == kind]
    others = others[: QUESTIONS - 1]
    wanted = QUESTIONS - len(others)
    changed_lines = _about_changes(batch, submissions, texts, graded, examine, draw, wanted)
    sheet.questions = [*changed_lines[:1], *others, *changed_lines[1:]]
    if not any(changes(n, cell, t) for n, cells in texts.items() for cell, t in cells.items()):
        sheet.why = "no line in a function of theirs could be changed"
    elif len(sheet.questions) < LEAST:
        sheet.why = "too few of the changes that were tried make a check of theirs fail"
    return sheet


def _about_changes(
    batch: Batch,
    submissions: Mapping[str, Submission],
    texts: Mapping[str, Mapping[str, str]],
    graded: Mapping[str, Result],
    examine: Callable[..., Result],
    draw: random.Random,
    wanted: int,
) -> list[Question]:
    """So many questions about a changed line; of one at most the answer is "none of them"."""
    found = [
        change
        for name, cells in texts.items()
        for cell, text in cells.items()
        for change in changes(name, cell, text)
    ]
    asked: list[Question] = []
    unseen: list[Question] = []
    for change in chosen(found, texts, MOST_EXAMS, draw):
        if len(asked) == wanted:
            break
        old = texts[change.notebook][change.cell]
        result = _examined(batch, submissions[change.notebook], change, old, examine)
        if result is None:
            continue
        question = _question(change, graded[change.notebook], result, draw)
        if question:
            (asked if any(question.right) else unseen).append(question)
    return asked + unseen[: min(1, wanted - len(asked))]


def _facts(
    batch: Batch,
    submission: Submission,
    cells: Mapping[str, str],
    size: int,
    examine: Callable[..., Result],
) -> Mapping[str, Any]:
    try:
        return observed(batch, submission, cells, size, examine)
    except (ExamError, SandboxError) as error:
        log.warning("%s: their functions could not be watched: %s", submission.student, error)
        return {}


def changed(submission: Submission, change: Change, old: str) -> bytes | None:
    """The student's notebook with the change in it."""
    return with_cell(submission.data, old, change.text)


def _own_cells(batch: Batch, submission: Submission) -> dict[str, str]:
    """The solution cells that the student worked on: id -> text."""
    steps = read_source_cells(batch.sources[submission.notebook])
    rebuilt = rebuild(steps, submission.data)
    return {
        placed.step.id: placed.text
        for placed in (rebuilt.cells if rebuilt.readable else ())
        if placed.step.kind == SOLUTION
        and placed.text is not None
        and placed.text.strip() != placed.step.released
    }


def _examined(
    batch: Batch,
    submission: Submission,
    change: Change,
    old: str,
    examine: Callable[..., Result],
) -> Result | None:
    data = changed(submission, change, old)
    if data is None:
        return None
    source = json.dumps(batch.sources[submission.notebook])
    try:
        result = examine(source, data, **batch.terms(submission))
    except (ExamError, SandboxError) as error:
        log.warning("%s: no question from line %d: %s", submission.student, change.line, error)
        return None
    return None if result.provisional or result.status == COULD_NOT_RUN else result


def _question(
    change: Change, before: Result, after: Result, draw: random.Random
) -> Question | None:
    """The question of one exam; None where the checks leave nothing to choose."""
    now = {check.id: check.status for check in after.checks}
    passed = [check for check in before.checks if check.status == PASSED and not check.manual]
    fails = [check for check in passed if now.get(check.id) == FAILED]
    holds = [check for check in passed if now.get(check.id) == PASSED]
    if not holds or len(passed) < 2:
        return None
    kept = _sample(fails, MOST_FAILING, draw)
    kept += _sample(holds, MOST_FAILING + MOST_PASSING - len(kept), draw)
    offered = [check for check in passed if check in kept]  # in the notebook's order
    titles = tuple(_titles(offered, before.checks))
    said = {check.id: check.message for check in after.checks}
    note = next((said[check.id].partition("\n")[0] for check in offered if check in fails), "")
    right = tuple(check in fails for check in offered)
    return Question("change", change.function, titles, right, change=change, note=note)


def _sample(checks: Sequence[Check], most: int, draw: random.Random) -> list[Check]:
    return draw.sample(checks, min(most, len(checks)))


def _titles(offered: Sequence[Check], every: Sequence[Check]) -> Iterator[str]:
    """Titles; with the id where two checks have the same."""
    titles = [check.title for check in every]
    for check in offered:
        unique = titles.count(check.title) == 1
        yield check.title if unique else f"{check.title} ({check.id})"
