# %% [markdown]
# # 0 · Wires
#
# Before the five notes, one small graph with a number on every wire. Values run forward through it,
# derivatives run backward, and by the end you will have done both by hand often enough to see that
# backpropagation is one short theorem, used many times. Everything later in the course is this
# notebook with more wires.
#
# **Time** about 35 minutes. **Points** 20. **You need first:** the derivative of a product;
# functions in Python. A little numpy: `+`, `*`, `.sum()`.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 Forward, and a nudge | 7 | 3 |
# | 2 Four rules | 9 | 5 |
# | 3 All the way back | 8 | 6 |
# | 4 What it costs | 4 | 2 |
# | 5 Five alphabets | 7 | 4 |
#
# **How it works.** A stub says what goes in and what must come out. Replace its last two lines,
# then run the test below it: a ✓ means that it is right, otherwise it says what is wrong. Tests and
# the code of figures are folded away, for they show answers: run them as they are. Stuck? Open the
# hints one at a time. Where a result has a closed box below its test, open it afterwards.

# %% [markdown]
# ## One network, five alphabets
#
# The five notes of this course describe the same network, each in letters of its own. A row of this
# table is one thing. You need not learn it; it is here so that you can come back to it.
#
# | | Domke | Gutfreund | Galvan | Hao | Li | in code | shape |
# |:--|:--|:--|:--|:--|:--|:--|:--|
# | input | $x$ | $x_i$ | $\vec\phi_1$ | $x$ | $x$, $X$ | `x`, `X` | `(p,)`, `(N, p)` |
# | first weights, bias | $W, b$ | $W, b$ | $W_2$ | $W_1, b_1$ | $W^1, b^1$ | `W`, `W1`, `b` | `(M, p)` or `(p, M)`, `(M,)` |
# | pre-activation | $s$ | | $\vec a_2$ | $D$ | $t_1$ | `s` | `(M,)`, `(N, M)` |
# | hidden units | $h$ | $h$ | $\vec\phi_2$ | $h$ | $z_1$, $Z$ | `h`, `Z` | `(M,)`, `(N, M)` |
# | slope of the activation | $\sigma'(s)$ | $1 - \tanh^2$, $g'$ | $\sigma'(\vec a_2)$ | $1[D \ge 0]$ | $\delta$ | `slope`, `slopes` | as the units |
# | second weights, bias | $V, c$ | $U, \hat b$ | $W_3$ | $W_2, b_2$ | $W^2, b^2$ | `V`, `U`, `W2`, `b2` | `(K, M)` or `(M, K)`, `(K,)` |
# | scores | $f$ | $z_i$ | $\vec a_3$ | $c$ | $t_2$ | `f` | `(K,)`, `(N, K)` |
# | outputs | $g(f)$ | $\hat y$ | $\vec\phi_3$ | $q$ | $\hat y$, $\hat Y$ | `yhat`, `Yhat` | `(K,)`, `(N, K)` |
# | target | $y$, $\hat e_y$ | $y$ | | $m$, $\delta_m$ | $y$, $Y$ | `y`, `Y` | number; `(K,)`, `(N, K)` |
# | derivative with respect to the scores | $dL/df$ | $dL/dz_i$ | $\Delta_3$ | $\partial L/\partial c$ | | `df`, `error`, `back`, `delta` | as the scores |
# | link from $j$ to $l$ | | | $w_{lj}$ | | | `w[l, j]` | number |
#
# Domke, Gutfreund and Galvan multiply by weights from the left: `W` is `(M, p)`, a sample is a
# column. Hao and Li do it from the right: `W1` is `(p, M)`, a sample is a row.

# %% given id="setup"
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

from mlpkit import explorables as explore
from mlpkit import plotting
from mlpkit.testing import (
    assert_array,
    assert_derivative,
    assert_number,
    assert_unchanged,
    secret_rng,
)


def assert_numbers(value, names):
    """value, which must be a tuple with one entry for each of the names."""
    given = f"{len(value)} of them" if type(value) is tuple else f"a {type(value).__name__}"
    assert type(value) is tuple and len(value) == len(names), (
        f"expected a tuple of {len(names)}: {', '.join(names)}; you returned {given}.\n"
        "Next: compare the return line with the last line of the docstring."
    )
    return value


# %% [markdown]
# ## 1 · Forward, and a nudge · 3 points · 7 minutes
#
# $$L = (x + y)\,z + \max(y, z)$$
#
# Read it as a graph. Each box does one thing to the numbers on the wires that enter it. In the
# picture $x = -2$, $y = 5$ and $z = -4$; **fill in the three green question marks in your head**.
#
# ![A graph of four boxes. x and y enter an addition, its output q and z enter a product p; y and z
# enter a maximum m; p and m are added to L. Values are green above the wires, some still open;
# every derivative, in red below, is open but the last, 1.](figure:circuit)
#
# ### 1.1 The values · 1 point

