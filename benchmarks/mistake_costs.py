"""What a wrong gradient costs by real differences, and what large parameters cost.

python -m benchmarks mistake_costs
"""

import tracemalloc
from collections.abc import Callable
from statistics import median

import numpy as np

from mlpkit.gradcheck import GradientReport, check_gradient
from tests.mlpkit.mistakes import reader

EVERY = 8  # of the mistakes
SIZES = (10_000, 1_000_000, 10_000_000)
Gradient = Callable[[np.ndarray], np.ndarray]


def run() -> str:
    """The section of BENCHMARKS.md."""
    return f"### What a mistake costs, and ten million parameters\n\n{_mistakes()}\n\n{_sizes()}\n"


def _mistakes() -> str:
    bank = [mistake for name in reader.OUTSIDE for mistake in reader.read(name)][::EVERY]
    models = {(mistake.bank, mistake.model): mistake.right for mistake in bank}.values()
    wrong = [count for mistake in bank if (count := _evaluations(mistake))]
    right = [count for model in models if (count := _evaluations(model))]
    return (
        f'By real differences (`method="real"`), {len(wrong)} mistakes outside fully connected '
        f"networks: a median of {median(wrong):.0f} loss evaluations, and {median(right):.0f} for "
        f"the right gradients of the same {len(right)} models: "
        f"{median(wrong) / median(right):.1f} times."
    )


def _evaluations(mistake: reader.Mistake) -> int:
    """0 for what is refused before it is measured."""
    loss, gradient, params, constants, alternatives = reader.build(mistake)
    given = {"constants": constants, "alternatives": alternatives}
    try:
        report = check_gradient(loss, gradient, params, method="real", **given)
    except (TypeError, ValueError):
        return 0
    return report.evaluations


def _sizes() -> str:
    lines = [
        "One vector, the sum of its squares, complex steps; wrong: one entry by 1e-3. Memory is "
        "the most that Python held during the check (tracemalloc) in sizes of the parameters, with "
        "temporary arrays of the loss and the gradient, without the parameters themselves.",
        "",
        "| parameters | right: evaluations | memory | wrong: evaluations | memory | named |",
        "| --: | --: | --: | --: | --: | --- |",
    ]
    for size in SIZES:
        x = np.random.default_rng(0).normal(size=size)
        entry = size // 3
        right, memory = _measured(lambda x: 2 * x, x)
        wrong, more = _measured(lambda x, i=entry: _off(x, i), x)
        named = f"yes, {entry}" if [f.index for f in wrong.findings] == [(entry,)] else "no"
        lines.append(
            f"| {size:,} | {right.evaluations} | {memory:.1f} | {wrong.evaluations} | {more:.1f} "
            f"| {named} |".replace(",", " ", 2)
        )
    return "\n".join(lines)


def _off(x: np.ndarray, entry: int) -> np.ndarray:
    g = 2 * x
    g[entry] *= 1 + 1e-3
    return g


def _measured(gradient: Gradient, x: np.ndarray) -> tuple[GradientReport, float]:
    tracemalloc.start()
    try:
        report = check_gradient(lambda x: (x * x).sum(), gradient, x)
        return report, tracemalloc.get_traced_memory()[1] / x.nbytes
    finally:
        tracemalloc.stop()
