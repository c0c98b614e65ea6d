# %% [markdown]
# # 6 · A network is a graph
#
# Giulio Galvan's note *On Gradient* (2015) does not begin with layers. It begins with units and
# links, any of them, and needs one rule to differentiate the lot. You derive that rule and run it
# over a graph with links that skip layers. Then layers come back as a special case, and a network
# that sees its own past as another one, in which every link occurs many times.
#
# **Time** about 115 minutes. **Points** 43. **You need first:** assignment 2; Python's dicts.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 Data and graph | 18 | 7 |
# | 2 Forward | 7 | 3 |
# | 3 Backward | 29 | 10 |
# | 4 Layers | 24 | 9 |
# | 5 Through time | 37 | 14 |
#
# **How it works.** Sections 3, 4 and 5 are ladders: you know the forward pass, each rung asks for
# one derivative of it, and the docstring gives what goes in and out, not the formula. A test feeds
# your rung the right values of earlier rungs, so a wrong rung costs only its own points. A ✓ means
# that it is right. Tests and the code of figures are folded away, for they show answers: run them
# as they are. The formula with its derivation is in the closed box below each test. Stuck? Open the
# hints one at a time. The grader runs the same tests with other numbers.

# %% [markdown]
# ## The note's symbols
#
# ![The graph of this notebook: inputs 0 and 1 and the constant unit 5 feed unit 4; 4 and 1 feed unit
# 3; 3, 4 and 5 feed the output 2. Every link carries its weight.](figure:toy)
#
# | note | meaning | in code | shape |
# |:--|:--|:--|:--|
# | $D$, $N$ | the data: $N$ pairs | `data` | list of pairs `(x, y)` |
# | $x^{(i)} \in \mathbb R^p$, $y^{(i)} \in \mathbb R^q$ | one pair | `x`, `y` | `(p,)`, `(q,)`; in a graph dicts `{unit: number}` |
# | $w_{lj}$ | weight of the link **from** $j$ **to** $l$ | `w[l, j]` | number |
# | $W$ | all weights | `w` | dict `{(l, j): number}` |
# | $a_l, \phi_l = \sigma(a_l)$ | what goes into unit $l$, what comes out | `a[l]`, `phi[l]` | numbers |
# | $\sigma'(a_l)$ | slope of $\sigma$ there | `slope[l]` | number |
# | $P(l)$ | the units that $l$ feeds | `fed_by(w, l)` | list of units |
# | $L^{(i)}, L$ | loss of one pair, mean over all | | numbers |
# | $\delta_l = \partial L^{(i)} / \partial a_l$ | how the loss changes with what goes into $l$ | `delta[l]` | number |
# | $W_2, W_3, \dots$ | weights into level 2, 3, ... (level 1 is the input) | `Ws[0], Ws[1], ...` | `(p(i), p(i-1))` |
# | $\vec\phi_1, \vec\phi_2, \dots$ | what comes out of each level | `phis[0], phis[1], ...` | `(p(i),)` |
# | $\vec a_2, \vec a_3, \dots$, $\Delta_2, \Delta_3, \dots$ | what goes into it; $\partial L/\partial \vec a_i$ | `a[0], ...`, `deltas[0], ...` | `(p(i),)` |
#
# (Section 5 continues where the note ends and has a table of its own.)
#
# A unit is a number, and the numbers imply no order: unit 4 may well feed unit 2. The target unit
# comes first in `w[l, j]`, as in the note's $w_{lj}$, and as in the matrix that will come of it.

# %% given id="setup"
# Setup: run this cell first.
try:
    from mlpkit import require_version

    require_version("0.1.0")
except ImportError:
    import sys

    print("mlpkit is missing here, or older than this notebook.")
    print("Type: pip install --upgrade 'mlpkit[notebook]', then restart the kernel.")
    print("(Or, instead of that name, the wheel that your instructor gave you.)")
    if "google.colab" in sys.modules and input("Install it now? [y/n] ").strip() == "y":
        get_ipython().run_line_magic("pip", "install --quiet --upgrade 'mlpkit[course]'")

import matplotlib.pyplot as plt
import numpy as np

from mlpkit import check_gradient, datasets, numerical_gradient
from mlpkit.testing import (
    assert_array,
    assert_derivative,
    assert_number,
    assert_unchanged,
    assert_vectorised,
    secret_rng,
)

# %% [markdown]
# The graph of the picture, as a dict. It has inputs 0 and 1, a unit 5 that is always 1 (a link from it
# is a bias; the note has no other), hidden units 3 and 4, and the output 2. Unit 4 comes *before* unit
# 3, and two links skip a level: 1 → 3 and 4 → 2. The folded cell below it makes random graphs and checks
# what a function returns: run it as it is.

# %% given id="helpers"
toy = {
    (4, 0): 0.5, (4, 1): -1.0, (4, 5): 0.25,
    (3, 4): 2.0, (3, 1): 1.5,
    (2, 3): 1.0, (2, 4): -0.5, (2, 5): 0.75,
}  # fmt: skip

# %% given id="checks"
# Setup: helpers of tests and figures.
def random_graph(rng, inputs=2, hidden=3, outputs=1):
    """(w, inputs, outputs, order): a random graph, its units numbered in any order."""
    order = [int(unit) for unit in rng.permutation(inputs + hidden + outputs)]
    first, last, w = order[:inputs], order[inputs + hidden :], {}
    for place in range(inputs, len(order)):
        before = order[: min(place, inputs + hidden)]
        w[order[place], before[-1]] = float(rng.normal())  # one link at least
        w |= {(order[place], j): float(rng.normal()) for j in before[:-1] if rng.random() < 0.6}
    links = [list(w)[i] for i in rng.permutation(len(w))]
    return {link: w[link] for link in links}, first, last, order


def assert_values(value, right, name, hints=None):
    """value is a dict with the keys and numbers of right; hints: {message: wrong dict}."""
    assert type(value) is dict, (
        f"{name}: you returned a {type(value).__name__}, expected a dict.\n"
        "Next: compare what the docstring says comes out."
    )
    assert set(value) == set(right), (
        f"{name}: your dict has the keys {sorted(value, key=str)}, expected {sorted(right)}.\n"
        "Next: compare what the docstring says comes out."
    )

    tolerance = 1e-9 * max(abs(number) for number in right.values())

    def compare(key, hints):
        place = ", ".join(map(str, key)) if type(key) is tuple else key
        assert_number(value[key], right[key], f"{name}[{place}]", atol=tolerance, hints=hints)

    for key, number in value.items():
        if not isinstance(number, (int, float, np.number)) or not np.isfinite(number):
            compare(key, {})  # says what it is instead of a number
    fitting = [
        text for text, wrong in (hints or {}).items()
        if all(np.isclose(value[key], wrong[key], rtol=1e-6, atol=0) for key in right)
    ]  # fmt: skip
    for key in sorted(right, key=lambda key: -abs(value[key] - right[key])):  # the worst first
        compare(key, {text: hints[text][key] for text in fitting})


def assert_arrays(value, right, name, hints=None):
    """value is a list of arrays like right; hints: {message: wrong list}."""
    given = f"{len(value)}" if type(value) in (list, tuple) else f"a {type(value).__name__}"
    cause = ""
    if given == str(len(right) - 1):
        for place, rest in ((0, right[1:]), (len(right) - 1, right[:-1])):
            if all(np.array_equal(one, other) for one, other in zip(value, rest)):
                cause = f"Likely cause: {name}[{place}], {right[place].tolist()} here, is missing.\n"
    assert given == str(len(right)), (
        f"{name}: you returned {given}, expected a list of {len(right)} arrays.\n{cause}"
        "Next: compare the return line with the last line of the docstring."
    )
    for i in reversed(range(len(right))):
        wrong = {text: arrays[i] for text, arrays in (hints or {}).items()}
        assert_array(value[i], right[i], f"{name}[{i}]", hints=wrong)


def assert_pair(value, what):
    """value is a pair."""
    assert type(value) is tuple and len(value) == 2, (
        f"expected the pair {what}; you returned a {type(value).__name__}.\n"
        "Next: compare the return line with the last line of the docstring."
    )


# %% [markdown]
# ## 1 · Data and graph · 7 points · 18 minutes
#
# ### 1.1 The data · 1 point
#
# $$D = \{\, x^{(i)} \in \mathbb R^p,\ y^{(i)} \in \mathbb R^q,\ i \in [1, N] \,\} \tag{1}$$
#
# Data come as two arrays with one sample in each row. Here we take one pair at a time, so make pairs.

# %% solution id="dataset"
def dataset(X, Y):
    """D = the N pairs (x_i, y_i)                          (note, equation 1)

    X (N, p), Y (N, q).  Returns a list of N tuples (x, y), x (p,), y (q,).
    """
    ### BEGIN SOLUTION
    return list(zip(X, Y))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What do you get when you loop over a
# matrix?</details>
# <details><summary>Hint 2, the idea</summary>Python has a function that walks through two things
# side by side.</details>
# <details><summary>Hint 3, the shapes</summary>N pairs, each of a (p,) and a (q,).</details>

# %% test id="test_dataset" points=1
"""The data as N pairs"""
X, Y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[7.0], [8.0], [9.0]])
data = dataset(X, Y)
assert type(data) is list and len(data) == 3, (
    f"expected a list of N = 3 pairs, you returned {data!r}.\n"
    "Next: one pair for each row; list(...) makes a list of what only promises to be one."
)
for i in range(3):
    assert_pair(data[i], "(x, y)")
    hints = {"this is a column of X; sample i is row i": X[:, i % 2]}
    assert_array(data[i][0], X[i], f"x of pair {i}", hints=hints)
    assert_array(data[i][1], Y[i], f"y of pair {i}")
### BEGIN HIDDEN TESTS
rng = secret_rng("dataset")
for N, p, q in [(1, 2, 2), (4, 1, 3), (3, 3, 3)]:
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, q))
    data = assert_unchanged(dataset, X, Y)
    assert len(data) == N, (
        f"expected N = {N} pairs, you returned {len(data)}.\nNext: one pair for each row of X."
    )
    for i in range(N):
        assert_array(data[i][0], X[i], f"x of pair {i}")
        assert_array(data[i][1], Y[i], f"y of pair {i}")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.2 Which units does a unit feed? · 2 points
#
# Forward, unit $l$ needs the units that feed it. Backward it needs the units that *it* feeds: only
# through them can it change the loss. The note calls this set $P(l)$, the parents of $l$. The set is
# in the keys of `w`; find it.

# %% solution id="fed_by"
def fed_by(w, l):
    """P(l): the units that l feeds                        (note, equation 6)

    w: dict {(k, j): weight of the link from j to k}; l: a unit.  Returns a sorted list of units.
    """
    ### BEGIN SOLUTION
    return sorted(k for k, j in w if j == l)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>In a key of w, which of the two units does the link