# %% solution id="values"
def values(x, y, z):
    """The number on each inner wire: q = x + y, m = max(y, z), p = q z, and L = p + m.

    x, y, z numbers.  Returns the tuple (q, m, p, L).
    """
    ### BEGIN SOLUTION
    q = x + y
    m = max(y, z)
    p = q * z
    return q, m, p, p + m
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>In which order can the four numbers be computed at
# all?</details>
# <details><summary>Hint 2, the idea</summary>Follow the arrows. Each wire has one line of
# code.</details>
# <details><summary>Hint 3, the shapes</summary>Four numbers in a tuple, q first.</details>

# %% test id="test_values" points=1
"""The value on each wire"""
q, m, p, L = assert_numbers(values(-1.7, 4.6, -3.2), ("q", "m", "p", "L"))
at = ", at x, y, z = -1.7, 4.6, -3.2"
assert_number(q, 2.9, "q" + at)
assert_number(m, 4.6, "m" + at, hints={"this is the smaller one": -3.2})
assert_number(p, -9.28, "p" + at, hints={"p is q times z, not q plus z": -0.3})
assert_number(L, -4.68, "L" + at)
### BEGIN HIDDEN TESTS
rng = secret_rng("values")
for x, y, z in rng.normal(size=(4, 3)):
    sum_, larger = x + y, y if y > z else z
    right = sum_, larger, sum_ * z, sum_ * z + larger
    given = values(x, y, z)
    assert_numbers(given, ("q", "m", "p", "L"))
    for name, value, expected in zip("qmpL", given, right):
        assert_number(value, expected, name)
### END HIDDEN TESTS

# %% [markdown]
# ### 1.2 A nudge · 2 points
#
# How much does $L$ change when $x$ moves a little, all else held fixed? Try it: $x = -1.99$ instead
# of $-2$ makes $q = 3.01$, $p = -12.04$ and $L = -7.04$. A step of $0.01$ moved $L$ by $-0.04$:
# four times as far, downward. So $dL/dx = -4$.
#
# A step both ways is better than one: the curvature cancels.
#
# $$\frac{df}{dx_k} \approx \frac{f(\ldots, x_k + \epsilon, \ldots) - f(\ldots, x_k - \epsilon,
#   \ldots)}{2\epsilon}$$
#
# This needs no calculus and knows no formula, so it can judge every formula. It is what the
# gradient checker of this course does, with more care.

# %% solution id="nudge"
def nudge(f, point, k, step=1e-4):
    """The derivative of f with respect to its argument number k, by a step up and a step down.

    f takes an array like point and returns a number; point (n,), floats, stays as it is; step is ε.
    Returns a number.
    """
    ### BEGIN SOLUTION
    move = np.zeros(len(point))
    move[k] = step
    return (f(point + move) - f(point - move)) / (2 * step)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which numbers of the point differ between the two
# calls of f?</details>
# <details><summary>Hint 2, the idea</summary>Make two copies of the point, move one number in each,
# ask f twice, divide.</details>
# <details><summary>Hint 3, the shapes</summary>
#
# point.copy() is (n,); f gives a number. The two points are $2\epsilon$ apart.
# </details>

# %% test id="test_nudge" points=2
"""A derivative by two nudges"""
point = np.array([1.3, 0.7, 0.9, 3.1, 4.7])
nudge_hints = {
    "the points are 2ε apart: divide by 2ε": 77.764,
    "uphill is plus: f(x + ε) - f(x - ε)": -38.882,
    "one step only: take f(x - ε) away, not f(x)": 40.104,
    "not divided by the step": 15.5528,
    "the wrong argument moved: k counts from 0": 0.6,
    "the last argument moved, not number k": 12.493,
    "all arguments moved, not number k alone": 97.63,
}
given = nudge(lambda v: v[0] * v[3] ** 2 * v[4] + 0.6 * v[2] + v[3], point, 3, 0.2)
told = (
    "the nudge of number 3 of v0 v3² v4 + 0.6 v2 + v3, "
    "at v = [1.3, 0.7, 0.9, 3.1, 4.7], with ε = 0.2"
)
assert_number(given, 38.882, told, rtol=1e-8, hints=nudge_hints)
assert point.tolist() == [1.3, 0.7, 0.9, 3.1, 4.7], (
    "your function moved the caller's point.\nNext: work on point.copy()."
)
### BEGIN HIDDEN TESTS
rng = secret_rng("nudge")
for n in (1, 3, 5):
    A, point = rng.normal(size=(n, n)), rng.normal(size=n)
    kept = point.copy()
    for k in range(n):
        right = (A[k] + A[:, k]) @ kept  # of a quadratic two nudges are exact
        for step in (1e-3, 0.7):
            given = nudge(lambda v, A=A: v @ A @ v, point, k, step)
            told = f"the nudge of number {k}, step {step}"
            assert_number(given, right, told, rtol=1e-7, atol=1e-9)
    assert (point == kept).all(), "your function moved the caller's point; work on point.copy()"
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · Four rules · 5 points · 9 minutes
#
# Nudging gives one derivative for two passes through the whole graph. The other way is to look at
# each box alone. A box knows its own inputs. Suppose somebody also tells it how much $L$ changes
# with its *output*: the red number that arrives from the right. Then it can say how much $L$
# changes with each *input*: the red numbers it sends to the left. That is all it has to do, and it
# need not know what the rest of the graph looks like.
#
# ![Four small graphs: an addition, a product and a maximum with inputs 3 and -4 and the gradient 2
# arriving at the output, and a wire a that forks to u and v, where 2 and 5 arrive. What is sent to
# the left is open.](figure:gates)
#
# **Before you go on:** work out the seven red numbers on paper (`a` and `b` stand for whatever
# goes in). Then write the rules as code. `d` in
# front of a name means the derivative of $L$ with respect to it: `dq` is $dL/dq$.
#
# ### 2.1 Add, times, max · 3 points

