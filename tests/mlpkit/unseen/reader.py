"""Runs the bank: for each mistake whether it was refused, and whether its cause was named."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlpkit.gradcheck import check_gradient
from tests.mlpkit import held_out_bank
from tests.mlpkit.held_out_bank import Mistake
from tests.mlpkit.unseen import layers, likelihoods


class Outcome(NamedTuple):
    mistake: Mistake
    refused: bool
    cause: str  # "right", "wrong" or "unnamed"
    said: str


def module(mistake: Mistake):
    return layers if vars(layers).get(mistake.model) else likelihoods


def run(bank: Iterable[Mistake]) -> Iterator[Outcome]:
    for mistake in bank:
        yield Outcome(mistake, is_refused(mistake), *held_out_bank.judge(module(mistake), mistake))


def is_refused(mistake: Mistake) -> bool:
    loss, gradient, params, *_ = held_out_bank.problem(module(mistake), mistake)
    report = check_gradient(loss, gradient, params)
    return report.verdict == "wrong" or (report.verdict == "precision" and not report.ok)


def summary(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """refused: of all; named: right causes of the knowable ones; false: wrong ones of all."""
    outcomes = list(outcomes)
    knowable = Counter(o.cause for o in outcomes if not o.mistake.unnamed)
    return {
        "mistakes": len(outcomes),
        "knowable": knowable.total(),
        "refused": sum(o.refused for o in outcomes) / len(outcomes),
        "named": knowable["right"] / knowable.total(),
        "false": sum(o.cause == "wrong" for o in outcomes) / len(outcomes),
    }
