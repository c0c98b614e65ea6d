"""What the mutants say about an assignment's checks, as a table for its author."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.mutants.prove import Fate, Proof


def lines(name: str, proofs: Sequence[Proof], details: bool = True) -> Iterator[str]:
    """A row for each check: how many mutants, caught, equivalent; each survivor; the sums."""
    yield (
        f"{'check':32} mutants  caught  equivalent  survive  right shape  named by value  or by line  falsely"
    )
    for proof in proofs:
        yield _row(proof.check, proof.fates)
        for fate in proof.survivors if details else ():
            yield f"    survives: {fate.mutant.what}: {fate.mutant.line[:100]}"
    fates = [fate for proof in proofs for fate in proof.fates]
    yield _row(name, fates)
    for fate in fates:
        if fate.named == "wrong" and fate.diagnosis:
            yield f"    named falsely: {fate.mutant.line[:80]} -> {fate.diagnosis.cause}"


def equivalents(proofs: Sequence[Proof]) -> Iterator[str]:
    """Each mutant that no check can refuse: what it is, where, and why it is no mistake."""
    for proof in proofs:
        for fate in proof.fates:
            if fate.equivalent:
                mutant = fate.mutant
                yield f"{mutant.function}: {mutant.what}: {mutant.line[:100]}"
                yield f"    {fate.equivalent}"


def _row(name: str, fates: Sequence[Fate]) -> str:
    caught, equivalent = sum(f.caught for f in fates), sum(bool(f.equivalent) for f in fates)
    shaped = [fate for fate in fates if fate.right_shape]
    named = sum(fate.named == "right" for fate in shaped)
    by_line = sum(fate.named == "right" or fate.known_by_line for fate in shaped)
    falsely = sum(fate.named == "wrong" for fate in fates)
    rest = len(fates) - caught - equivalent
    return (
        f"{name:32} {len(fates):7} {caught:7} {equivalent:11} {rest:8} {len(shaped):12} {named:15} "
        f"{by_line:11} {falsely:8}"
    )