# %% solution id="add_gate"
def add_gate(x, y, dq):
    """dL/dx and dL/dy through q = x + y, from what arrives, dq = dL/dq.

    x, y, dq numbers.  Returns the tuple (dx, dy).
    """
    ### BEGIN SOLUTION
    return dq, dq
    ### END SOLUTION


# %% [markdown]
# These hints are for all three gates, this one and the next two.
#
# <details><summary>Hint 1, a question</summary>Nudge one input by 0.01: by how much does the output
# move? That is the slope of the box.</details>
# <details><summary>Hint 2, the idea</summary>Slope of the box, times the number that
# arrives.</details>
# <details><summary>Hint 3, the shapes</summary>Numbers in, two numbers out, in the order of the
# inputs.</details>

# %% test id="test_add_gate" points=1
"""What an addition does to a gradient"""
dx, dy = assert_numbers(add_gate(3.2, -4.3, 5.7), ("dx", "dy"))
alone = "this is dq/dx alone; multiply by what arrives"
product = "that is what a product does; nudge x by 0.01 and look at x + y"
half = "it is not divided among the inputs: each moves q by its full nudge"
assert_derivative(dx, lambda x: x - 4.3, 3.2, "dL/dx", of="L", wrt="x", upstream=5.7,
                  hints={alone: 1.0, product: -4.3 * 5.7, half: 5.7 / 2})  # fmt: skip
assert_derivative(dy, lambda y: 3.2 + y, -4.3, "dL/dy", of="L", wrt="y", upstream=5.7,
                  hints={alone: 1.0, product: 3.2 * 5.7, half: 5.7 / 2})  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("add_gate")
for x, y, dq in rng.normal(size=(3, 3)):
    given = add_gate(x, y, dq)
    assert_numbers(given, ("dx", "dy"))
    assert_derivative(given[0], lambda t, y=y: t + y, x, "dL/dx", of="L", wrt="x", upstream=dq)
    assert_derivative(given[1], lambda t, x=x: x + t, y, "dL/dy", of="L", wrt="y", upstream=dq)
### END HIDDEN TESTS

# %% solution id="times_gate"
def times_gate(q, z, dp):
    """dL/dq and dL/dz through p = q z, from what arrives, dp = dL/dp.

    q, z, dp numbers.  Returns the tuple (dq, dz).
    """
    ### BEGIN SOLUTION
    return z * dp, q * dp
    ### END SOLUTION


# %% test id="test_times_gate" points=1
"""What a product does to a gradient"""
dq, dz = assert_numbers(times_gate(3.2, -4.3, 2.6), ("dq", "dz"))
own = "each input is sent the value of the other one"
alone = "this is the slope of the box alone; multiply by what arrives"
sum_ = "that is what an addition does; here a nudge of one input counts as often as the other says"
assert_derivative(dq, lambda q: q * -4.3, 3.2, "dL/dq", of="L", wrt="q", upstream=2.6,
                  hints={own: 3.2 * 2.6, alone: -4.3, sum_: 2.6})  # fmt: skip
assert_derivative(dz, lambda z: 3.2 * z, -4.3, "dL/dz", of="L", wrt="z", upstream=2.6,
                  hints={own: -4.3 * 2.6, alone: 3.2, sum_: 2.6})  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("times_gate")
for q, z, dp in rng.normal(size=(3, 3)):
    given = times_gate(q, z, dp)
    assert_numbers(given, ("dq", "dz"))
    assert_derivative(given[0], lambda t, z=z: t * z, q, "dL/dq", of="L", wrt="q", upstream=dp)
    assert_derivative(given[1], lambda t, q=q: q * t, z, "dL/dz", of="L", wrt="z", upstream=dp)
### END HIDDEN TESTS

