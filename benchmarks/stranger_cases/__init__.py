"""Right gradients of other people's libraries, at the points where people begin and end.

A ``Problem`` is a loss and its gradient of one flat vector, as a library gives them, and how to
draw a point. ``cases`` turns it into cases: random points, zeros, the optimum and a point 1e-8
beside it, and the loss behind a wall that lets no complex number through.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

Vector = np.ndarray


@dataclass(frozen=True)
class Problem:
    """``convex``: an optimum can be found and 0 is in the domain."""

    library: str
    name: str
    loss: Callable[[Vector], float]
    gradient: Callable[[Vector], Vector]
    draw: Callable[[np.random.Generator], Vector]
    convex: bool = False
    zeros: bool = True
    kind: str = ""  # "float32": the loss has no more digits


@dataclass(frozen=True)
class Case:
    problem: Problem
    point: str
    x: Vector


def problems() -> list[Problem]:
    """Of every library that is installed."""
    from benchmarks.stranger_cases import frameworks, learning, special

    return [*special.problems(), *learning.problems(), *frameworks.problems()]


def cases(seeds: int = 1) -> Iterator[Case]:
    for problem in problems():
        yield from of(problem, seeds)


def of(problem: Problem, seeds: int) -> Iterator[Case]:
    for seed in range(seeds):
        x = problem.draw(np.random.default_rng(seed))
        yield Case(problem, problem.kind or "random", x)
    if problem.kind:
        return
    if problem.zeros:
        yield Case(problem, "zeros", np.zeros_like(x))
    if problem.convex:
        best = optimum(problem, x)
        yield Case(problem, "optimum", best)
        nudge = np.random.default_rng(0).normal(size=x.shape)
        yield Case(problem, "beside the optimum", best + 1e-8 * nudge)
    yield Case(replace(problem, loss=real_only(problem.loss)), "real only", x)


def optimum(problem: Problem, x: Vector) -> Vector:
    from scipy.optimize import minimize

    found = minimize(problem.loss, x, jac=problem.gradient, method="BFGS", options={"gtol": 1e-10})
    return found.x


def real_only(loss: Callable[[Vector], float]) -> Callable[[Vector], float]:
    """The loss as compiled code sees it."""

    def walled(x: Vector) -> float:
        if np.iscomplexobj(x):
            raise TypeError("a real number is required")
        return float(np.real(loss(x)))

    return walled