# come from?</details>
# <details><summary>Hint 2, the idea</summary>Loop over the keys, keep what fits, sort.</details>
# <details><summary>Hint 3, the shapes</summary>A key is a pair of units; the result is a list of
# single ones, and an output's list is empty.</details>

# %% test id="test_fed_by" points=2
"""P(l): the units that a unit feeds"""
def assert_fed_by(w, l):
    right = sorted(k for (k, j) in w if j == l)
    as_printed = sorted(j for (k, j) in w if k == l)
    value = assert_unchanged(fed_by, w, l)
    cause = ""
    if value == as_printed:
        cause = "\nLikely cause: these are the units that feed l, as (6) prints it: w_lk, not w_kl."
    elif type(value) is list and sorted(value) == right:
        cause = "\nLikely cause: the units are the right ones, and not sorted."
    assert value == right, (
        f"P({l}) is {right} in the graph with the links {sorted(w)}; you returned {value!r}.{cause}"
        "\nNext: a key (k, j) is a link from j to k; l has to be the unit it comes from."
    )


for unit in (4, 3, 5, 2):
    assert_fed_by(toy, unit)
    assert_fed_by(dict(reversed(toy.items())), unit)  # the order of the links means nothing
### BEGIN HIDDEN TESTS
rng = secret_rng("fed_by")
for hidden in (1, 4):
    w, _, _, order = random_graph(rng, 2, hidden, 2)
    for unit in order:
        assert_fed_by(w, unit)
