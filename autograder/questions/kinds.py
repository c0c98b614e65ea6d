"""Facts about a student's functions -> questions: a shape, calls, a convention, and others.

Nothing here is computed by this program: each right answer and each wrong one is what the
functions did, or a rearrangement of it (a transpose, a sum over an axis, the two counts
exchanged). The facts come from a student process, so they are read as a stranger's data.
"""

from __future__ import annotations

import ast
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograder.notebook.source_cells import TEST, SourceCell, read_source_cells
from autograder.questions.facts import OPTIONS, Facts, called_with, line_of, part_of, text_of
from autograder.questions.other_numbers import dependences, values
from autograder.questions.question import Question
from autograder.questions.shown_code import LONGEST, shown_function
from autograder.result import PASSED, Result

log = logging.getLogger(__name__)

VERSION = 3  # of the way in which these are asked
SIZES = range(5, 90)  # the lengths that are asked about
WATCHED = "shape", "calls", "convention", "depends", "value"

Shape = tuple[int, ...]


def asked(
    notebook: str,
    cells: Mapping[str, str],
    facts: Facts,
    graded: Result,
    source: Any,
    draw: random.Random,
) -> list[Question]:
    """At most one question of each kind about the functions of one notebook."""
    steps = {step.id: step for step in read_source_cells(source) if step.kind == TEST}
    passed = {check.id for check in graded.checks if check.status == PASSED}
    makers: tuple[Callable[[], Iterator[Question]], ...] = (
        lambda: _shapes(facts, cells),
        lambda: _calls(facts, [steps[name] for name in steps if name in passed], draw),
        lambda: _conventions(facts, cells, draw),
        lambda: dependences(facts, cells, draw),
        lambda: values(facts, cells, draw),
    )
    found: list[Question] = []
    for make in makers:
        try:
            questions = list(make())  # of functions that no question is about yet, where it can be
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("what was seen of %s is not of the form expected: %r", notebook, error)
            continue
        elsewhere = [one for one in questions if one.function not in {q.function for q in found}]
        if questions:
            found.append(draw.choice(elsewhere or questions))
    return found


# A shape -------------------------------------------------------------------------------------


def _shapes(facts: Facts, cells: Mapping[str, str]) -> Iterator[Question]:
    """Of matrices, where there are any."""
    seen = facts.get("shapes", ())
    most = min(2, max((len(fact["shape"]) for fact in seen), default=0))
    for fact in seen:
        if len(fact["shape"]) < most:
            continue
        right, others = _shape(fact["shape"]), map(_shape, fact["others"])
        old = [_shape(fact["old"])] if fact["old"] else []
        wrong = _distinct([*_rearranged(right), *old, *others, *_dropped(right)], right)
        code = shown_function(cells.get(fact["cell"], ""), fact["function"])
        if len(wrong) < OPTIONS - 1 or not code:
            continue
        line = line_of(cells, fact["cell"], fact["line"])
        options = sorted([right, *wrong[: OPTIONS - 1]], key=lambda one: (len(one), one))
        yield Question(
            "shape",
            fact["function"],
            tuple(map(str, options)),
            tuple(one == right for one in options),
            lead=called_with(fact) + ".",
            shown=(code,),
            ask=f"What shape does {text_of(fact['name'])} have after the line {line} "
            "(the first time)?",
        )


def _shape(value: Any) -> Shape:
    if not isinstance(value, list) or not all(type(one) is int for one in value):
        raise ValueError("no shape")
    return tuple(value)


def _rearranged(shape: Shape) -> Iterator[Shape]:
    yield shape[::-1]
    yield (shape[-1], *shape[:-1])


def _dropped(shape: Shape) -> Iterator[Shape]:
    """A sum over an axis, with and without keepdims."""
    for axis in range(len(shape)):
        yield (*shape[:axis], *shape[axis + 1 :])
        yield (*shape[:axis], 1, *shape[axis + 1 :])
    yield (*shape, 1)
    yield (1, *shape)


def _distinct(found: Iterable[Any], right: Any) -> list[Any]:
    return [one for one in dict.fromkeys(found) if one != right]


# Calls ---------------------------------------------------------------------------------------


def _calls(facts: Facts, checks: Sequence[SourceCell], draw: random.Random) -> Iterator[Question]:
    yield from _calls_inside(facts)
    segments = facts.get("segments", {})
    plain = []
    for check in checks:
        counts = {name: int(n) for name, n in segments.get(check.id, {}).items()}
        text = check.released
        written = _written_calls(text, counts)
        if written and len(text.split("\n")) <= LONGEST * 2 // 3:
            plain += [(name, counts[name], written[name], text) for name in written]
    draw.shuffle(plain)
    for one, other in zip(plain, plain[1:], strict=False):
        if one[0] != other[0] and one[1] != other[1]:
            yield _two_counts(one, other)