# %% solution id="max_gate"
def max_gate(y, z, dm):
    """dL/dy and dL/dz through m = max(y, z), from what arrives, dm = dL/dm.

    y, z, dm numbers, y ≠ z.  Returns the tuple (dy, dz).
    """
    ### BEGIN SOLUTION
    return (dm, 0.0) if y > z else (0.0, dm)
    ### END SOLUTION


# %% test id="test_max_gate" points=1
"""What a maximum does to a gradient"""
smaller = "the smaller input could be nudged without m noticing"
alone = "this is a slope, 0 or 1; multiply by what arrives"
value = "this is the value, not a derivative"
for y, z, y_hints, z_hints in [
    (5.3, -4.1, {alone: 1.0, value: 5.3}, {smaller: 2.7}),
    (1.4, 2.6, {smaller: 2.7}, {alone: 1.0, value: 2.6}),
]:
    dy, dz = assert_numbers(max_gate(y, z, 2.7), ("dy", "dz"))
    told = f" of max({y:g}, {z:g})"
    assert_derivative(dy, lambda y, z=z: np.maximum(y, z), y, "dL/dy" + told, of="L", wrt="y",
                      upstream=2.7, hints=y_hints, atol=1e-12)  # fmt: skip
    assert_derivative(dz, lambda z, y=y: np.maximum(y, z), z, "dL/dz" + told, of="L", wrt="z",
                      upstream=2.7, hints=z_hints, atol=1e-12)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("max_gate")
for y, gap, dm in rng.normal(size=(6, 3)):
    z = y + gap + np.sign(gap)
    given = max_gate(y, z, dm)
    assert_numbers(given, ("dy", "dz"))
    right = (dm, 0.0) if y > z else (0.0, dm)
    for name, value, expected in zip(("dL/dy", "dL/dz"), given, right):
        assert_number(value, expected, name, atol=1e-12)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The three boxes, with their derivation</summary>
#
# Nudge $x$ by $\epsilon$. After an addition $q$ moves by $\epsilon$, after a product $p = qz$ by
# $z\epsilon$, after a maximum by $\epsilon$ or not at all. Whatever $q$ moves by, $L$ moves by
# $dL/dq$ times as much. So
#
# - **add passes on** what arrives, to both inputs: $(dq, dq)$;
# - **times swaps**: each input gets what arrives, times the *other* input: $(z\,dp, q\,dp)$;
# - **max selects**: all of it to the larger input, nothing to the other one.
#
# At $y = z$ a maximum has a kink, and a derivative only on either side; `03_relu_l2` comes back to
# it.
#
# </details>

# %% [markdown]
# ### 2.2 The fork, and the one theorem · 2 points
#
# In the graph $y$ goes to two boxes. Each sends a red number back. What is $dL/dy$? Nudge $y$ by
# $\epsilon$: *both* wires move, each adds its own change to $L$, so the two numbers are added.
#
# That is the chain rule, the only theorem of this course. Say that $x$ acts on $L$ through some
# wires $u_1, \ldots, u_m$ and in no other way. You know how $L$ changes with each wire, and how
# each wire changes with $x$. How does $L$ change with $x$? Write it down before you code it.

# %% solution id="chain_rule"
def chain_rule(dL_du, du_dx):
    """dL/dx, where x acts on L through the wires u_1 ... u_m and in no other way.

    dL_du (m,): the derivative of L with respect to each wire; du_dx (m,): that of each wire with
    respect to x.  Returns a number.
    """
    ### BEGIN SOLUTION
    return (dL_du * du_dx).sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# $x$ moves by $\epsilon$. By how much does wire k move, and by how much does L move because of
# wire k?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Along a wire multiply, over the wires add.</details>
# <details><summary>Hint 3, the shapes</summary>(m,) times (m,), entry by entry, is (m,); the sum is
# one number.</details>

