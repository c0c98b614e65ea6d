"""Proof of an assignment: what its bank of answers says is what the exam finds.

The reference earns everything and the untouched notebook nothing; a variant loses nothing; a
mistake loses exactly the checks it names, and the first of them says what it promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring.answer_bank import Answer, fill, read_answer
from autograder.authoring.build import BuildError, prove
from autograder.authoring.percent import read_text
from autograder.authoring.release import make_release, to_bytes
from autograder.authoring.source import read_source
from autograder.errors import AutograderError
from autograder.result import PASSED, Check

if TYPE_CHECKING:
    from nbformat import NotebookNode


def prove_assignment(path: Path) -> Iterator[tuple[str, str]]:
    """What was proved and "", or what is wrong with it: the reference first, then each answer.

    ``path`` is the percent source; its mistakes and variants lie next to it. A broken answer does
    not stop the others. Raises SourceError when the source itself breaks the rules.
    """
    source = read_source(path)
    release = make_release(source)
    try:
        prove(path, source, release)
    except BuildError as error:
        yield str(path), str(error)
        return  # nothing can be said of other answers
    yield str(path), ""
    for file in (*_bank(path, "variants"), *_bank(path, "mistakes")):
        try:
            answer = read_answer(file, source, wrong=file.parent.name == "mistakes")
        except (AutograderError, OSError) as error:
            yield str(file), str(error)
            continue
        found = (
            f"{_line(file, field)}: {what}" for field, what in _against(answer, source, release)
        )
        yield str(file), "\n".join(found)


def _bank(path: Path, kind: str) -> list[Path]:
    return sorted(path.parent.glob(f"{kind}/*.py"))


def _line(file: Path, field: str) -> str:
    """``file:line`` where the docstring says what a field does; of line 1 where it does not."""
    lines = read_text(file).split("\n")
    found = (number for number, line in enumerate(lines, 1) if line.startswith(f"{field}:"))
    return f"{file}:{next(found, 1)}"


def _against(
    answer: Answer, source: NotebookNode, release: NotebookNode
) -> Iterator[tuple[str, str]]:
    """What the exam finds otherwise than the answer's docstring says, and in which field of it."""
    from autograder.exam import examine

    data = to_bytes(fill(release, source, answer))
    result = examine(source, data, isolation="none", seed="build", strict=True)
    lost = [check for check in result.checks if not check.manual and check.status != PASSED]
    names = {check.id for check in lost}
    if more := sorted(names - answer.loses):
        found = next(check for check in lost if check.id in more)
        what = f"loses {', '.join(more)}, too: {_first_line(found)}. Name it in 'loses:', or fix it"
        yield "loses", what
    if kept := sorted(answer.loses - names):
        yield (
            "loses",
            f"passes {', '.join(kept)}, which it says it loses: the check is too weak, or 'loses:' "
            "is wrong",
        )
    if lost and not more and answer.says and answer.says not in lost[0].message:
        yield (
            "says",
            f"{lost[0].id} does not say {answer.says!r}, but: {_first_line(lost[0])}. "
            "Give the check a hint, or say what it says",
        )


def _first_line(check: Check) -> str:
    return (check.message.splitlines() or ["nothing"])[0].rstrip(".")