assert assert_unchanged(fed_by, w, order[-1]) == [], (
    "an output feeds nothing: P(l) is empty.\nNext: return an empty list, not None."
)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$P(l) = \{\, k : \text{there is a link from } l \text{ to } k,
#   \text{ with weight } w_{kl} \,\} \tag{6}$$
#
# *Where we differ from print:* equation (6) has $w_{lk}$, by the note's own convention the link from
# $k$ to $l$. Equation (7) then uses $w_{kl}$, and needs it.
#
# </details>

# %% [markdown]
# ### 1.3 In which order? · 4 points
#
# A unit can be computed once all units that feed it have been. An order that respects this is a
# *topological order*. There may be several, and there is none exactly when the links form a cycle.
# The note takes it for granted; a program has to find it.

# %% solution id="topological_order"
def topological_order(w, units):
    """An order in which every unit comes after all the units that feed it.

    w: dict {(l, j): weight of the link from j to l}; units: list of all units.
    Returns a list with each unit once, or None if there is a cycle.
    """
    ### BEGIN SOLUTION
    waiting = {l: sum(target == l for target, _ in w) for l in units}
    order = [l for l in units if waiting[l] == 0]
    for j in order:  # grows while we iterate
        for l, source in w:
            if source == j:
                waiting[l] -= 1
                if waiting[l] == 0:
                    order.append(l)
    return order if len(order) == len(units) else None
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which units can come first? Remove them and their
# links: which can come next?</details>
# <details><summary>Hint 2, the idea</summary>Keep for each unit the number of links it still waits
# for. A unit that waits for nothing joins the order; then each unit it feeds waits for one
# link less.</details>
# <details><summary>Hint 3, the shapes</summary>As many units as came in, each once. If no unit is
# free and some are left over, they are waiting for each other.</details>

# %% test id="test_topological_order" points=4
"""A topological order: every unit after all that feed it"""
def assert_order(w, units):
    order = topological_order(w, units)
    assert type(order) is list, (
        f"you returned {order!r} for a graph without cycles, expected a list of the units.\n"
        "Next: a unit that waits for nothing can always be taken."
    )
    assert sorted(order) == sorted(units), (
        f"the order {order} does not have each of the units {sorted(units)} once.\n"
        "Next: a unit joins the order at the moment its last link is served, and never again."
    )
    place = {unit: i for i, unit in enumerate(order)}
    cause = ""
    if order in (units, sorted(units)):
        cause = "Likely cause: the units are in the order of their numbers, or of the list, not of the links.\n"
    for l, j in w:
        assert place[j] < place[l], (
            f"in the order {order} unit {l} comes before unit {j}, which feeds it.\n{cause}"
            "Next: the numbers of units mean nothing, only the links (l, j) from j to l do."
        )


def assert_cycle(w, units):
    order = topological_order(w, units)
    all_there = type(order) is list and len(order) == len(units)
    cause = "units that wait for one another are in the order, too" if all_there else (
        "an order is returned without asking whether it has all units"
    )
    assert order is None, (
        f"the links {sorted(w)} form a cycle: no order exists; you returned {order}.\n"
        f"Likely cause: {cause}.\n"
        "Next: return None when units are left over that all wait for one another."
    )


assert_order(toy, [0, 1, 2, 3, 4, 5])
assert_order({(0, 1): 1.0, (2, 0): 1.0, (2, 1): 1.0}, [2, 1, 0])
assert_cycle({(1, 0): 1.0, (2, 1): 1.0, (1, 2): 1.0}, [0, 1, 2])
### BEGIN HIDDEN TESTS
rng = secret_rng("topological_order")
for inputs, hidden, outputs in [(1, 1, 1), (3, 5, 2), (2, 8, 1)]:
    w, first, last, order = random_graph(rng, inputs, hidden, outputs)
    assert_order(w, sorted(order))
    assert_order(w, order[::-1])
    assert_cycle(w | {(order[inputs], last[0]): 1.0, (last[0], order[inputs]): 1.0}, sorted(order))
assert_unchanged(topological_order, w, order)
assert_order({}, [1, 0])
assert_cycle({(0, 0): 1.0, (1, 0): 1.0}, [0, 1])
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · Forward · 3 points · 7 minutes
#
# $$a_l = \sum_j w_{lj}\, \phi_j \tag{3}$$
# $$\phi_l = \sigma(a_l) \tag{4}$$
#
# The sum runs over the units $j$ with a link to $l$. An input has no $a$: its $\phi$ is given.

# %% solution id="forward"
def forward(w, order, x, sigma):
    """a_l = Σ_j w_lj φ_j and φ_l = σ(a_l)                 (note, equations 3 and 4)

    w: dict {(l, j): weight of the link from j to l}; order: a topological order of all units;
    x: dict {input unit: its φ}; sigma: function of a number.
    Returns the pair of dicts a, phi: a of all units but the inputs, phi of all units.
    """
    ### BEGIN SOLUTION
    a, phi = {}, dict(x)
    for l in order:
        if l not in x:
            a[l] = sum(weight * phi[j] for (target, j), weight in w.items() if target == l)
            phi[l] = sigma(a[l])
    return a, phi
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# When the loop reaches unit l, which $\phi$ are sure to be known?
# </details>
#
# <details><summary>Hint 2, the idea</summary>One pass over the order. For each unit that is no
# input, go through the links and sum those that end in it.</details>
# <details><summary>Hint 3, the shapes</summary>Numbers everywhere. phi has as many entries as there
# are units, a has fewer: no inputs. x belongs to the caller.</details>

# %% test id="test_forward" points=3
"""Forward through a graph: a and φ of every unit"""
# 4 gets 1/2 · 2 - 1 · 3 + 1/4, 3 gets 2 φ₄ + 3/2 · 3, 2 gets φ₃ - φ₄/2 + 3/4; σ(a) = 2 a + 4
x = {0: 2.0, 1: 3.0, 5: 1.0}
pair = assert_unchanged(forward, toy, [1, 0, 5, 4, 3, 2], x, lambda a: 2 * a + 4)
assert_pair(pair, "(a, phi) of dicts")
a_hints = {
    "the nonlinearity σ is missing on the way": {4: -1.75, 3: 1.0, 2: 2.625},
    "σ is applied to the inputs, too; x holds their φ": {4: -4.5, 3: 5.0, 2: 21.0},
    "links that skip a level are left out": {4: -1.75, 3: 1.0, 2: 6.75},
    "σ is taken of each term and these are summed; it is to be that of the sum": {
        4: -1.75, 3: 21.5, 2: 47.5
    },
    "zero everywhere: a key (l, j) is a link from j to l, not from l to j": {4: 0, 3: 0, 2: 0},
}  # fmt: skip
assert_values(pair[0], {4: -1.75, 3: 5.5, 2: 15.5}, "a", hints=a_hints)
assert_values(pair[1], {**x, 4: 0.5, 3: 15.0, 2: 35.0}, "φ")
### BEGIN HIDDEN TESTS
rng = secret_rng("forward")


def trusted_a(w, x, l):
    """From the end: each unit asks the units that feed it."""
    phi = {j: x[j] if j in x else np.tanh(trusted_a(w, x, j)) for k, j in w if k == l}
    return sum(w[l, j] * value for j, value in phi.items())


for inputs, hidden, outputs in [(2, 3, 1), (1, 1, 2), (3, 4, 2)]:
    w, first, _, order = random_graph(rng, inputs, hidden, outputs)
    x = {j: float(rng.normal()) for j in first}
    right = {l: trusted_a(w, x, l) for l in order if l not in x}
    a, phi = assert_unchanged(forward, w, order, x, np.tanh)
    assert_values(a, right, "a")
    assert_values(phi, {**x, **{l: np.tanh(value) for l, value in right.items()}}, "φ")
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · Backward · 10 points · 29 minutes
#
# A weight $w_{lj}$ acts on the loss through one number only, the $a_l$ of the unit at its end. So all
# the work is in
#
# $$\delta_l = \frac{\partial L^{(i)}}{\partial a_l}, \tag{5}$$
#
# one number for each unit, however many links it has. You get it for the outputs first, then for one
# link, then for all other units.
#
# ### 3.1 First rung: the outputs · 1 point
#
# An output unit enters the loss directly. The note leaves the loss open; we take the squared one
# with the target $y_u$ for each output $u$:
#
# $$L^{(i)} = \tfrac12 \sum_u (\phi_u - y_u)^2, \qquad \phi_u = \sigma(a_u)$$
#
# What is $\delta_u$?

# %% solution id="output_deltas"
def output_deltas(phi, y, slope):
    """δ_u = ∂L/∂a_u of each output, for the squared loss   (note, equation 5)

    phi: dict {unit: φ} of all units; y: dict {output unit: target};
    slope: dict {unit: σ'(a)} of all units but the inputs.  Returns a dict {output unit: δ}.
    """
    ### BEGIN SOLUTION
    return {u: (phi[u] - target) * slope[u] for u, target in y.items()}
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Is $\phi_u$ the last number before the loss, or is $a_u$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# From the loss to $\phi_u$, from $\phi_u$ to $a_u$: two factors.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>One number for each unit that has a
# target.</details>

# %% test id="test_output_deltas" points=1
"""δ of the output units, for the squared loss"""
phi, y, slope = {0: 9.2, 2: 4.3, 7: -1.1}, {2: 1.2, 7: 0.8}, {2: 0.3, 7: 1.7}
hints = {
    "the slope σ'(a_u) is missing": {2: 3.1, 7: -1.9},
    "the sign: an output above its target must come down": {2: -0.93, 7: 3.23},
    "the factor 2 does not belong here: the loss has 1/2": {2: 1.86, 7: -6.46},
    "this is the loss times the slope; the loss has to be differentiated": {2: 1.4415, 7: 3.0685},
}
assert_values(output_deltas(phi, y, slope), {2: 0.93, 7: -3.23}, "δ = ∂L/∂a", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("output_deltas")
for count in (1, 2, 5):
    outputs = [int(u) for u in rng.permutation(9)[:count]]
    a, y = rng.normal(size=9), {u: float(rng.normal()) for u in outputs}
    numbers = numerical_gradient(
        lambda a, y=y: sum(0.5 * (np.tanh(a[u]) - target) ** 2 for u, target in y.items()), a
    )
    phi = {u: float(np.tanh(a[u])) for u in range(9)}
    slope = {u: 1 - phi[u] ** 2 for u in range(2, 9)} | {u: 1 - phi[u] ** 2 for u in outputs}
    value = assert_unchanged(output_deltas, phi, y, slope)
    assert_values(value, {u: numbers[u] for u in outputs}, "δ = ∂L/∂a")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# From $L$ to $\phi_u$, from $\phi_u$ to $a_u$: $\delta_u = (\phi_u - y_u)\, \sigma'(a_u)$.
#
# </details>

# %% [markdown]
# ### 3.2 Second rung: across one link · 1 point
#
# Unit $l$ feeds unit $k$ by a link with the weight $w_{kl}$. From (3) and (4),
# $a_k = \dots + w_{kl}\, \sigma(a_l) + \dots$. What is $\partial a_k / \partial a_l$?

# %% solution id="across_link"
def across_link(w, slope, k, l):
    """∂a_k/∂a_l along the link from l to k                (note, equation 7, its two last factors)

    w: dict {(k, l): weight of the link from l to k}; slope: dict {unit: σ'(a)} of all units but the
    inputs; k, l: two units with a link from l to k.  Returns a number.
    """
    ### BEGIN SOLUTION
    return w[k, l] * slope[l]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Two things lie between $a_l$ and $a_k$. Which?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $\partial a_k/\partial\phi_l$ times $\partial\phi_l/\partial a_l$. Whose slope is it, that
# of k or that of l?
# </details>
#
# <details><summary>Hint 3, the shapes</summary>Two numbers, one number.</details>

# %% test id="test_across_link" points=1
"""∂a_k/∂a_l along one link"""
w, slope = {(3, 4): 2.3, (2, 4): -0.5, (4, 0): 7.2}, {4: 1 - np.tanh(0.5) ** 2, 3: 3.1, 2: 5.6}


def a3_of_a4(a_4):
    """From a of unit 4 to a of unit 3."""
    return 2.3 * np.tanh(a_4)


link_hints = {
    "the slope is missing": 2.3,
    "the slope is that of k; the link begins at l": 7.13,
    "the weight is missing": slope[4],
}
assert_derivative(
    across_link(w, slope, 3, 4), a3_of_a4, 0.5, "∂a_3/∂a_4", of="a_3", wrt="a_4", hints=link_hints
)
### BEGIN HIDDEN TESTS
rng = secret_rng("across_link")
for links in (1, 4):
    units = [int(unit) for unit in rng.permutation(9)]
    l, a = units[0], rng.normal(size=9)
    w = {(k, l): float(rng.normal()) for k in units[1 : 1 + links]}
    w |= {(k, units[-1]): float(rng.normal()) for k in units[1 : 1 + links]}
    slope = {unit: float(1 - np.tanh(a[unit]) ** 2) for unit in units}
    for k in units[1 : 1 + links]:
        right = numerical_gradient(
            lambda a, k=k: w[k, l] * np.tanh(a[l]) + w[k, units[-1]] * np.tanh(a[units[-1]]), a
        )[l]
        value = assert_unchanged(across_link, w, slope, k, l)
        assert_number(value, right, f"∂a_{k}/∂a_{l}", hints={"the slope is missing": w[k, l]})
### END HIDDEN TESTS

# %% [markdown]
# ### 3.3 Third rung: all the other units · 4 points
#
# A hidden unit changes the loss through the units it feeds, and through nothing else. So
# $\delta_l$ is a sum over $P(l)$. What is its term for $k$, given $\delta_k$?
#
# When $\delta_l$ is computed, all these $\delta_k$ must be known. You have an order in which every unit
# comes after those that feed it. In which order does every unit come after those that *it* feeds?

# %% solution id="backward"
def backward(w, order, slope, delta_out):
    """δ_l = ∂L/∂a_l of all units but the inputs           (note, equation 7)

    w: dict {(k, l): weight of the link from l to k}; order: a topological order of all units;
    slope: dict {unit: σ'(a)} of all units but the inputs; delta_out: dict {output unit: δ}; an
    output feeds nothing.  Returns a dict {unit: δ} of all units but the inputs.
    """
    ### BEGIN SOLUTION
    delta = dict(delta_out)
    for l in reversed(order):
        if l in slope and l not in delta:
            delta[l] = slope[l] * sum(delta[k] * w_kl for (k, j), w_kl in w.items() if j == l)
    return delta
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# In the little graph, P(4) is [2, 3]. Which $\delta$ has to be there before $\delta_4$, and which
# two paths lead from unit 4 to the loss?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# Start from the outputs' $\delta$, go through the order from its end, and sum over the links that
# begin in l. The slope is the same for all of them.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>
#
# As many $\delta$ as there are slopes. A hidden unit that feeds nothing has an empty sum.
# </details>

# %% test id="test_backward" points=4
"""The recursion of δ over the units that a unit feeds"""
order, slope = [1, 0, 5, 4, 3, 2], {4: 0.5, 3: 3.0, 2: 7.0}
right = {2: 2.0, 3: 6.0, 4: 5.5}
delta_hints = {
    "the slope σ'(a_l) is missing": {2: 2.0, 3: 2.0, 4: 3.0},
    "the slope is that of k, the unit at the end of the link; it is σ'(a_l)": {2: 2.0, 3: 14.0, 4: 77.0},
    "only one of the units that l feeds counts: sum over all of P(l)": {2: 2.0, 3: 6.0, 4: 6.0},
    "only the last of the units that l feeds counts: sum over P(l)": {2: 2.0, 3: 6.0, 4: -0.5},
    "the weights w_kl are missing": {2: 2.0, 3: 6.0, 4: 4.0},
}
value = assert_unchanged(backward, toy, order, slope, {2: 2.0})
assert_values(value, right, "δ = ∂L/∂a", hints=delta_hints)
### BEGIN HIDDEN TESTS
def trusted_loss(w, order, x, y, bump):
    """The loss when bump[l] is added to a_l: its derivative with respect to bump[l] is δ_l."""
    phi = dict(x)
    for l in order:
        if l not in phi:
            phi[l] = np.tanh(bump[l] + sum(w[k, j] * phi[j] for k, j in w if k == l))
    return sum(0.5 * (phi[u] - target) ** 2 for u, target in y.items()), phi


rng = secret_rng("backward")
for inputs, hidden, outputs in [(2, 3, 1), (1, 1, 2), (2, 5, 2), (3, 4, 3)]:
    w, first, last, order = random_graph(rng, inputs, hidden, outputs)
    x = {j: float(rng.normal()) for j in first}
    y = {u: float(rng.normal()) for u in last}
    zero = np.zeros(len(order))
    _, phi = trusted_loss(w, order, x, y, zero)
    numbers = numerical_gradient(lambda bump: trusted_loss(w, order, x, y, bump)[0], zero)
    right = {l: float(numbers[l]) for l in order if l not in x}
    slope = {l: float(1 - phi[l] ** 2) for l in right}
    value = assert_unchanged(backward, w, order, slope, {u: right[u] for u in last})
    assert_values(value, right, "δ = ∂L/∂a")
lonely = {(1, 0): 2.0, (2, 1): 3.0, (3, 0): 4.0}  # unit 3 feeds nothing and is no output
value = backward(lonely, [0, 3, 1, 2], {1: 0.5, 2: 1.0, 3: 0.5}, {2: -1.0})
assert_values(value, {1: -1.5, 2: -1.0, 3: 0.0}, "δ, where unit 3 feeds nothing,")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# The loss depends on $a_l$ through every $a_k$ with $k \in P(l)$. The chain rule adds the paths up:
#
# $$\delta_l = \sum_{k \in P(l)} \frac{\partial L^{(i)}}{\partial a_k}\,
#   \frac{\partial a_k}{\partial \phi_l}\, \frac{\partial \phi_l}{\partial a_l}
#   = \sum_{k \in P(l)} \delta_k\, w_{kl}\, \sigma'(a_l) \tag{7}$$
#
# </details>
#
# ### What this equation says
#
# A unit's $\delta$ is made of its neighbours' $\delta$ alone. It need not know how deep the network is,
# how many paths lead on from its neighbours, or what the loss is. Each link is crossed once in each
# direction: that is why all derivatives together cost about as much as two more forward passes, and
# not one for each weight.

# %% [markdown]
# ### 3.4 Fourth rung: the weights · 2 points
#
# $a_l = \sum_j w_{lj}\, \phi_j$, and $\delta_l$ is given. What is $\partial L^{(i)} / \partial w_{lj}$?

# %% solution id="link_gradients"
def link_gradients(w, delta, phi):
    """∂L/∂w_lj of every link                              (note, between equations 4 and 5)

    w: dict {(l, j): weight of the link from j to l}; delta: dict {unit: δ} of all units but the
    inputs; phi: dict {unit: φ} of all units.  Returns a dict with the keys of w.
    """
    ### BEGIN SOLUTION
    return {(l, j): delta[l] * phi[j] for l, j in w}
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which end of a link may be an input, and does an input have a $\delta$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A product for each key of w.</details>
# <details><summary>Hint 3, the shapes</summary>As many numbers as links; the weights themselves do
# not matter.</details>

# %% test id="test_link_gradients" points=2
"""The gradient with respect to the weight of each link"""
w = {(1, 0): 5.0, (2, 0): 6.0, (2, 1): 7.0}
delta, phi = {1: 2.0, 2: 3.0}, {0: 4.0, 1: -1.0, 2: 0.5}
hints = {
    "the weight does not belong here: a_l is linear in it": {
        (1, 0): 40.0, (2, 0): 72.0, (2, 1): -21.0
    },
    "φ is that of the unit at the end of the link; it is that of its beginning": {
        (1, 0): -2.0, (2, 0): 1.5, (2, 1): 1.5
    },
    "the sign": {(1, 0): -8.0, (2, 0): -12.0, (2, 1): 3.0},
}  # fmt: skip
value = assert_unchanged(link_gradients, w, delta, phi)
assert_values(value, {(1, 0): 8.0, (2, 0): 12.0, (2, 1): -3.0}, "∂L/∂w", hints=hints)
### BEGIN HIDDEN TESTS
def trusted_phi(w, order, x, bump):
    phi = dict(x)
    for l in order:
        if l not in phi:
            phi[l] = np.tanh(bump[l] + sum(w[k, j] * phi[j] for k, j in w if k == l))
    return phi


rng = secret_rng("link_gradients")
for inputs, hidden, outputs in [(2, 3, 1), (1, 1, 2), (2, 4, 2)]:
    w, first, last, order = random_graph(rng, inputs, hidden, outputs)
    x, links, zero = {j: float(rng.normal()) for j in first}, list(w), np.zeros(len(order))

    def trusted_loss(weights, bump):
        phi = trusted_phi(dict(zip(links, weights)), order, x, bump)
        return sum(0.5 * (phi[u] - 0.3) ** 2 for u in last)

    weights = np.array([w[link] for link in links])
    of_bumps = numerical_gradient(lambda bump: trusted_loss(weights, bump), zero)
    delta = {l: float(of_bumps[l]) for l in order if l not in x}
    phi = {l: float(number) for l, number in trusted_phi(w, order, x, zero).items()}
    numbers = numerical_gradient(lambda weights: trusted_loss(weights, zero), weights)
    value = assert_unchanged(link_gradients, w, delta, phi)
    assert_values(value, dict(zip(links, numbers)), "∂L/∂w")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\frac{\partial L^{(i)}}{\partial w_{lj}}
#   = \frac{\partial L^{(i)}}{\partial a_l} \cdot \frac{\partial a_l}{\partial w_{lj}}
#   = \delta_l\, \phi_j$$
#
# What comes back to the end of the link, times what went in at its beginning.
#
# </details>

# %% [markdown]
# ### 3.5 All pairs · 2 points
#
# $$L(W) = \frac1N \sum_{i=1}^N L^{(i)}(W) \tag{2}$$
#
# Note the $1/N$: Domke's risk was a sum, and a step size that suits one of them is wrong by a factor
# $N$ for the other. What follows for the gradient?

# %% solution id="mean_over_data"
def mean_over_data(of_sample, data):
    """L, the mean over all pairs, and its gradient         (note, equation 2)

    of_sample(x, y) returns the pair (L_i, {link: ∂L_i/∂w}), the same links for every sample;
    data: list of N pairs (x, y).  Returns the pair (L, {link: ∂L/∂w}).
    """
    ### BEGIN SOLUTION
    losses, gradients = zip(*(of_sample(x, y) for x, y in data))
    N = len(data)
    return sum(losses) / N, {link: sum(g[link] for g in gradients) / N for link in gradients[0]}
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How often is of_sample called?</details>
# <details><summary>Hint 2, the idea</summary>Collect first, then take means: one of the losses, one
# for each link.</details>
# <details><summary>Hint 3, the shapes</summary>A number, and a dict with the keys that of_sample's
# dicts have.</details>

# %% test id="test_mean_over_data" points=2
"""The mean over the data, of the loss and of its gradient"""
def of_sample(x, y):
    """Two links: L_i = x w_10 + y w_21 at w = (1, 1)."""
    return x + y, {(1, 0): x, (2, 1): y}


pair = assert_unchanged(mean_over_data, of_sample, [(1.3, 2.3), (3.2, 4.4), (8.1, 3.5), (0.6, 3.4)])
assert_pair(pair, "(L, gradient)")
assert_number(pair[0], 6.7, "L", hints={"this is the sum; divide by N": 26.8})
hints = {
    "this is the sum over the pairs; L is the mean: divide by N": {(1, 0): 13.2, (2, 1): 13.6},
    "1/N twice": {(1, 0): 0.825, (2, 1): 0.85},
    "this is the gradient of the last pair alone": {(1, 0): 0.6, (2, 1): 3.4},
}
assert_values(pair[1], {(1, 0): 3.3, (2, 1): 3.4}, "∂L/∂w", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("mean_over_data")
for N in (1, 2, 5):
    samples = [(float(rng.normal()), float(rng.normal())) for _ in range(N)]
    L, gradient = mean_over_data(of_sample, samples)
    assert_number(L, sum(x + y for x, y in samples) / N, f"L, N = {N}", atol=1e-15)
    means = {(1, 0): sum(x for x, _ in samples) / N, (2, 1): sum(y for _, y in samples) / N}
    assert_values(gradient, means, f"∂L/∂w, N = {N},")
### END HIDDEN TESTS

# %% [markdown]
# Put the parts together and let the gradient checker look at the whole: 20 random pairs, the small
# graph, all eight links at once. It compares slopes of your loss with your gradient.

# %% experiment id="check_the_graph"
def graph_loss(w, pairs):
    """(L, ∂L/∂w) of a graph with inputs 0 and 1, the constant 5 and the output 2."""
    order = topological_order(w, sorted({unit for link in w for unit in link}))

    def of_sample(x, y):
        a, phi = forward(w, order, {0: x[0], 1: x[1], 5: 1.0}, np.tanh)
        slope, target = {l: 1 - phi[l] ** 2 for l in a}, {2: y[0]}
        delta = backward(w, order, slope, output_deltas(phi, target, slope))
        return 0.5 * (phi[2] - y[0]) ** 2, link_gradients(w, delta, phi)

    return mean_over_data(of_sample, pairs)


rng = np.random.default_rng(0)
pairs = dataset(rng.normal(size=(20, 2)), rng.normal(size=(20, 1)))
check_gradient(
    lambda w: graph_loss(w, pairs)[0],
    lambda w: graph_loss(w, pairs)[1],
    toy,
    names=[f"w_{l}{j}" for l, j in toy],
)

# %% [markdown]
# Below, the same graph for one pair, once in each direction. Left: the weight of each link, and the
# $\phi$ of each unit. Right: the $\delta$ of each unit, and $\partial L / \partial w$ of each link. The
# output is above its target. **Before you run it:** unit 4 has one path to the output through a
# negative weight and one through unit 3, which is nearly saturated. Which one decides the sign of $\delta_4$?

# %% experiment id="figure_graph"
"""Figure: one pair through the graph and back"""
places = {0: (0, 2.2), 1: (0, 1.0), 5: (0.6, -0.5), 4: (1.7, 0.75), 3: (3.1, 2.1), 2: (4.4, 0.75)}
kinds = {0: "input 0", 1: "input 1", 5: "always 1", 2: "output 2", 3: "unit 3", 4: "unit 4"}
label_at = {(3, 1): 0.5, (2, 4): 0.5, (2, 5): 0.55}  # where on the link, 0 is its beginning


def draw(ax, numbers, links, title, backwards):
    """The toy graph: a number in each unit, a text on each link; blue is positive."""
    for (l, j), (number, text) in links.items():
        begin, end = (l, j) if backwards else (j, l)
        colour = "#0072B2" if number > 0 else "#D55E00" if number < 0 else "#999999"
        ax.annotate(
            "", places[end], places[begin],
            arrowprops={"arrowstyle": "-|>", "lw": 1.6, "color": colour,
                        "shrinkA": 18, "shrinkB": 18},
        )  # fmt: skip
        f = label_at.get((l, j), 0.45)
        across, up = (f * np.array(places[l]) + (1 - f) * np.array(places[j])).tolist()
        ax.text(across, up, text, color=colour, fontsize=8, ha="center", va="center",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
    digits = 3 if backwards else 2
    for unit, (across, up) in places.items():
        number = numbers.get(unit)
        face = "#EEEEEE" if number is None else "#CFE6F5" if number >= 0 else "#F8DCC8"
        ax.plot(across, up, "o", ms=34, color=face, mec="black")
        text = "–" if number is None else f"{number:+.{digits}f}"
        ax.text(across, up, text, ha="center", va="center", fontsize=8)
        ax.text(across, up - 0.47, kinds[unit], ha="center", va="top", fontsize=8)
    ax.set(title=title, xlim=(-0.5, 5.0), ylim=(-1.3, 2.8))
    ax.axis("off")


order = topological_order(toy, [0, 1, 2, 3, 4, 5])
a, phi = forward(toy, order, {0: 2.0, 1: 1.5, 5: 1.0}, np.tanh)
slope = {l: 1 - phi[l] ** 2 for l in a}
delta = backward(toy, order, slope, output_deltas(phi, {2: -0.5}, slope))
gradient = link_gradients(toy, delta, phi)
fig, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
draw(axes[0], phi, {link: (weight, f"{weight:+.2f}") for link, weight in toy.items()},
     "forward: φ in the units, w on the links", False)  # fmt: skip
draw(axes[1], delta, {link: (g, f"{g:+.3f}") for link, g in gradient.items()},
     "backward: δ in the units, ∂L/∂w = δ φ on the links", True)  # fmt: skip
fig.suptitle("One pair through the graph and back (blue: positive, orange: negative)")
plt.show()
for l in (4, 3):
    terms = [f"({delta[k]:+.3f})({toy[k, l]:+.2f})" for k in fed_by(toy, l)]
    print(f"δ_{l} = [" + " + ".join(terms) + f"] · {slope[l]:.3f} = {delta[l]:+.3f}")

# %% [markdown]
# The two lines under the figure are (7) with numbers: for each unit that $l$ feeds, its $\delta_k$
# times the weight $w_{kl}$, added up, times the slope of $l$ itself. The path through unit 3 has the
# larger weight, but unit 3 is saturated and passes little back: the negative weight wins. The recursion
# adds the two paths up without ever listing them.

# %% [markdown]
# ## 4 · Layers · 9 points · 24 minutes
#
# Sort the units into levels, and let every unit of a level feed every unit of the next and no other.
# Now the sums over links are products with matrices. The note counts levels from 1, the
# input; the code counts arrays from 0, so `Ws[0]` is $W_2$.
#
# ### 4.1 Forward by levels · 2 points
#
# $$\vec\phi_1 = \vec x \tag{8}$$
# $$\vec a_{i+1} = W_{i+1}\, \vec\phi_i \tag{9}$$
# $$\vec\phi_{i+1} = \sigma(\vec a_{i+1}) \tag{10}$$
#
# (In our copy of the note (10) and (12) have a $\vec d$ where $\vec a$ is meant.)

# %% solution id="forward_layers"
def forward_layers(Ws, x, sigma):
    """φ_1 = x, a_{i+1} = W_{i+1} φ_i, φ_{i+1} = σ(a_{i+1})  (note, equations 8, 9, 10)

    Ws: list of matrices, Ws[0] (p2, p1) first; x (p1,); sigma: function of an array.
    Returns the pair of lists a, phis: a[0] is a_2; phis[0] is φ_1 and so phis is one longer.
    """
    ### BEGIN SOLUTION
    a, phis = [], [x]
    for W in Ws:
        a.append(W @ phis[-1])
        phis.append(sigma(a[-1]))
    return a, phis
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which line of the three happens once, which two in
# every turn of a loop?</details>
# <details><summary>Hint 2, the idea</summary>Two lists that grow.</details>
# <details><summary>Hint 3, the shapes</summary>(p2, p1) times (p1,) is (p2,), and so
# on.</details>

# %% test id="test_forward_layers" points=2
"""Forward by levels: a and φ of each"""
Ws = [np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0]]), np.array([[1.0, 1.0, -1.0]])]
pair = assert_unchanged(forward_layers, Ws, np.array([2.0, 1.0]), lambda a: a**2)
assert_pair(pair, "(a, phis) of lists")
right_a = [np.array([4.0, -1.0, 6.0]), np.array([-19.0])]
missing = {"the nonlinearity σ is missing": [right_a[0], np.array([-3.0])]}
assert_arrays(pair[0], right_a, "a", missing)
right_phis = [np.array([2.0, 1.0]), right_a[0] ** 2, np.array([361.0])]
assert_arrays(pair[1], right_phis, "phis", {"the last σ is missing": [*right_phis[:2], right_a[1]]})
### BEGIN HIDDEN TESTS
rng = secret_rng("forward_layers")
for sizes in [(3, 2), (2, 4, 1), (3, 3, 3, 2), (1, 2, 2, 2, 2)]:
    Ws = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
    x = rng.normal(size=sizes[0])
    right_a, right_phi = [], [x]
    for W in Ws:
        right_a.append(np.array([sum(w * f for w, f in zip(row, right_phi[-1])) for row in W]))
        right_phi.append(np.tanh(right_a[-1]))
    a, phis = assert_unchanged(forward_layers, Ws, x, np.tanh)
    assert_arrays(a, right_a, "a")
    assert_arrays(phis, right_phi, "phis")
### END HIDDEN TESTS

# %% [markdown]
# ### 4.2 Fifth rung: δ by levels · 3 points
#
# $$\Delta_i = \frac{\partial L}{\partial \vec a_i} \tag{12}$$
#
# Every unit of level $i$ feeds every unit of level $i + 1$, by the weights $W_{i+1}$. So your rule of
# 3.3, for a whole level at once, is a product with a matrix and one more factor. Which? Write the sum
# for one unit first and look where its weights are in $W_{i+1}$.

# %% solution id="layer_deltas"
def layer_deltas(Ws, slopes, delta_last):
    """Δ_i = ∂L/∂a_i, for every level                       (note, equations 12 and 13)

    Ws: list of matrices; slopes: list of σ'(a), slopes[0] of a_2 and so on, as many as Ws;
    delta_last: ∂L/∂a of the last level.  Returns a list of Δ, [Δ_2, ..., Δ_n], as long as Ws.
    """
    ### BEGIN SOLUTION
    deltas = [delta_last]
    for W, slope in zip(Ws[:0:-1], slopes[-2::-1]):
        deltas.append((W.T @ deltas[-1]) * slope)
    return deltas[::-1]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of the matrices is never used, and
# why?</details>
# <details><summary>Hint 2, the idea</summary>
#
# Begin at the end with what you are given. The matrix that takes you from one $\Delta$ to the one
# before it is the one between the two levels.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>
#
# Ws[1] is (p3, p2), $\Delta_3$ (p3,): its transpose makes (p2,) of it, the shape of slopes[0]. If
# you collect from the end, reverse the list.
# </details>

# %% test id="test_layer_deltas" points=3
"""Δ of every level"""
Ws = [np.ones((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -1.0]])]
slopes = [np.array([0.5, 2.0]), np.array([3.0, 1.0]), np.array([9.0])]
right = [np.array([0.0, 8.0]), np.array([6.0, -2.0]), np.array([2.0])]
square = np.array([2.0, 2.0]) * np.tanh(2.0)  # what Wᵀ Δ times tanh of itself would be
hints = {
    "the slopes σ'(a_i) are missing": [np.array([-4.0, -4.0]), np.array([2.0, -2.0]), right[2]],
    "the slopes are those of the level above, where they are in Δ already: σ'(a_i) belongs to Δ_i": [
        np.array([0.0, 36.0]), np.array([18.0, -18.0]), right[2]
    ],
    "Δ goes down before its slope is in it: the level below needs the whole Δ above": [
        np.array([-2.0, -8.0]), right[1], right[2]
    ],
    "this is W Δ: the transpose is missing": [np.array([1.0, 20.0]), right[1], right[2]],
    "the last Δ is given as ∂L/∂a: its slope is in it already": [
        np.array([0.0, 72.0]), np.array([54.0, -18.0]), np.array([18.0])
    ],
    "it ends in σ(Δ), as (13) prints it; the slope σ'(a_i) belongs there": [
        Ws[1].T @ square * np.tanh(Ws[1].T @ square), square, right[2]
    ],
}  # fmt: skip
value = assert_unchanged(layer_deltas, Ws, slopes, np.array([2.0]))
assert_arrays(value, right, "Δ = ∂L/∂a", hints)
### BEGIN HIDDEN TESTS
def trusted_loss(Ws, bumps, x, y):
    phi = x
    for W, bump in zip(Ws, bumps):
        phi = np.tanh(W @ phi + bump)
    return 0.5 * ((phi - y) ** 2).sum()