# %% test id="test_chain_rule" points=2
"""The chain rule: over all wires through which x acts"""
dL_du, du_dx = np.array([-3.1, 2.3, 0.7]), np.array([1.3, 4.1, -2.2])  # -4.03 + 9.43 - 1.54
chain_hints = {
    "all slopes in one product: the wires lie side by side, not one after the other": 58.524466,
    "this is the mean; the wires act at the same time": 3.86 / 3,
    "one wire is missing": 5.4,
    "what the wires do is added up before it is weighted": -0.32,
}
assert_derivative(
    assert_unchanged(chain_rule, dL_du, du_dx), lambda x: (dL_du * (du_dx * x)).sum(), 0.0, "dL/dx",
    of="L", wrt="x", hints=chain_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("chain_rule")
for m in (1, 2, 5):
    A, at = rng.normal(size=(2, m)), rng.normal()

    def wires(x, A=A):
        return np.sin(A[0] * x)

    def loss(u, A=A):
        return (A[1] * u**2).sum()

    dL_du, du_dx = 2 * A[1] * wires(at), A[0] * np.cos(A[0] * at)
    given = assert_unchanged(chain_rule, dL_du, du_dx)
    assert_derivative(given, lambda x: loss(wires(x)), at, "dL/dx", of="L", wrt="x", hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The theorem, with its derivation</summary>
#
# $$\frac{dL}{dx} = \sum_{k=1}^{m} \frac{dL}{du_k}\,\frac{du_k}{dx}$$
#
# Nudge $x$ by $\epsilon$: wire $k$ moves by $\frac{du_k}{dx}\epsilon$, and $L$ by $\frac{dL}{du_k}$
# times that, for every $k$ at once. Small changes add up; what is left over shrinks like
# $\epsilon^2$.
#
# </details>
#
# ### What this equation says
#
# The right-hand side has two kinds of factors. $dL/du_k$ has come from the far end of the graph and
# knows all about $L$. $du_k/dx$ is the slope of one box and knows nothing beyond it. Work from $L$
# backward and the first kind is always there when you need it: *you never differentiate anything
# longer than one box*. The four rules are special cases: one wire with slope 1 (add), with the
# other input as its slope (times), with slope 0 or 1 (max), and two wires with slope 1 (fork).

# %% [markdown]
# ## 3 · All the way back · 6 points · 8 minutes
#
# ### 3.1 The circuit · 3 points
#
# Start at $L$ with $dL/dL = 1$ and walk to the left, box by box, until every red number of the
# first picture is known. Your gates do the work.

# %% solution id="circuit_gradient"
def circuit_gradient(x, y, z):
    """dL/dx, dL/dy and dL/dz of L = (x + y) z + max(y, z).

    x, y, z numbers, y ≠ z.  Returns the tuple (dx, dy, dz).
    """
    ### BEGIN SOLUTION
    q = x + y
    dp = dm = 1.0
    dq, dz = z * dp, q * dp
    if y > z:
        return dq, dq + dm, dz
    return dq, dq, dz + dm
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>L = p + m: which red numbers leave the last box to
# the left?</details>
# <details><summary>Hint 2, the idea</summary>Last box first: the sum, then the product and the
# maximum, then x + y. y and z go to two boxes each.</details>
# <details><summary>Hint 3, the shapes</summary>Two numbers come back to y and two to z: add
# them.</details>

# %% test id="test_circuit_gradient" points=3
"""The gradient of the whole circuit"""
def circuit(x, y, z):
    return (x + y) * z + np.maximum(y, z)


other = "times sends each input the value of the other one"
fork = "goes to two boxes: add what comes back from the maximum"
smaller = "the maximum sends nothing to the smaller input"
for at, hints in [
    ((-1.7, 4.6, -3.2),
     {"x": {other: 2.9}, "y": {f"y {fork}": -3.2}, "z": {smaller: 3.9, other: -3.2}}),
    ((2.3, 1.4, 5.1),
     {"x": {other: 3.7}, "y": {smaller: 6.1, other: 3.7}, "z": {f"z {fork}": 3.7}}),
]:
    point = dict(zip("xyz", at))
    for given, name in zip(assert_numbers(circuit_gradient(*at), ("dx", "dy", "dz")), "xyz"):
        assert_derivative(
            given, lambda t, name=name, point=point: circuit(**{**point, name: t}), point[name],
            f"dL/d{name}", of="L", wrt=f"{name}, at x, y, z = {at}", hints=hints[name],
        )  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("circuit_gradient")
for x, y, gap in rng.normal(size=(6, 3)):
    z = y + gap + np.sign(gap)
    given = circuit_gradient(x, y, z)
    assert_numbers(given, ("dx", "dy", "dz"))
    right = z, z + (y > z), x + y + (z > y)
    for name, value, expected in zip("xyz", given, right):
        assert_number(value, expected, f"dL/d{name}")
### END HIDDEN TESTS

# %% [markdown]
# Now drag. The picture below is your circuit: click a box to see its rule, drag an input and watch
# every derivative move. (Derivatives are orange there. Red and dashed is a number of yours that is
# not right, with the right one next to it.) **Before you touch it:** with $x$ and $z$ as they are,
# at which $y$ does $dL/dy$ jump, and by how much?

# %% experiment id="drag_the_circuit"
mine = dict(zip("xyz", circuit_gradient(-2.0, 5.0, -4.0), strict=True))
explore.backward_pass(wrong=mine)

# %% [markdown]
# <details><summary>The circuit, with every number</summary>
#
# ![The graph of the first picture, complete: q = 3, m = 5, p = -12, L = -7; the gradients are -4 at
# x, -4 plus 1 at y, 3 plus 0 at z.](figure:solved)
#
# At $y = z$ the maximum changes its mind: $dL/dy$ is $z$ below and $z + 1$ above.
#
# </details>

# %% [markdown]
# ### 3.2 A neuron · 3 points
#
# Enough toys: here is a neuron with a loss. It weights its inputs, adds a bias, keeps only what
# is positive, and is told the right answer $y$.
#
# $$s = \sum_j w_j x_j + b, \qquad h = \max(0, s), \qquad L = \tfrac12 (h - y)^2$$
#
# You know every box but the last: the slope of $\frac12 (h - y)^2$ with respect to $h$ is yours to
# find.

# %% solution id="neuron_gradient"
def neuron_gradient(w, b, x, y):
    """dL/dw, dL/db and dL/dx of L = ½ (max(0, w·x + b) - y)².

    w (p,), b number, x (p,), y number; w·x + b is not 0.
    Returns the tuple (dw, db, dx): (p,), a number, (p,).
    """
    ### BEGIN SOLUTION
    s = w @ x + b
    dh = max(0.0, s) - y
    ds = dh if s > 0 else 0.0
    return x * ds, ds, w * ds
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which boxes does the neuron have, from L to the
# left?</details>
# <details><summary>Hint 2, the idea</summary>dh, then ds through the maximum; everything
# before s is sums and products.</details>
# <details><summary>Hint 3, the shapes</summary>dh and ds are numbers. dw has the shape of w, dx
# that of x.</details>

# %% test id="test_neuron_gradient" points=3
"""The gradient of a neuron with a loss"""
b, x, y = 0.4, np.array([1.7, 3.1]), 2.3
sign, half = "the sign: h - y, not y - h", "the 2 of the square cancels against the 1/2"
other = "each factor of a product is sent the other one"
gate = "nothing comes back through a maximum whose other input, 0, is larger"
error = "nothing comes back although s > 0: it is s that opens the maximum, not the sign of h - y"
for w, hints in [
    (np.array([2.2, 1.3]), {  # s = 8.17, h - y = 5.87
        "w": {sign: -5.87 * x, half: 11.74 * x, other: [12.914, 7.631]},
        "b": {sign: -5.87, half: 11.74},
        "x": {sign: [-12.914, -7.631], half: [25.828, 15.262], other: 5.87 * x},
    }),
    (np.array([0.3, 0.0]), {"w": {error: 0 * x}, "b": {error: 0.0}, "x": {}}),  # s = 0.91
    (np.array([2.2, -1.4]), {  # s = -0.2: silent
        "w": {gate: -2.3 * x}, "b": {gate: -2.3}, "x": {gate: [-5.06, 3.22]},
    }),
]:  # fmt: skip
    at = {"w": w, "b": b, "x": x}

    def neuron(w, b, x):
        return 0.5 * (np.maximum(0, (w * x).sum() + b) - y) ** 2

    parts = assert_unchanged(neuron_gradient, w, b, x, y)
    assert_numbers(parts, ("dw", "db", "dx"))
    for given, name in zip(parts, "wbx"):
        assert_derivative(
            given, lambda t, name=name, at=at: neuron(**{**at, name: t}), at[name], f"dL/d{name}",
            of="L", wrt=f"{name}, at w = {w.tolist()}", hints=hints[name], atol=1e-12,
        )  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("neuron_gradient")
for p, s in [(1, 0.01), (3, 1.5), (3, -0.01), (5, -1.5), (4, 0.75)]:
    w, x, y = rng.normal(size=p), rng.normal(size=p), rng.normal()
    b = s - w @ x
    parts = assert_unchanged(neuron_gradient, w, b, x, y)
    assert_numbers(parts, ("dw", "db", "dx"))
    ds = (s - y) if s > 0 else 0.0
    assert_array(parts[0], x * ds, "dL/dw", atol=1e-12)
    assert_number(parts[1], ds, "dL/db", atol=1e-12)
    assert_array(parts[2], w * ds, "dL/dx", atol=1e-12)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $dL/dh = h - y$: the 2 of the square meets the $\frac12$. The maximum passes it on where $s > 0$
# and stops it elsewhere. $s$ is a sum: every product $w_j x_j$ and the bias get $dL/ds$, and each
# product swaps its factors.
#
# $$\frac{dL}{ds} = 1[s > 0]\,(h - y), \qquad \frac{dL}{dw} = \frac{dL}{ds}\, x, \qquad
#   \frac{dL}{db} = \frac{dL}{ds}, \qquad \frac{dL}{dx} = \frac{dL}{ds}\, w$$
#
# A neuron with $s < 0$ learns nothing from this sample: nothing comes back. That does not make its
# prediction right: a gradient of 0 means flat here, not lowest.
#
# </details>

# %% [markdown]
# ## 4 · What it costs · 2 points · 4 minutes
#
# A network in layers: every unit of a layer has a weight to every unit of the next. Count
# multiplications by weights, nothing else.
#
# - *Forward*, one sample: each weight is multiplied once.
# - *Backward*, all derivatives, with respect to the inputs too: look at your `times_gate`. How many
#   multiplications for each that was done forward?
# - *Nudging* every weight, up and down: how many passes forward is that, and how many
#   multiplications?

# %% solution id="multiplications"
def multiplications(sizes):
    """Multiplications of a forward pass, of a backward pass, and of nudging every weight both ways.

    sizes: the number of units of each layer, inputs first, a list of at least two.
    Returns the tuple (forward, backward, nudging), integers.
    """
    ### BEGIN SOLUTION
    weights = sum(n * m for n, m in zip(sizes, sizes[1:]))
    return weights, 2 * weights, 2 * weights * weights
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How many weights are there between a layer of 3 and
# a layer of 4?</details>
# <details><summary>Hint 2, the idea</summary>A product forward is two products backward: one for
# each factor. A nudge is a whole pass forward.</details>
# <details><summary>Hint 3, the shapes</summary>Three integers. sizes and sizes[1:] side by side are
# the pairs of neighbours.</details>

# %% test id="test_multiplications" points=2
"""Forward, backward, nudging: how many multiplications"""
counts = multiplications([3, 5, 4])
assert_numbers(counts, ("forward", "backward", "nudging"))
assert_number(counts[0], 35, "forward", hints={"layers meet in pairs: 3·5 + 5·4": 60,
                                               "these are the units": 12})  # fmt: skip
assert_number(counts[1], 70, "backward",
              hints={"a product sends something to both of its factors": 35})  # fmt: skip
assert_number(counts[2], 2450, "nudging",
              hints={"up and down: two passes for each weight": 1225,
                     "for each weight a pass through the whole network": 70})  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("multiplications")
for layers in (2, 3, 5):
    sizes = rng.integers(1, 9, size=layers).tolist()
    forward = sum(sizes[i] * sizes[i + 1] for i in range(layers - 1))
    given = multiplications(list(sizes))
    assert_numbers(given, ("forward", "backward", "nudging"))
    right = forward, 2 * forward, 2 * forward**2
    for name, value, expected in zip(("forward", "backward", "nudging"), given, right):
        assert_number(value, expected, name)
### END HIDDEN TESTS

# %% [markdown]
# So one backward pass costs what two forward passes cost, *however many weights there are*, and
# gives all derivatives at once. That is why networks can be trained at all. **Before you run it:**
# for a network with a million weights, how many times as expensive is nudging? (If backward takes a
# second, how long does nudging take?)

# %% experiment id="figure_cost"
"""Figure: multiplications against weights: forward, backward, nudging"""
widths = np.unique(np.geomspace(2, 1000, 12).astype(int))
costs = np.array([multiplications([width, width, 1]) for width in widths.tolist()], dtype=float)
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
for column, (name, line) in enumerate([("forward", "-"), ("backward", "--"), ("nudging", ":")]):
    axes.loglog(costs[:, 0], costs[:, column], line, marker="os^"[column], label=name,
                color=plotting.COLOURS[column])  # fmt: skip
axes.set(xlabel="weights", ylabel="multiplications",
         title="Backward stays at two passes; nudging does not")  # fmt: skip
axes.legend(frameon=False)
axes.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ## 5 · Five alphabets · 4 points · 7 minutes
#
# ### 5.1 From the left, from the right · 1 point
#
# The same network in Domke's letters and in Hao's (the table is at the top of this notebook):
#
# $$f = c + V\,\sigma(b + Wx) \qquad\qquad c = \mathrm{ReLU}(xW_1 + b_1)\,W_2 + b_2$$
#
# Leave the activation aside. Domke's `W` is `(M, p)`, Hao's `W1` is `(p, M)`. Somebody hands you
# Domke's parameters; return them in Hao's form, so that both give every sample the same scores.

# %% solution id="to_rows"
def to_rows(W, b, V, c):
    """Domke's parameters in the form of Hao: samples are rows, weights multiply from the right.

    W (M, p), b (M,), V (K, M), c (K,).  Returns the tuple (W1, b1, W2, b2) in Hao's shapes.
    """
    ### BEGIN SOLUTION
    return W.T, b, V.T, c
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which entry of W1 multiplies input j on its way to
# unit i, and which entry of W does?</details>
# <details><summary>Hint 2, the idea</summary>Nothing is computed; two of the four arrays are only
# written down the other way.</details>
# <details><summary>Hint 3, the shapes</summary>W1 (p, M), b1 (M,), W2 (M, K), b2 (K,). With M = p a
# reshape would fit, and be wrong.</details>

# %% test id="test_to_rows" points=1
"""The same network, weights from the right"""
W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -0.5])
V, c = np.array([[1.0, -1.0], [2.0, 0.0], [0.5, 3.0]]), np.array([1.0, 2.0, 3.0])
same = assert_unchanged(to_rows, W, b, V, c)
assert_numbers(same, ("W1", "b1", "W2", "b2"))
for name, given, right, wrong in zip(("W1", "b1", "W2", "b2"), same, (W.T, b, V.T, c),
                                     (W, b, V.reshape(2, 3), c)):  # fmt: skip
    order = {"rows and columns have to change places": wrong} if name[0] == "W" else {}
    assert_array(given, right, name, hints=order)
