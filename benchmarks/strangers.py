"""Right gradients that nobody here wrote: how often is each checker wrong about them?

Every checker meets the same cases in the same run (``stranger_cases``). A false alarm is a right
gradient that is refused; of the peers' rules the defaults are used. Where the loss has float32
inside, "right to float32" is the right answer, and an error of one per cent is to be refused.
"""

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from types import SimpleNamespace

import numpy as np

from benchmarks.checkers import FULL, QUICK, Counted, torch_check
from benchmarks.stranger_cases import Case, cases
from mlpkit import check_gradient
from mlpkit.gradcheck import GradientReport

FALSE, OPEN, RIGHT = "false alarm", "inconclusive", "right"
PEERS: dict[str, Callable[[Counted], bool]] = {
    "torch gradcheck, fast": QUICK["torch gradcheck, fast"],
    "torch gradcheck, slow": lambda c: torch_check(c, fast=False),
    "jax check_grads": lambda c: _jax(c),
    "scipy check_grad < 1e-5": lambda c: _rule(c, "scipy check_grad < 1e-5"),
    "autograd check_grads": QUICK["HIPS autograd check_grads"],
}


@dataclass
class Tally:
    """What one checker said at each kind of point."""

    said: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    evaluations: list[int] = field(default_factory=list)

    def add(self, point: str, verdict: str, evaluations: int) -> None:
        self.said[point][verdict] += 1
        self.evaluations.append(evaluations)

    def row(self, name: str, points: list[str]) -> str:
        total = sum((self.said[p] for p in points), Counter())
        cells = [_cell(self.said[p]) for p in points]
        return " | ".join([f"| {name}", *cells, _cell(total), f"{median(self.evaluations):.0f} |"])


def _cell(said: Counter) -> str:
    return f"{said[FALSE]}" + (f" ({said[OPEN]})" if said[OPEN] else "")


def verdict(report: GradientReport, case: Case) -> str:
    """What our report is on a gradient that is known to be right."""
    if report.verdict == "correct" or (report.verdict == "precision" and case.point == "float32"):
        return RIGHT
    return OPEN if report.verdict == "inconclusive" else FALSE


def ours(case: Case) -> GradientReport:
    return check_gradient(case.problem.loss, case.problem.gradient, case.x)


def _jax(counted: Counted) -> bool:
    import jax

    jax.clear_caches()  # each case is compiled anew, and kept: 4 GB after a few hundred
    return QUICK["jax check_grads"](counted)


def _rule(counted: Counted, name: str) -> bool:
    differences, accept = FULL[name]
    return accept(counted.g(counted.x), np.ravel(differences(counted)))


def counted(case: Case) -> Counted:
    """The case as the peers' adapters want it."""
    p = case.problem
    net = SimpleNamespace(params={"x": case.x}, loss=lambda P: float(p.loss(np.array(P["x"]))))
    return Counted(net, lambda P: {"x": np.array(p.gradient(np.array(P["x"])), dtype=float)})


def usable(case: Case) -> bool:
    """Whether the library itself has a finite loss and gradient there."""
    with np.errstate(all="ignore"):
        value, g = case.problem.loss(case.x), case.problem.gradient(case.x)
    return bool(np.isfinite(value) and np.all(np.isfinite(g)))


def survey() -> tuple[dict[str, Tally], list[tuple[Case, GradientReport]]]:
    """Every checker on every case, and our reports that are not simply right."""
    tallies, notable, peers = defaultdict(Tally), [], dict(PEERS)
    for case in filter(usable, cases()):
        report = ours(case)
        tallies["**mlpkit**"].add(case.point, verdict(report, case), report.evaluations)
        if verdict(report, case) != RIGHT:
            notable.append((case, report))
        for name, accepts in list(peers.items()):
            c = counted(case)
            try:
                said = RIGHT if accepts(c) else FALSE
            except ImportError as error:  # not here: nothing is said of it
                print(f"left out: {error}")
                del peers[name]
                continue
            except Exception:  # a checker that crashes has not said that it is right
                said = FALSE
            tallies[name].add(case.point, said, c.evaluations)
    return tallies, notable


def run() -> str:
    """The section of BENCHMARKS.md."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tallies, notable = survey()
    points = list(tallies["**mlpkit**"].said)
    counts = {p: tallies["**mlpkit**"].said[p].total() for p in points}
    heads = [f"{p} ({n})" for p, n in counts.items()]
    return "\n".join(
        [
            "## Right gradients of other libraries",
            "",
            f"`python -m benchmarks strangers`: {sum(counts.values())} right gradients of "
            f"{len({c.problem.library for c in cases(1)})} libraries. False alarms, and in "
            "brackets inconclusive verdicts, by kind of point; loss evaluations are the median. "
            "In float32 the loss has no more digits than that. A peer's crash counts as a false "
            "alarm.",
            "",
            "| | " + " | ".join([*heads, "all", "evaluations"]) + " |",
            "|---" * (len(heads) + 3) + "|",
            *(tally.row(name, points) for name, tally in tallies.items()),
            "",
            *_reasons(notable),
            "",
            _bank(),
        ]
    )


def _bank() -> str:
    """Mistakes outside fully connected networks."""
    from tests.mlpkit.mistakes import reader

    bank = [mistake for name in reader.OUTSIDE for mistake in reader.read(name)]
    now = reader.summary(map(reader.judge, bank))
    return (
        f"Of {now['mistakes']} mistakes outside fully connected networks (convolution, recurrent "
        "cells, attention, normalisation, embeddings, likelihoods, a CRF, Cholesky factors; "
        f"`tests/mlpkit/mistakes`) {now['refused']:.1%} are refused; of the {now['knowable']} "
        f"causes that can be known {now['named']:.1%} are named, and {now['false']:.1%} of all "
        "are told a false one. First runs, before anything was changed for them, by the letter of "
        "what had been written down: of the first 294 all refused, 89.6 % named, 2.7 % not as "
        "expected (as read, 1.0 % false); of the next 276 all but one refused, 97.0 % named, 2.9 % "
        "not as expected (as read, 0.4 % false)."
    )


def _reasons(notable: list[tuple[Case, GradientReport]]) -> Iterator[str]:
    if notable:
        yield "What mlpkit did not simply call right:"
        yield ""
    for case, report in notable[:60]:
        p = case.problem
        yield f"* {p.library}, {p.name}, {case.point}: {report.verdict}: {report.reason:.160}"