rng = secret_rng("layer_deltas")
for sizes in [(3, 2), (2, 4, 1), (3, 3, 3, 2), (1, 2, 5, 2, 2)]:
    Ws = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
    x, y = rng.normal(size=sizes[0]), rng.normal(size=sizes[-1])
    zeros, slopes, right, phi = [np.zeros(len(W)) for W in Ws], [], [], x
    for i, W in enumerate(Ws):
        phi = np.tanh(W @ phi)
        slopes.append(1 - phi**2)
        right.append(numerical_gradient(
            lambda bump: trusted_loss(Ws, [*zeros[:i], bump, *zeros[i + 1 :]], x, y), zeros[i]
        ))
    value = assert_unchanged(layer_deltas, Ws, slopes, right[-1])
    assert_arrays(value, right, "Δ = ∂L/∂a")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\Delta_i = \bigl(W_{i+1}^T\, \Delta_{i+1}\bigr) \circ \sigma'(\vec a_i) \tag{13}$$
#
# This is (7) for a whole level: row $l$ of $W_{i+1}^T$ holds the weights with which unit $l$ feeds the
# next level.
#
# *Where we differ from print:* (13) ends in $\sigma(\Delta_i)$, which has $\Delta_i$ on both sides. It
# is the slope of $\sigma$ at $\vec a_i$ that is meant.
#
# </details>