### BEGIN HIDDEN TESTS
rng = secret_rng("to_rows")
for p, M, K in [(3, 4, 2), (2, 2, 2), (1, 3, 5)]:
    W, b, V, c = (rng.normal(size=shape) for shape in [(M, p), (M,), (K, M), (K,)])
    X = rng.normal(size=(6, p))
    right = np.array([c + V @ np.tanh(b + W @ x) for x in X])
    same = assert_unchanged(to_rows, W, b, V, c)
    assert_numbers(same, ("W1", "b1", "W2", "b2"))
    shapes = [(p, M), (M,), (M, K), (K,)]
    for name, given, shape in zip(("W1", "b1", "W2", "b2"), same, shapes):
        assert np.shape(given) == shape, f"{name}: shape {np.shape(given)}, expected {shape}"
    W1, b1, W2, b2 = same
    assert_array(np.tanh(X @ W1 + b1) @ W2 + b2, right, "the scores of Hao's form")
### END HIDDEN TESTS

# %% [markdown]
# One such network, small enough to see every wire, in Domke's letters. Step through it backward: it
# is the four rules, and the slope of tanh.

# %% experiment id="drag_a_network"
explore.backward_pass({
    "x": [1.0, -0.5], "y": 0,
    "W": [[0.8, -0.4], [0.3, 0.9], [-0.6, 0.5]], "b": [0.1, 0.0, -0.2],
    "V": [[0.7, -0.3, 0.2], [-0.5, 0.6, 0.4]], "c": [0.0, 0.1],
})  # fmt: skip