def _calls_inside(facts: Facts) -> Iterator[Question]:
    for fact in facts.get("inside", ()):
        counts = {str(name): int(count) for name, count in fact["counts"].items()}
        for name, other in ((a, b) for a in counts for b in counts if a < b):
            pair = counts[name], counts[other]
            if pair[0] != pair[1]:
                old = fact["old"].get(name, 0), fact["old"].get(other, 0)
                function, given = text_of(fact["function"]), text_of(fact["given"])
                lead = f"Your function {function} is called once, with {given}."
                yield _of_counts(function, (name, other), pair, [old], lead, ())


def _two_counts(one: tuple[str, int, int, str], other: tuple[str, int, int, str]) -> Question:
    names, pair = (one[0], other[0]), (one[1], other[1])
    shown = tuple(dict.fromkeys((one[3], other[3])))
    return _of_counts(names[0], names, pair, [(one[2], other[2])], "These checks run once.", shown)


def _of_counts(
    function: str,
    names: tuple[str, str],
    pair: tuple[int, int],
    near: Sequence[tuple[int, int]],
    lead: str,
    shown: tuple[str, ...],
) -> Question:
    a, b = pair
    wrong = _distinct([(b, a), *near, (a, a), (b, b), (a + b, b), (a, a + b)], pair)
    options = sorted([pair, *wrong[: OPTIONS - 1]])
    return Question(
        "calls",
        function,
        tuple(f"{names[0]} {_times(one[0])}, {names[1]} {_times(one[1])}" for one in options),
        tuple(one == pair for one in options),
        lead=lead,
        shown=shown,
        ask=f"Which is called more often, {names[0]} or {names[1]}, and how often is each?",
    )


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _written_calls(text: str, counts: Mapping[str, int]) -> dict[str, int]:
    """How often each function stands in a check; none that a helper calls out of sight."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return {}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Name) and node.id in counts]
    hidden = {node.id for node in names if id(node) not in called}
    written = {node.id: 0 for node in names if node.id not in hidden}
    for node in names:
        if node.id in written:
            written[node.id] += 1
    return written


# A convention --------------------------------------------------------------------------------

_MEANT = {
    -1.0: ("has the opposite sign, as for the loss -L", "multiplied by -1"),
    2.0: ("is twice as large, as for a loss without a factor 1/2", "multiplied by 2"),
    0.5: ("is half as large, as for a loss with a factor 1/2", "multiplied by 1/2"),
}


def _conventions(facts: Facts, cells: Mapping[str, str], draw: random.Random) -> Iterator[Question]:
    """Those of four lines in which not only the last will do, where there are any."""
    found = list(_any_conventions(facts, cells, draw))
    best = max(((early, len(question.options)) for question, early in found), default=None)
    yield from (one for one, early in found if (early, len(one.options)) == best)


def _any_conventions(
    facts: Facts, cells: Mapping[str, str], draw: random.Random
) -> Iterator[tuple[Question, bool]]:
    for fact in facts.get("conventions", ()):
        lines = {int(line): right is True for line, right in fact["lines"]}
        texts = {line: line_of(cells, fact["cell"], line) for line in lines}
        right = [line for line in lines if lines[line] and texts[line]]
        wrong = [line for line in lines if not lines[line] and texts[line]]
        code = shown_function(cells.get(fact["cell"], ""), fact["function"])
        if not right or not wrong or len(right) + len(wrong) < OPTIONS - 1 or not code:
            continue
        early = [line for line in right if not texts[line].startswith("return")]
        kept = draw.sample(early or right, 1)
        kept += draw.sample([one for one in right if one not in kept], min(1, len(right) - 1))
        kept += draw.sample(wrong, min(OPTIONS - len(kept), len(wrong)))
        kept += [one for one in right if one not in kept][: OPTIONS - len(kept)]
        factor = float(fact["factor"])
        size = round(1 / factor) if factor > 0 else 0
        mean = f"is the mean over the {size} samples, not the sum", f"divided by {size}"
        meant, how = _MEANT.get(factor, mean)
        whose = (
            f"Suppose a convention of {text_of(fact['function'])} in which {part_of(fact['part'])}"
        )
        question = Question(
            "convention",
            fact["function"],
            tuple(texts[line] for line in sorted(kept)),
            tuple(lines[line] for line in sorted(kept)),
            lead=f"{whose} {meant}. To get it, change one line: what stands to the right of its = "
            f"(or after return) is {how}.",
            shown=(code,),
            ask="Which of these lines would do, with nothing else changed?",
        )
        yield question, bool(early)