# %% [markdown]
# ### 4.3 Sixth rung: gradients by levels · 1 point
#
# And 3.4, for all the links between two levels at once?

# %% solution id="layer_gradients"
def layer_gradients(deltas, phis):
    """∂L/∂W_i, for every level                             (note, equation 11)

    deltas: list [Δ_2, Δ_3, ...]; phis: list [φ_1, φ_2, ...], one longer.
    Returns the list of gradients, the first (p2, p1).
    """
    ### BEGIN SOLUTION
    return [np.outer(delta, phi) for delta, phi in zip(deltas, phis)]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# In the two lists, which $\Delta$ and which $\phi$ belong to the same matrix?
# </details>
#
# <details><summary>Hint 2, the idea</summary>An outer product for each level.</details>
# <details><summary>Hint 3, the shapes</summary>The gradient has the shape of the matrix: (p(i),
# p(i-1)).</details>

# %% test id="test_layer_gradients" points=1
"""The gradient with respect to the matrix of each level"""
deltas = [np.array([1.0, -2.0]), np.array([3.0, 0.5])]
phis = [np.array([2.0, 4.0]), np.array([1.0, -1.0]), np.array([5.0, 7.0])]
right = [np.array([[2.0, 4.0], [-4.0, -8.0]]), np.array([[3.0, -3.0], [0.5, -0.5]])]
hints = {
    "it is the transpose: swap the factors": [g.T for g in right],
    "φ is that of the same level; it is the one below": [
        np.outer(deltas[0], phis[1]), np.outer(deltas[1], phis[2])
    ],
}  # fmt: skip
assert_arrays(assert_unchanged(layer_gradients, deltas, phis), right, "∂L/∂W", hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("layer_gradients")
for sizes in [(3, 2), (1, 4, 2), (2, 3, 1, 5)]:
    W = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
    deltas, phis = [rng.normal(size=m) for m in sizes[1:]], [rng.normal(size=m) for m in sizes]
    right = [  # the loss Δᵀ W φ is linear in W
        numerical_gradient(lambda W, d=d, phi=phi: d @ (W @ phi), W_i)
        for d, phi, W_i in zip(deltas, phis, W)
    ]
    assert_arrays(assert_unchanged(layer_gradients, deltas, phis), right, "∂L/∂W")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\frac{\partial L}{\partial W_i} = \Delta_i\, \vec\phi_{i-1}^{\,T} \tag{11}$$
#
# </details>

# %% [markdown]
# ### 4.4 Layers are a graph · 3 points
#
# If (8) to (13) are a special case of (3) to (7), there must be a graph for every list of
# matrices. Number the units level by level: the inputs are 0, ..., $p(1) - 1$, the next level goes
# on from $p(1)$.

# %% solution id="layers_as_graph"
def layers_as_graph(Ws):
    """The links w_lj of a network with layers             (note, section 1.2, W_i)

    Ws: list of matrices, Ws[0] (p2, p1) first. Units are numbered level by level from 0; entry
    [r, c] of a matrix belongs to the link from unit c of one level to unit r of the next.
    Returns a dict {(l, j): weight of the link from j to l}.
    """
    ### BEGIN SOLUTION
    w, first = {}, 0  # the number of the first unit of the level below
    for W in Ws:
        rows, columns = W.shape
        for r, c in np.ndindex(rows, columns):
            w[first + columns + r, first + c] = float(W[r, c])
        first += columns
    return w
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which number has the first unit of the third
# level?</details>
# <details><summary>Hint 2, the idea</summary>Keep the number at which the current level begins, and
# move it on by the size of that level.</details>
# <details><summary>Hint 3, the shapes</summary>A matrix with p(i) rows and p(i-1) columns gives
# p(i) p(i-1) links: target from its row, source from its column.</details>

# %% test id="test_layers_as_graph" points=3
"""A network with layers, as a graph"""
Ws = [np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[7.0, 8.0, 9.0]])]
right = {
    (2, 0): 1.0, (2, 1): 2.0, (3, 0): 3.0, (3, 1): 4.0, (4, 0): 5.0, (4, 1): 6.0,
    (5, 2): 7.0, (5, 3): 8.0, (5, 4): 9.0,
}  # fmt: skip
value = assert_unchanged(layers_as_graph, Ws)
backwards = type(value) is dict and set(value) == {(j, l) for l, j in right}
assert not backwards, (
    "the links run the wrong way: your keys are (j, l), from l to j.\n"
    "Next: the row of the matrix is the unit at the end of the link and comes first."
)
assert_values(value, right, "w")
### BEGIN HIDDEN TESTS
rng = secret_rng("layers_as_graph")
for sizes in [(2, 2), (1, 3, 2), (3, 3, 3), (2, 1, 4, 2)]:
    Ws = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
    w, x = assert_unchanged(layers_as_graph, Ws), rng.normal(size=sizes[0])
    phi, product = dict(enumerate(x)), x
    for l in range(sizes[0], sum(sizes)):
        phi[l] = np.tanh(sum(weight * phi[j] for (k, j), weight in w.items() if k == l))
    for W in Ws:
        product = np.tanh(W @ product)
    assert len(w) == sum(W.size for W in Ws), (
        f"levels of {sizes} units: expected {sum(W.size for W in Ws)} links, one for each entry of "
        f"a matrix; you returned {len(w)}.\nNext: two entries must not share a key: number the "
        "units of a level after all those before it."
    )
    last = np.array([phi[l] for l in range(sum(sizes) - sizes[-1], sum(sizes))])
    assert_array(last, product, "the outputs of the graph, against those of the layers")