# %% [markdown]
# ### 5.2 A question · 3 points

# %% manual [markdown] id="zero_gradient" points=3
# In the circuit the maximum sends $0$ back to $z$. A classmate concludes: *"So $z$ does not matter
# for the maximum, we may set it to anything, and $L$ stays as it is."* What is right about this, and
# what is wrong? Two or three sentences.
#
# ### BEGIN SOLUTION
# A derivative speaks of small nudges only. As long as $z$ stays below $y$, the maximum indeed does
# not notice it; raise $z$ above $y$ and the maximum follows $z$ alone. And $L$ does not stay as it
# is: $z$ acts on it through the product as well, and its total is 3.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: right as long as z < y: there a nudge of z does not change the maximum.
#
# 1 point: a derivative is about small changes; a large change of z makes it the larger input.
#
# 1 point: z also acts on L through the product; its total is 3.
# ### END MARK SCHEME

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *Division.* What does a box $r = a / b$ send back, if `dr` arrives?
# 2. *The same wire twice.* A product whose two inputs are one wire, $L = x \cdot x$. What do the
#    two rules, times and fork, give for $dL/dx$?
# 3. *A box that keeps its output.* $t = \tanh(s)$. What does it send back, written with `t` and
#    `dt` alone?

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: divide_gate(a, b, dr) -> (da, db); twice(x) -> dx; tanh_gate(t, dt) -> ds.
    """
    ### BEGIN SOLUTION
    return [
        lambda a, b, dr: (dr / b, -dr * a / b**2),
        lambda x: 2 * x,
        lambda t, dt: (1 - t**2) * dt,
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against derivatives."""
    divide_gate, twice, tanh_gate = on_paper()
    da, db = divide_gate(3.0, -4.0, 2.0)
    assert_derivative(da, lambda a: a / -4.0, 3.0, "problem 1, da", of="L", wrt="a", upstream=2.0)
    assert_derivative(db, lambda b: 3.0 / b, -4.0, "problem 1, db", of="L", wrt="b", upstream=2.0)
    assert_derivative(twice(3.0), lambda x: x * x, 3.0, "problem 2", of="L", wrt="x")
    ds = tanh_gate(np.tanh(0.7), 2.0)
    assert_derivative(ds, lambda s: np.tanh(s), 0.7, "problem 3", of="L", wrt="s", upstream=2.0)


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - Values run forward, derivatives run backward, along the same wires.
# - **Add passes on, times swaps, max selects, a fork adds up.** A box needs its own inputs and
#   what arrives, nothing else.
# - One theorem: along a path multiply, over the paths add.
# - A backward pass costs two forward passes and gives every derivative. Nudging costs two forward
#   passes *for each number*, but needs no formula: use it to check, not to train.
#
# **Further reading.** [CS231n on backpropagation](https://cs231n.github.io/optimization-2/),
# circuits like this one, with numbers; Karpathy's
# [micrograd](https://github.com/karpathy/micrograd), the same in code; Goodfellow, Bengio and
# Courville, [*Deep Learning*, chapter 6.5](https://www.deeplearningbook.org/contents/mlp.html);
# Baydin et al., [*Automatic differentiation in machine learning: a
# survey*](https://arxiv.org/abs/1502.05767), section 3 on why backward is cheap.
#
# **Next**, `01_logistic`: one neuron, two losses, and why only one of them lets it learn.
