"""Questions about a function that is called again with other numbers.

They stand in where a student's code has no shape, call or convention to ask about.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.questions.facts import OPTIONS, Facts, called_with, line_of, part_of, text_of
from autograder.questions.question import Question
from autograder.questions.shown_code import shown_function

DIGITS = 3  # of a number that is offered
MOST_ENTRIES = 4  # of a result that is asked for


def dependences(facts: Facts, cells: Mapping[str, str], draw: random.Random) -> Iterator[Question]:
    """Those with the most lines to choose from."""
    found = list(_any_dependences(facts, cells, draw))
    most = max((len(question.options) for question in found), default=0)
    yield from (question for question in found if len(question.options) == most)


def _any_dependences(
    facts: Facts, cells: Mapping[str, str], draw: random.Random
) -> Iterator[Question]:
    for fact in facts.get("depends", ()):
        texts: dict[str, tuple[int, bool]] = {}
        for line, changed in fact["lines"]:
            if text := line_of(cells, fact["cell"], line):
                texts.setdefault(text, (line, changed is True))
        right = [text for text in texts if texts[text][1]]
        wrong = [text for text in texts if not texts[text][1]]
        code = shown_function(cells.get(fact["cell"], ""), fact["function"])
        if not right or not wrong or len(texts) < OPTIONS - 1 or not code:
            continue
        kept = [draw.choice(right), draw.choice(wrong)]
        rest = [text for text in texts if text not in kept]
        kept += draw.sample(rest, min(OPTIONS - 2, len(rest)))
        options = tuple(sorted(kept, key=lambda text: texts[text][0]))
        name, now = text_of(fact["name"]), text_of(fact["now"])
        other = f"{name} = {now}" if now else f"other numbers in {name}, of the same shape"
        yield Question(
            "depends",
            fact["function"],
            options,
            tuple(texts[text][1] for text in options),
            lead=f"{called_with(fact)}, and once more with {other}, all else as it was.",
            shown=(code,),
            ask="Which of these lines compute something else the second time?",
        )


def values(facts: Facts, cells: Mapping[str, str], draw: random.Random) -> Iterator[Question]:
    """What a call returns: the answer, its negative, and both transposed or with a factor.

    So no option can be told by the others.
    """
    for fact in facts.get("values", ()):
        right = _rounded(fact["value"])
        code = shown_function(cells.get(fact["cell"], ""), fact["function"])
        other = _transposed(right)
        if other is None or other == right:
            factor = draw.choice((2, 3))
            other = _times(right, factor)
        four = [right, _times(right, -1), other, _times(other, -1)]
        options = sorted({str(one) for one in four})
        if len(options) < OPTIONS or not code:
            continue
        draw.shuffle(options)
        yield Question(
            "value",
            fact["function"],
            tuple(options),
            tuple(option == str(right) for option in options),
            lead=called_with(fact) + ".",
            shown=(code,),
            ask=f"What is {part_of(fact['part'])}, rounded to {DIGITS} decimals?",
        )


def _rounded(value: Any) -> Any:
    """A number, or lists of them, with few decimals; ValueError for all else."""
    if isinstance(value, list) and 0 < len(value) <= MOST_ENTRIES:
        return [_rounded(one) for one in value]
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) > 1e6:
        raise ValueError("no number")
    return round(float(value), DIGITS) or 0.0


def _transposed(value: Any) -> Any:
    rows = isinstance(value, list) and isinstance(value[0], list)
    return [list(column) for column in zip(*value, strict=True)] if rows else None


def _times(value: Any, factor: int) -> Any:
    if isinstance(value, list):
        return [_times(one, factor) for one in value]
    return round(value * factor, DIGITS) or 0.0