### END HIDDEN TESTS

# %% [markdown]
# The same network twice, once by links and once by levels: all gradients agree to the last digits.

# %% experiment id="both_agree"
rng, sizes = np.random.default_rng(1), (4, 5, 5, 3)
Ws = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
x, y = rng.normal(size=sizes[0]), rng.normal(size=sizes[-1])
a, phis = forward_layers(Ws, x, np.tanh)
slopes = [1 - phi**2 for phi in phis[1:]]
by_levels = layer_gradients(layer_deltas(Ws, slopes, (phis[-1] - y) * slopes[-1]), phis)

w = layers_as_graph(Ws)
order = topological_order(w, list(range(sum(sizes))))
a, phi = forward(w, order, dict(enumerate(x)), np.tanh)
slope, target = {l: 1 - phi[l] ** 2 for l in a}, dict(enumerate(y, start=sum(sizes[:-1])))
delta = backward(w, order, slope, output_deltas(phi, target, slope))
by_links = link_gradients(w, delta, phi)

levels = layers_as_graph(by_levels)  # gradients have the shapes of the matrices: same numbering
difference = max(abs(by_links[link] - levels[link]) for link in w)
print(f"{len(w)} links; the largest difference of two gradients is {difference:.1e}")

# %% [markdown]
# ## 5 · Through time · 14 points · 37 minutes
#
# The note's one figure is called *Modello per RNN*: a recurrent network, whose hidden units feed
# themselves, one step later. Its graph has cycles. *Unrolled*, with a copy of every unit for each
# step, it has none, and everything you have written applies. One thing is new: all copies of a link
# have one weight in common.
#
# $$h_{t+1} = \tanh(W h_t + U x_t), \qquad t = 0, \dots, T - 1, \qquad h_0 = 0$$
#
# | here | meaning | in code | shape |
# |:--|:--|:--|:--|
# | $T$, $M$, $p$ | steps, hidden units, inputs | `T, M, p` | numbers |
# | $x_t$ | input of step $t$ | `X[t]` | `(p,)`; `X` is `(T, p)` |
# | $h_t$ | hidden units before step $t$ | `H[t]` | `(M,)`; `H` is `(T + 1, M)` |
# | $W$, $U$ | from the hidden units, from the inputs | `W`, `U` | `(M, M)`, `(M, p)` |
# | $a_t$, $\sigma'(a_t)$ | $W h_t + U x_t$, slope of tanh there | `slopes[t]` | `(M,)`; `slopes` is `(T, M)` |
# | $d_t$ | $\partial L / \partial h_{t+1}$ where $h_{t+1}$ enters the loss itself | `direct[t]` | `(M,)`; `direct` is `(T, M)` |
# | $\delta_t$ | $\partial L / \partial a_t$, along all paths | `deltas[t]` | `(M,)`; `deltas` is `(T, M)` |
#
# ### 5.1 Shared weights · 2 points
#
# A shared weight acts on the loss through each of its copies $e_1, e_2, \dots$ You have the gradient
# with respect to each copy, as if it had a weight of its own. What is the gradient with respect to
# the one weight $v$?

# %% solution id="shared_gradient"
def shared_gradient(gradient, name_of):
    """∂L/∂v of every shared weight v                      (note, figure 1, the unrolled network)

    gradient: dict {link: ∂L/∂w}, as if every link had a weight of its own; name_of: dict
    {link: name of the weight it shares}, with the same links.  Returns a dict {name: ∂L/∂v}.
    """
    ### BEGIN SOLUTION
    total = dict.fromkeys(name_of.values(), 0.0)
    for link, number in gradient.items():
        total[name_of[link]] += number
    return total
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# If v grows by $\epsilon$, by how much does the weight of each copy grow?
# </details>
#
# <details><summary>Hint 2, the idea</summary>To first order the changes of the loss add up. Start
# every name at zero.</details>
# <details><summary>Hint 3, the shapes</summary>As many numbers as there are different
# names.</details>

# %% test id="test_shared_gradient" points=2
"""The gradient with respect to a shared weight"""
gradient = {(1, 0): 1.0, (2, 1): 2.0, (3, 2): -5.0, (2, 4): 0.5, (3, 5): 0.25}
name_of = {(1, 0): "u", (2, 1): "w", (3, 2): "w", (2, 4): "u", (3, 5): "u"}
hints = {
    "this is the mean over the copies; all of them move together": {"u": 1.75 / 3, "w": -1.5},
    "only the last copy counts: one overwrites the other": {"u": 0.25, "w": -5.0},
    "only the first copy counts": {"u": 1.0, "w": 2.0},
}
value = assert_unchanged(shared_gradient, gradient, name_of)
assert_values(value, {"u": 1.75, "w": -3.0}, "∂L/∂v", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("shared_gradient")


def trusted_loss(recurrent, inward, x):
    """One unit that feeds itself; the copies of its two weights are arrays over time."""
    h = 0.0
    for v, u, number in zip(recurrent, inward, x):
        h = np.tanh(v * h + u * number)
    return 0.5 * (h - 0.3) ** 2


for T in (1, 2, 6):
    x, ones = rng.normal(size=T), np.ones(T)
    v, u = rng.normal(size=2)
    of_v = numerical_gradient(lambda copies: trusted_loss(copies, u * ones, x), v * ones)
    of_u = numerical_gradient(lambda copies: trusted_loss(v * ones, copies, x), u * ones)
    gradient = {(t + 1, t): float(of_v[t]) for t in range(T)}
    gradient |= {(t + 1, 100 + t): float(of_u[t]) for t in range(T)}
    name_of = {link: "u" if link[1] >= 100 else "v" for link in gradient}
    both = np.array([v, u])
    right = numerical_gradient(lambda p: trusted_loss(p[0] * ones, p[1] * ones, x), both)
    value = assert_unchanged(shared_gradient, gradient, name_of)
    assert_values(value, {"v": right[0], "u": right[1]}, "∂L/∂v")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\frac{\partial L}{\partial v} = \sum_c \frac{\partial L}{\partial w_{e_c}}$$
#
# </details>

# %% given id="run_rnn"
def run_rnn(W, U, X):
    """H (T + 1, M): h_0 = 0 and h_{t+1} = tanh(W h_t + U x_t); W (M, M), U (M, p), X (T, p)."""
    H = [np.zeros(len(W))]
    for x in X:
        H.append(np.tanh(W @ H[-1] + U @ x))
    return np.array(H)


# %% [markdown]
# ### 5.2 δ through time · 3 points
#
# The forward pass is given: `run_rnn`, above. $\delta_t = \partial L / \partial a_t$ belongs to the
# step that makes $h_{t+1} = \tanh(a_t)$. Those units feed the next step, by $W$; and $h_{t+1}$ may
# also enter the loss itself, with the derivative $d_t$ (a network that has to answer at every
# step). So there are two paths from $h_{t+1}$ to the loss. What is $\delta_t$, given
# $\delta_{t+1}$? After the last step there is nothing: $\delta_T = 0$.

# %% solution id="rnn_deltas"
def rnn_deltas(W, slopes, direct):
    """δ_t = ∂L/∂a_t of every step, last step first         (note, equation 7)

    W (M, M); slopes (T, M): σ'(a_t) in row t; direct (T, M): d_t in row t.
    Returns the δ_t (T, M), δ_t in row t.
    """
    ### BEGIN SOLUTION
    deltas, delta = np.zeros(direct.shape), np.zeros(len(W))
    for t in reversed(range(len(direct))):
        delta = (direct[t] + W.T @ delta) * slopes[t]
        deltas[t] = delta
    return deltas
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which $\delta$ needs no other?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# A loop from the end that carries one vector with it. The slope applies to both paths: it lies
# between $a_t$ and $h_{t+1}$.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>Rows (M,), T of them; the matrix is the same at
# every step.</details>

# %% test id="test_rnn_deltas" points=3
"""δ through time, with a loss that may look at every step"""
W, slopes = np.array([[0.3, 1.1], [2.2, -0.4]]), np.array([[0.9, 0.5], [0.7, 1.2]])
direct = np.array([[1.3, 0.6], [-0.8, 2.1]])
right = np.array([[6.0084, -0.512], [-0.56, 2.52]])
last, back = right[1], W.T @ right[1]
hints = {
    "the slopes are missing": [direct[0] + W.T @ direct[1], direct[1]],
    "the transpose of W is missing": [(direct[0] + W @ last) * slopes[0], last],
    "the slope is applied to what comes back from the next step only, not to d_t": [
        direct[0] + W.T @ direct[1] * slopes[0], direct[1]
    ],
    "d_t of the steps before the last is missing": [back * slopes[0], last],
    "nothing comes back from the next step": [direct[0] * slopes[0], last],
    "the slope is that of step t + 1; δ_t has σ'(a_t)": [(direct[0] + back) * slopes[1], last],
}  # fmt: skip
assert_array(assert_unchanged(rnn_deltas, W, slopes, direct), right, "δ = ∂L/∂a", hints=hints)
### BEGIN HIDDEN TESTS
def trusted_loss(W, U, X, bumps, targets):
    h, total = np.zeros(len(W)), 0.0
    for x, bump, target in zip(X, bumps, targets):
        h = np.tanh(W @ h + U @ x + bump)
        total = total + 0.5 * ((h - target) ** 2).sum()
    return total


rng = secret_rng("rnn_deltas")
for T, M, p in [(1, 2, 1), (4, 3, 2), (6, 1, 2), (3, 3, 3)]:
    W, U, X = rng.normal(size=(M, M)), rng.normal(size=(M, p)), rng.normal(size=(T, p))
    targets, H = rng.normal(size=(T, M)), run_rnn(W, U, X)
    right = numerical_gradient(
        lambda bumps: trusted_loss(W, U, X, bumps, targets), np.zeros((T, M))
    )
    value = assert_unchanged(rnn_deltas, W, 1 - H[1:] ** 2, H[1:] - targets)
    assert_array(value, right, f"δ = ∂L/∂a, T = {T}, M = {M}")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# Equation (13), with one more term inside the bracket:
#
# $$\delta_t = \bigl(d_t + W^T \delta_{t+1}\bigr) \circ \sigma'(a_t), \qquad \delta_T = 0$$
#
# </details>

# %% [markdown]
# ### 5.3 The sum over the copies · 3 points
#
# There is a copy of $W$ in every step, and one of $U$. You know the gradient of each copy from 4.3 and
# what to do with the copies from 5.1. No loop over time is needed: assignment 2 (or 5) had a sum of
# outer products, too.

# %% solution id="rnn_gradients"
def rnn_gradients(deltas, H, X):
    """∂L/∂W and ∂L/∂U of the unrolled network              (note, equation 11)

    deltas (T, M); H (T + 1, M) with h_t in row t, so h_0 in row 0; X (T, p).
    Returns the pair dW (M, M), dU (M, p).
    """
    ### BEGIN SOLUTION
    return deltas.T @ H[:-1], deltas.T @ X
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# H has one row more than the $\delta$. Which of its rows feeds nothing?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Assignment 2 had a sum of outer products over samples;
# this is one over time.</details>
# <details><summary>Hint 3, the shapes</summary>(M, T) times (T, M) is (M, M); whatever has a T in
# its shape is not finished.</details>

# %% test id="test_rnn_gradients" points=3
"""The gradients with respect to W and U"""
deltas, X = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[2.0], [5.0]])
H = np.array([[2.0, -1.0], [4.0, 1.0], [6.0, 7.0]])  # any states: one that begins at 0 hides its step
pair = assert_unchanged(rnn_gradients, deltas, H, X)
assert_pair(pair, "(dW, dU)")
right = np.array([[14.0, 2.0], [0.0, -3.0]])
hints = {
    "it is the transpose": right.T,
    "δ_t meets h_{t+1}; the link begins at h_t": np.einsum("tm,tn->mn", deltas, H[1:]),
    "this is the mean over the steps; the copies add up": right / 2,
}
assert_array(pair[0], right, "dW", hints=hints)
assert_array(pair[1], np.array([[17.0], [-1.0]]), "dU")
assert_vectorised(rnn_gradients, lambda n: (np.ones((n, 2)), np.ones((n + 1, 2)), np.ones((n, 1))))
### BEGIN HIDDEN TESTS
def trusted_loss(W, U, X, bumps):
    h = np.zeros(len(W))
    for x, bump in zip(X, bumps):
        h = np.tanh(W @ h + U @ x + bump)
    return 0.5 * ((h - 0.3) ** 2).sum()


