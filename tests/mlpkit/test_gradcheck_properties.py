"""For any shapes, types, layouts and scales: a right gradient is never called wrong, and one with
an entry off by a millionth is never called correct."""

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlpkit import check_gradient

SHAPES = st.lists(st.integers(1, 6), min_size=0, max_size=3).map(tuple)
TYPES = st.sampled_from([np.float64, np.float64, np.float32, np.float16])
LAYOUTS = st.sampled_from(["C", "F", "strided", "read-only"])
OUTER = st.sampled_from(["sum", "tanh", "log-sum-exp", "square", "relu"])


def problems(spread):
    """``spread``: powers of ten by which entries differ from the typical one, at most."""
    kinds = {
        "shapes": st.lists(st.tuples(SHAPES, TYPES, LAYOUTS), min_size=1, max_size=4),
        "loss_scale": st.integers(-9, 9),
        "spread": st.integers(0, spread),
        "offset": st.sampled_from([0.0, 1.0, 1e6]),
        "outer": OUTER,
        "seed": st.integers(0, 2**32 - 1),
    }
    return st.fixed_dictionaries(kinds)


FREE = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


class Problem:
    """loss = scale * f(sum_p <a_p, tanh(x_p)>) + the same per parameter, entries unlike in size."""

    def __init__(self, shapes, loss_scale, spread, offset, outer, seed):
        rng = np.random.default_rng(seed)
        self.scale, self.outer, self.offset = 10.0**loss_scale, outer, offset
        self.params, self.weights = {}, {}
        for i, (shape, dtype, layout) in enumerate(shapes):
            x = rng.normal(size=shape).astype(dtype)
            self.params[f"p{i}"] = laid_out(x, layout)
            size = 10.0 ** rng.uniform(-spread, spread, shape)
            self.weights[f"p{i}"] = rng.choice((-1.0, 1.0), shape) * size
        total = sum(np.abs(a).sum() for a in self.weights.values())
        self.weights = {name: a / total for name, a in self.weights.items()}

    def inner(self, P):
        return sum((a * np.tanh(P[name])).sum() for name, a in self.weights.items())

    def loss(self, P):
        t = self.inner(P)
        value = {
            "sum": lambda: t,
            "tanh": lambda: np.tanh(3 * t),
            "log-sum-exp": lambda: np.log(np.exp(t) + np.exp(-2 * t)),
            "square": lambda: (t - 2) ** 2,
            "relu": lambda: np.where((t + 0.3).real > 0, t + 0.3, 0) + 0.1 * t,
        }[self.outer]()
        return self.scale * (value + self.offset)

    def gradient(self, P):
        t = self.inner(P)
        slope = {
            "sum": lambda: 1.0,
            "tanh": lambda: 3 * (1 - np.tanh(3 * t) ** 2),
            "log-sum-exp": lambda: (np.exp(t) - 2 * np.exp(-2 * t)) / (np.exp(t) + np.exp(-2 * t)),
            "square": lambda: 2 * (t - 2),
            "relu": lambda: (t + 0.3 > 0) + 0.1,
        }[self.outer]()
        return {
            name: self.scale * slope * a * (1 - np.tanh(P[name]) ** 2)
            for name, a in self.weights.items()
        }


def laid_out(x, layout):
    if layout == "F":
        return np.asfortranarray(x)
    if layout == "strided" and x.ndim:
        return np.repeat(x, 2, axis=0)[::2]
    x.setflags(write=layout != "read-only")
    return x


AT_THE_BOTTOM = {  # of log-sum-exp: beside an offset of 1e6 real differences show no gradient
    "shapes": [(shape, np.float64, "C") for shape in ((2, 4), (2, 2, 4), (2, 4))],
    "loss_scale": 0,
    "spread": 4,
    "offset": 1e6,
    "outer": "log-sum-exp",
    "seed": 2601,
}


@FREE
@given(problems(spread=4))
@example(AT_THE_BOTTOM)
def test_a_right_gradient_is_never_wrong(problem):
    problem = Problem(**problem)
    report = check_gradient(problem.loss, problem.gradient, problem.params)
    gradient = problem.gradient(problem.params)
    steepest = max(np.abs(one).max() for one in gradient.values() if one.size)
    drowned = steepest <= 1e-9 * abs(problem.loss(problem.params))
    assert report.verdict in ("correct", "inconclusive" if drowned else "correct"), report


BARELY_SEEN = {  # by real differences: an error of a few roundings of the loss
    "shapes": [(shape, np.float64, "C") for shape in ((), (6,), (2, 6), ())],
    "loss_scale": 0,
    "spread": 3,
    "offset": 0.0,
    "outer": "log-sum-exp",
    "seed": 79,
}


@FREE
@example(BARELY_SEEN, 1e-6, 1)
@given(
    problems(spread=3), st.sampled_from([1e-6, -1e-6, 1e-3, 1.0, -1.0, -2.0]), st.integers(0, 10**6)
)
def test_an_entry_off_by_a_millionth_is_never_correct(problem, delta, which):
    """Entries span six powers of ten: a millionth of one that is 1e-8 of the typical entry is
    less than the rounding of the typical entry, and cannot be seen."""
    problem = Problem(**problem)
    names = sorted(problem.params)
    name = names[which % len(names)]

    def gradient(P):
        g = problem.gradient(P)
        index = np.unravel_index(which % g[name].size, g[name].shape)
        g[name] = np.array(g[name])
        g[name][index] *= 1 + delta
        return g

    report = check_gradient(problem.loss, gradient, problem.params)
    assert report.verdict != "correct", report
    assert [finding.parameter for finding in report.findings] == [name]
    found = report.findings[0].index
    assert (
        np.ravel_multi_index(found, np.shape(problem.params[name]))
        == (which % np.size(problem.params[name]))
        if found
        else not np.shape(problem.params[name])
    )