rng = secret_rng("rnn_gradients")
for T, M, p in [(1, 2, 1), (4, 3, 2), (6, 1, 2), (3, 3, 3)]:
    W, U, X = rng.normal(size=(M, M)), rng.normal(size=(M, p)), rng.normal(size=(T, p))
    zeros = np.zeros((T, M))
    deltas = numerical_gradient(lambda bumps: trusted_loss(W, U, X, bumps), zeros)
    dW, dU = assert_unchanged(rnn_gradients, deltas, run_rnn(W, U, X), X)
    if T > 1:  # h_0 = 0: with one step W has no say
        assert_array(dW, numerical_gradient(lambda W: trusted_loss(W, U, X, zeros), W), "dW")
    else:
        assert_array(dW, np.zeros((M, M)), "dW of one step from h_0 = 0")
    assert_array(dU, numerical_gradient(lambda U: trusted_loss(W, U, X, zeros), U), "dU")
steps = rng.normal(size=(65, 3))
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\frac{\partial L}{\partial W} = \sum_{t=0}^{T-1} \delta_t\, h_t^T, \qquad
#   \frac{\partial L}{\partial U} = \sum_{t=0}^{T-1} \delta_t\, x_t^T$$
#
# </details>

# %% [markdown]
# ### How far back does the gradient reach?
#
# Every step back multiplies $\delta$ by $W^T$ and by the slopes. Below: 64 hidden units, 100 steps, a
# loss that depends on the last step only. The three $W$ have one and the same random pattern,
# scaled to the spectral radius $\rho$ (the largest absolute eigenvalue). **Before you run it:** what
# becomes of $\delta$ with $\rho = 1$, for which $W$ by itself neither grows nor shrinks a vector in
# the long run?

# %% experiment id="figure_spectral_radius"
"""Figure: the norm of δ, up to 100 steps back"""
rng, M, T = np.random.default_rng(0), 64, 100
pattern = rng.normal(size=(M, M))
pattern /= np.abs(np.linalg.eigvals(pattern)).max()
U, X, last = rng.normal(size=(M, 1)), 0.2 * rng.normal(size=(T, 1)), rng.normal(size=M)
fig, ax = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
curves = [(2.0, "#D55E00", "-"), (1.0, "#0072B2", "--"), (0.8, "#009E73", "-.")]
for radius, colour, style in curves:
    H = run_rnn(radius * pattern, U, X)
    direct = np.zeros((T, M))
    direct[-1] = last
    norms = np.linalg.norm(rnn_deltas(radius * pattern, 1 - H[1:] ** 2, direct), axis=1)
    ax.semilogy(np.arange(T), norms[::-1] / norms[-1], style, color=colour, label=f"ρ = {radius}")
ax.set_xlabel("steps back from the end")
ax.set_ylabel("norm of δ, relative to the last step")
ax.set_title("Going back in time, δ vanishes or explodes")
ax.legend(frameon=False)
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# Even with $\rho = 1$ the gradient is gone after 100 steps: what $W$ keeps, the slopes of tanh, below 1
# everywhere but at 0, take away. A larger $W$ makes up for that on average, and then nothing stops
# the growth. No choice of $\rho$ is safe for all inputs.

# %% [markdown]
# Drag the radius yourself. Next to the plain recurrence is what section 5.4 builds, a unit that keeps
# its state. **Before you touch it:** tanh switched off (*linear*), which radius lets $\delta$ neither vanish nor
# explode?

# %% experiment id="drag_through_time"
from mlpkit import explorables as explore

explore.through_time(radius=1.05)

# %% [markdown]
# ### 5.4 The constant error carousel · 3 points
#
# The note's only reference is to Hochreiter and Schmidhuber's *Long short-term memory*. Their
# question: which unit that feeds itself keeps its $\delta$ forever? By (7) it needs
# $w\,\sigma'(a) = 1$ at every step. So take $w = 1$ and no nonlinearity at all. Such a unit only adds
# up what it is given. A *gate* $i_t$ between 0 and 1 decides how much of a candidate $g_t$ gets in:
#
# $$c_{t+1} = 1 \cdot c_t + i_t\, g_t, \qquad c_0 = 0$$
#
# With $d_t$ again for the derivative of the loss with respect to $c_{t+1}$ where it enters directly,
# and $\epsilon_t = \partial L / \partial c_{t+1}$ along all paths: what is $\epsilon_t$, given
# $\epsilon_{t+1}$? And what are $\partial L / \partial i_t$ and $\partial L / \partial g_t$?

# %% solution id="carousel_backward"
def carousel_backward(direct, gate, candidate):
    """∂L/∂i_t and ∂L/∂g_t of the carousel                 (note, equation 7 for its reference [1])

    direct: d_t, gate: i_t, candidate: g_t, three arrays of one shape (T, ...) whose first axis is
    time.  Returns the pair dgate, dcandidate, of the same shape.
    """
    ### BEGIN SOLUTION
    epsilon = np.cumsum(direct[::-1], axis=0)[::-1]
    return epsilon * candidate, epsilon * gate
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Write $\epsilon$ of the last step, of the one before, and of the one before that. What are they?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A running sum, from the end. Then the product rule for
# i times g.</details>
# <details><summary>Hint 3, the shapes</summary>Everything keeps its shape; the sum runs along axis
# 0 only.</details>

# %% test id="test_carousel_backward" points=3
"""Backward through the carousel"""
direct = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, -1.0]])
gate, candidate = np.array([[1.0, 0.5]] * 3), np.array([[2.0, 1.0], [1.0, 4.0], [-1.0, 3.0]])
epsilon = np.array([[3.0, 0.0], [3.0, -1.0], [1.0, -1.0]])
pair = assert_unchanged(carousel_backward, direct, gate, candidate)
assert_pair(pair, "(dgate, dcandidate)")
forward_sum = np.cumsum(direct, axis=0)
hints = {
    "the sum runs forward in time; a gradient comes back from later steps": forward_sum * candidate,
    "nothing comes back from the next step: ε_{t+1} is missing": direct * candidate,
    "i and g are swapped": epsilon * gate,
    "this is ε alone: a factor is missing": epsilon,
}
assert_array(pair[0], epsilon * candidate, "dgate", hints=hints)
assert_array(pair[1], epsilon * gate, "dcandidate")
### BEGIN HIDDEN TESTS
def trusted_loss(gate, candidate, weights):
    c, total = np.zeros(gate.shape[1:]), 0.0
    for i, g, weight in zip(gate, candidate, weights):
        c = c + i * g
        total = total + (weight * c).sum()
    return total


rng = secret_rng("carousel_backward")
for shape in [(1, 2), (5, 3), (4, 2, 3), (7,)]:
    gate, candidate, direct = rng.normal(size=(3, *shape))
    value = assert_unchanged(carousel_backward, direct, gate, candidate)
    right = numerical_gradient(lambda gate: trusted_loss(gate, candidate, direct), gate)
    assert_array(value[0], right, "dgate")
    right = numerical_gradient(lambda candidate: trusted_loss(gate, candidate, direct), candidate)
    assert_array(value[1], right, "dcandidate")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\epsilon_t = d_t + 1 \cdot \epsilon_{t+1}, \qquad \epsilon_T = 0, \qquad
#   \frac{\partial L}{\partial i_t} = \epsilon_t\, g_t, \qquad
#   \frac{\partial L}{\partial g_t} = \epsilon_t\, i_t$$
#
# The factor from one step to the one before is exactly 1: the gradient comes back undiminished.
#
# </details>

# %% [markdown]
# ### The adding problem
#
# A sequence of 60 numbers, two of them marked; the answer is the sum of the two. A network that always
# answers 1 has a mean squared error of 1/6. To do better it has to keep the first marked number until
# the end, 30 to 60 steps.
#
# Two networks with 8 units, trained by the same optimiser on the same batches: the tanh units of
# 5.2, and your carousel with $i_t = \mathrm{sigmoid}(A x_t + a)$, $g_t = \tanh(B x_t + b)$. In a
# full LSTM gates see $h_t$ as well; this one is stripped down to its carousel, and that is enough
# here. **Before you run it:** which of the two gets below 1/6, and what must its gate have learnt?

# %% experiment id="figure_adding_problem"
"""Figure: two networks and the adding problem"""
LENGTH, UNITS, BATCH, STEPS = 60, 8, 32, 700


def start_rnn(rng):
    W = rng.normal(size=(UNITS, UNITS))
    return {"W": W / np.abs(np.linalg.eigvals(W)).max(), "U": rng.normal(size=(UNITS, 2)),
            "b": np.zeros(UNITS), "v": np.zeros(UNITS), "d": np.ones(1)}  # fmt: skip


def rnn_batch(p, X, y):
    """(mean squared error, gradient); X (T, N, 2): a batch, time first."""
    H = [np.zeros((X.shape[1], UNITS))]
    for x in X:
        H.append(np.tanh(H[-1] @ p["W"].T + x @ p["U"].T + p["b"]))
    error = (H[-1] @ p["v"] + p["d"] - y) / len(y)
    back, g = error[:, None] * p["v"], {name: np.zeros(array.shape) for name, array in p.items()}
    g["v"], g["d"] = error @ H[-1], error.sum(keepdims=True)
    for x, before, after in zip(X[::-1], H[-2::-1], H[:0:-1]):
        delta = back * (1 - after**2)
        g["W"] += delta.T @ before
        g["U"] += delta.T @ x
        g["b"] += delta.sum(axis=0)
        back = delta @ p["W"]
    return len(y) * (error**2).sum(), g


def start_carousel(rng):
    return {"A": rng.normal(size=(UNITS, 2)), "a": np.full(UNITS, -2.0), "v": np.zeros(UNITS),
            "B": rng.normal(size=(UNITS, 2)), "b": np.zeros(UNITS), "d": np.ones(1)}  # fmt: skip


def carousel_batch(p, X, y):
    """As rnn_batch; the whole backward pass through time is carousel_backward."""
    gate, candidate = 1 / (1 + np.exp(-X @ p["A"].T - p["a"])), np.tanh(X @ p["B"].T + p["b"])
    c = (gate * candidate).sum(axis=0)  # after the last step
    error = (c @ p["v"] + p["d"] - y) / len(y)
    direct = np.zeros(gate.shape)
    direct[-1] = error[:, None] * p["v"]
    dgate, dcandidate = carousel_backward(direct, gate, candidate)
    g = {"v": error @ c, "d": error.sum(keepdims=True)}
    for of_gate, W, b in [(dgate * gate * (1 - gate), "A", "a"),
                          (dcandidate * (1 - candidate**2), "B", "b")]:  # fmt: skip
        g[W], g[b] = np.tensordot(of_gate, X, ([0, 1], [0, 1])), of_gate.sum(axis=(0, 1))
    return len(y) * (error**2).sum(), g


def adam(of_batch, p, X, y, gamma=0.01):
    """Train p in place; the loss before each step. Momentum, entries divided by their size."""
    losses, phi, size = [], dict.fromkeys(p, 0.0), dict.fromkeys(p, 0.0)
    for step in range(1, STEPS + 1):
        rows = slice(BATCH * (step - 1), BATCH * step)
        L, g = of_batch(p, X[:, rows], y[rows])
        losses.append(L)
        for name in p:
            phi[name] = 0.9 * phi[name] + 0.1 * g[name]
            size[name] = 0.99 * size[name] + 0.01 * g[name] ** 2
            scale = np.sqrt(size[name] / (1 - 0.99**step)) + 1e-8
            p[name] = p[name] - gamma * phi[name] / (1 - 0.9**step) / scale
    return losses


X, y = datasets.make_adding_problem(BATCH * STEPS, length=LENGTH, random_state=0)
X, trained = X.transpose(1, 0, 2), {}  # time first
fig, ax = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
for label, of_batch, start, colour, style in [
    ("8 tanh units that feed themselves", rnn_batch, start_rnn, "#D55E00", "--"),
    ("8 units on a carousel", carousel_batch, start_carousel, "#0072B2", "-"),
]:
    trained[label] = start(np.random.default_rng(1))
    losses = adam(of_batch, trained[label], X, y)
    smooth = np.convolve(losses, np.ones(25) / 25, "valid")
    ax.semilogy(np.arange(len(smooth)) + 25, smooth, style, color=colour, label=label)
ax.axhline(1 / 6, color="#777777", lw=1)
ax.text(STEPS, 0.2, "always answer 1", ha="right", va="bottom", fontsize=9, color="#555555")
ax.set_ylim(top=0.4)
ax.set_xlabel("steps of training, 32 sequences each")
ax.set_ylabel("mean squared error")
ax.set_title("The carousel adds; the plain recurrent network does not learn to remember")
ax.legend(frameon=False, loc="center right")
ax.grid(alpha=0.3)
plt.show()

p, marked = trained["8 units on a carousel"], X[:, :, 1] == 1
added = (np.tanh(X @ p["B"].T + p["b"]) / (1 + np.exp(-X @ p["A"].T - p["a"]))) @ p["v"]
print("What a number adds to the carousel's answer differs from one number to the next by")
print(f"{added[marked].std():.3f} where they are marked, by {added[~marked].std():.3f} elsewhere.")

# %% [markdown]
# The tanh units never leave the line of "always answer 1": the gradient has vanished before it gets
# back to the first marked number. The carousel is below a tenth of the line after 250
# steps, because its $\epsilon_t$ is the same at every step of the sequence. Gate and candidate have
# learnt to read the marks: what an unmarked number adds to the answer hardly depends on the number.

# %% manual [markdown] id="why_one" points=3
# **In your own words.** (a) Why does the gradient of a shared weight *add* over its copies, rather
# than average? (b) With one unit that feeds itself, $h_{t+1} = \sigma(w h_t + x_t)$, what happens
# to $\delta$ over 50 steps if $w\,\sigma'$ is 0.9, 1 or 1.1 at every step? Why does a tanh unit
# with $w = 1$ not do what the carousel does?
#
# ### BEGIN SOLUTION
# (a) Move the shared weight by $\epsilon$: every copy moves by $\epsilon$. To first order the
# changes of the loss add up, so the derivative is the sum of the copies' derivatives. A mean would
# be the derivative if each copy moved by $\epsilon$ over their number.
#
# (b) Each step back is a factor $w\,\sigma'$: $0.9^{50} \approx 0.005$, $1^{50} = 1$,
# $1.1^{50} \approx 117$. A tanh unit with $w = 1$ has the slope 1 only at $a = 0$, that is while it
# stores nothing; as soon as it holds a number its slope is below 1, and $\delta$ shrinks with every
# step. The carousel has no nonlinearity: its slope is 1 whatever it holds.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: (a) all copies move together and first-order changes add. 1 point: the three powers, at
# least as "shrinks, stays, grows, exponentially". 1 point: the slope of tanh is below 1 away from 0
# and the carousel's is 1 everywhere.
# ### END MARK SCHEME

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *A sum unit.* A unit with no nonlinearity, $\phi_l = a_l$, feeds three units with the weights
#    $w_1, w_2, w_3$ and their $\delta_1, \delta_2, \delta_3$. What is its $\delta$?
# 2. *A scalar recurrent network.* $h_{t+1} = \tanh(w h_t)$, $T$ steps, $L = h_T$. Write
#    $\partial L / \partial h_0$ with $w$ and the list of the $T$ hidden values $h_1, \dots, h_T$.
# 3. *How many paths.* Layers of $m$ units, each unit feeds all of the next layer. How many paths lead
#    from one unit to one output $d$ layers further on ($d \ge 1$)? And how many links does the backward
#    pass cross between these $d$ pairs of full layers of $m$ units each?

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: delta(w, deltas) -> number, w and deltas arrays (3,); dL_dh0(w, h) -> number,
    h (T,) holds h_1 ... h_T; counts(m, d) -> the pair (paths, links).
    """
    ### BEGIN SOLUTION
    return [
        lambda w, deltas: (w * deltas).sum(),
        lambda w, h: (w * (1 - h**2)).prod(),
        lambda m, d: (m ** (d - 1), d * m**2),
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against the forward pass, and against counting."""
    sum_unit, scalar, counts = on_paper()
    w, a = np.array([2.0, -1.0, 0.5]), np.array([0.3, 0.1, -0.4])
    deltas = numerical_gradient(lambda a: np.tanh(a).sum(), a)
    right = numerical_gradient(lambda bump: np.tanh(a + w * bump[0]).sum(), np.zeros(1))[0]
    assert_number(sum_unit(w, deltas), right, "problem 1")

    def last(h0, w=1.5, T=4):
        hidden = [h0[0]]
        for _ in range(T):
            hidden.append(np.tanh(w * hidden[-1]))
        return hidden

    start = np.array([0.2])
    right = numerical_gradient(lambda h0: last(h0)[-1], start)[0]
    assert_number(scalar(1.5, np.array(last(start)[1:])), right, "problem 2")
    for m, d in [(1, 3), (2, 1), (3, 4)]:
        paths = np.linalg.matrix_power(np.ones((m, m)), d)[0, 0]
        links = sum(1 for _ in range(d) for _ in np.ndindex(m, m))
        assert tuple(counts(m, d)) == (paths, links), (
            f"problem 3: not for m = {m}, d = {d}; draw the graph and count."
        )


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - **One rule works for every graph.** $\delta_l$ is the sum over the units that $l$ feeds, times the
#   slope of $l$ itself. Layers, skip connections and time are only different graphs.
# - **Order is half of backpropagation.** Forward in a topological order, backward in its reverse.
#   Each unit once, however many paths there are: that is what makes it cheap.
# - **Gradients of shared weights add up.** Differentiate as if every copy had a weight of its own,
#   then sum. Mini-batches, convolutions and recurrent networks all do this.
# - **Time is depth.** A long product of factors vanishes or explodes, over the layers of assignment 4
#   and over the steps of a sequence here. The cure is a path on which the factor is exactly 1.
#
# **Further reading.** Hochreiter and Schmidhuber, [*Long short-term
# memory*](https://doi.org/10.1162/neco.1997.9.8.1735) (the note's reference, as published in 1997);
# Goodfellow, Bengio and Courville, [*Deep Learning*, chapter
# 10](https://www.deeplearningbook.org/contents/rnn.html); [CS231n on backpropagation in a
# graph](https://cs231n.github.io/optimization-2/); Baydin et al., [*Automatic differentiation in
# machine learning: a survey*](https://arxiv.org/abs/1502.05767).
#
# **Next:** assignment 7 takes the five notes apart. You have met most of their misprints; now you
# prove them.
