# %% [markdown]
# # 0 · Wires
#
# Before the five notes, one small graph with a number on every wire. Values run forward through it,
# derivatives run backward. Do both by hand once, and backpropagation is one short theorem, used
# many times. Everything later in the course is this notebook with more wires.
#
# **Time** about 29 minutes. **Points** 10. **You need first:** the derivative of a product;
# functions in Python. A little numpy: `+`, `*`, `.sum()`.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 Forward, and a nudge | 8 | 3 |
# | 2 Four rules | 11 | 4 |
# | 3 All the way back | 7 | 3 |
# | 4 Why backward | 3 | |
#
# **How it works.** A stub says what goes in and what must come out. Replace its last two lines,
# then run the test below it: ✓, or it says what is wrong. Tests are folded away, for they show
# answers. Stuck? Open the hints one at a time. A closed box below a test is for afterwards.
#
# <details><summary>One network, five alphabets: a table to come back to</summary>
#
# The five notes of this course describe the same network, each in letters of its own. A row is one
# thing. Domke, Gutfreund and Galvan multiply by weights from the left: `W` is `(M, p)`, a sample is
# a column. Hao and Li do it from the right: `W1` is `(p, M)`, a sample is a row.
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
# </details>

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

import numpy as np

from mlpkit import explorables as explore
from mlpkit.testing import (
    assert_array,
    assert_derivative,
    assert_number,
    assert_unchanged,
    secret_rng,
)


def assert_numbers(value, names):
    """value, which must be a tuple with one entry for each of the names."""
    __tracebackhide__ = True  # a notebook shows the message alone
    given = f"{len(value)} of them" if type(value) is tuple else f"a {type(value).__name__}"
    assert type(value) is tuple and len(value) == len(names), (
        f"expected a tuple of {len(names)}: {', '.join(names)}; you returned {given}.\n"
        "Next: compare the return line with the last line of the docstring."
    )
    return value


# %% [markdown]
# ## 1 · Forward, and a nudge · 3 points · 8 minutes
#
# $$L = (x + y)\,z + \max(y, z)$$
#
# Read it as a graph. A box does one thing to the numbers on the wires that enter it. **Fill in the
# green question marks in your head.**
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
q, m, p, L = assert_numbers(values(6.2, 4.6, -3.2), ("q", "m", "p", "L"))
at = ", at x, y, z = 6.2, 4.6, -3.2"
assert_number(q, 10.8, "q" + at)
assert_number(m, 4.6, "m" + at, hints={"this is the smaller one": -3.2})
assert_number(p, -34.56, "p" + at, hints={"p is q times z, not q plus z": 7.6})
assert_number(L, -29.96, "L" + at)
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
# How much does $L$ change when $x$ moves a little? Try it: $x = -1.99$ instead of $-2$ makes
# $L = -7.04$ instead of $-7$. A step of $0.01$ moved $L$ by $-0.04$, four times as far, downward.
# So $dL/dx = -4$. A step both ways is better still: the curvature cancels.
#
# $$\frac{df}{dx_k} \approx \frac{f(\ldots, x_k + \epsilon, \ldots) - f(\ldots, x_k - \epsilon,
#   \ldots)}{2\epsilon}$$
#
# A nudge knows no formula, so it can judge every formula. The gradient checker of this course does
# just this, with more care.

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
    "this is the second derivative; take two values, one step up and one down": 12.22,
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
# ## 2 · Four rules · 4 points · 11 minutes
#
# Now look at one box alone. It knows the numbers that entered it. Tell it how much $L$ changes with
# its *output*: the red number that arrives from the right. Then it can say how much $L$ changes
# with each *input*, and send that to the left. The rest of the graph is none of its business.
#
# ![Four small graphs: an addition, a product and a maximum with inputs 3 and -4 and the gradient 2
# arriving at the output, and a wire a that forks to u and v, where 2 and 5 arrive. The addition
# sends 2 to each of its inputs; what the others send is open.](figure:gates)
#
# Nudge an input of an addition by 0.01, and the output moves by 0.01. So **add passes on** what
# arrives, to both inputs. In code, with `dq` for $dL/dq$:

# %% given id="add_gate"
def add_gate(x, y, dq):
    """dL/dx and dL/dy through q = x + y, from what arrives, dq = dL/dq."""
    return dq, dq


# %% [markdown]
# **Before you go on:** work out the other five red numbers on paper. Nudge if in doubt.
#
# ### 2.1 Times and max · 2 points

# %% solution id="times_gate"
def times_gate(q, z, dp):
    """dL/dq and dL/dz through p = q z, from what arrives, dp = dL/dp.

    q, z, dp numbers.  Returns the tuple (dq, dz).
    """
    ### BEGIN SOLUTION
    return z * dp, q * dp
    ### END SOLUTION


# %% [markdown]
# These hints are for the next stub, too.
#
# <details><summary>Hint 1, a question</summary>Nudge one input by 0.01: by how much does the output
# move? That is the slope of the box.</details>
# <details><summary>Hint 2, the idea</summary>Slope of the box, times the number that
# arrives.</details>
# <details><summary>Hint 3, the shapes</summary>Numbers in, two numbers out, in the order of the
# inputs.</details>

# %% test id="test_times_gate" points=1
"""What a product does to a gradient"""
dq, dz = assert_numbers(times_gate(3.2, -4.3, 2.6), ("dq", "dz"))
own = "each input is sent the value of the other one"
alone = "this is the slope of the box alone; multiply by what arrives"
sum_ = "that is what an addition does; here a nudge of one input counts as often as the other says"
over = "what arrives is divided by the input; multiply it by the other one"
assert_derivative(dq, lambda q: q * -4.3, 3.2, "dL/dq", of="L", wrt="q", upstream=2.6,
                  hints={own: 3.2 * 2.6, alone: -4.3, sum_: 2.6, over: 2.6 / 3.2})  # fmt: skip
assert_derivative(dz, lambda z: 3.2 * z, -4.3, "dL/dz", of="L", wrt="z", upstream=2.6,
                  hints={own: -4.3 * 2.6, alone: 3.2, sum_: 2.6, over: 2.6 / -4.3})  # fmt: skip
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
minus = "a nudge of the smaller input changes nothing: 0, not minus what arrives"
shared = "this is half of what arrives: the larger input gets all of it, the smaller one nothing"
for y, z, y_hints, z_hints in [
    (5.3, -4.1, {alone: 1.0, value: 5.3, shared: 1.35}, {smaller: 2.7, minus: -2.7, shared: 1.35}),
    (1.4, 2.6, {smaller: 2.7, minus: -2.7, shared: 1.35}, {alone: 1.0, value: 2.6, shared: 1.35}),
]:
    dy, dz = assert_numbers(max_gate(y, z, 2.7), ("dy", "dz"))
    told = f" of max({y:g}, {z:g})"
    assert_derivative(dy, lambda y, z=z: np.maximum(y, z), y, "dL/dy" + told, of="L", wrt="y",
                      upstream=2.7, hints=y_hints, atol=1e-12)  # fmt: skip
    assert_derivative(dz, lambda z, y=y: np.maximum(y, z), z, "dL/dz" + told, of="L", wrt="z",
                      upstream=2.7, hints=z_hints, atol=1e-12)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("max_gate")
for y, gap, dm in rng.normal(size=(8, 3)):
    z = y + gap + 0.01 * np.sign(gap)
    given = max_gate(y, z, dm)
    assert_numbers(given, ("dy", "dz"))
    right = (dm, 0.0) if y > z else (0.0, dm)
    for name, value, expected in zip(("dL/dy", "dL/dz"), given, right):
        assert_number(value, expected, name, atol=1e-12)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The two boxes, with their derivation</summary>
#
# Nudge $q$ by $\epsilon$: the product $qz$ moves by $z\epsilon$, a maximum by $\epsilon$ or not at
# all. $L$ moves by what arrives, times that.
#
# - **Times swaps**: each input gets what arrives, times the *other* input: $(z\,dp, q\,dp)$.
# - **Max selects**: all of it to the larger input, nothing to the other one. (Where both are equal
#   it has a kink; see `03_relu_l2`.)
#
# </details>
#
# ### 2.2 The fork, and the one theorem · 2 points
#
# In the graph $y$ forks to two boxes, and each sends a red number back. Nudge $y$: *both* wires
# move, each adds its own change to $L$. **A fork adds up.**
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
"""The chain rule, over all wires"""
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
# $dL/du_k$ comes from the far end of the graph and knows all about $L$. $du_k/dx$ is the slope of
# one box and knows nothing else. Work from $L$ backward, and the first is always there when you
# need it: *you never differentiate anything longer than one box*.

# %% [markdown]
# ## 3 · All the way back · 3 points · 7 minutes
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
half = "the maximum sends all to the larger input; here each gets half"
for at, hints in [
    ((-1.7, 4.6, -3.2),
     {"x": {other: 2.9}, "y": {f"y {fork}": -3.2, half: -2.7}, "z": {smaller: 3.9, other: -3.2}}),
    ((2.3, 1.4, 5.1),
     {"x": {other: 3.7}, "y": {smaller: 6.1, other: 3.7, half: 5.6}, "z": {f"z {fork}": 3.7}}),
]:
    point = dict(zip("xyz", at))
    for given, name in zip(assert_numbers(circuit_gradient(*at), ("dx", "dy", "dz")), "xyz"):
        assert_derivative(
            given, lambda t, name=name, point=point: circuit(**{**point, name: t}), point[name],
            f"dL/d{name}", of="L", wrt=f"{name}, at x, y, z = {at}", hints=hints[name],
        )  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("circuit_gradient")
for x, y, gap in (rng.normal(size=(16, 3)) * [3.0, 2.0, 1.0]).tolist():
    z = y + gap + 0.01 * np.sign(gap)  # often between y and x + y
    given = circuit_gradient(x, y, z)
    assert_numbers(given, ("dx", "dy", "dz"))
    right = z, z + (y > z), x + y + (z > y)
    for name, value, expected in zip("xyz", given, right):
        assert_number(value, expected, f"dL/d{name}")
### END HIDDEN TESTS

# %% [markdown]
# ✓? Then you have just done backpropagation. Now drag: click a box to
# see its rule, move an input and watch every derivative. (They are orange there; red and dashed is
# a number of yours that is not right.) **Before you touch it:** with $x$ and $z$ as they are, at
# which $y$ does $dL/dy$ jump, and by how much? And $z$, to which the maximum sends 0: may one set
# it to anything?

# %% experiment id="drag_the_circuit"
mine = dict(zip("xyz", circuit_gradient(-2.0, 5.0, -4.0), strict=True))
explore.backward_pass(wrong=mine)

# %% [markdown]
# <details><summary>The circuit, with every number</summary>
#
# ![The graph of the first picture, complete: q = 3, m = 5, p = -12, L = -7; the gradients are -4 at
# x, -4 plus 1 at y, 3 plus 0 at z.](figure:solved)
#
# At $y = z$ the maximum changes its mind: $dL/dy$ is $z$ below and $z + 1$ above. A derivative of 0
# says that a *small* nudge does nothing; raise $z$ above $y$ and the maximum follows it. And $z$
# acts on $L$ through the product all along: its total is 3, not 0.
#
# </details>

# %% [markdown]
# ## 4 · Why backward · 3 minutes
#
# ### 4.1 What it costs
#
# Count products: a network computes little else. A weight is one product.
#
# ![A weight w and an input x enter a product. Forward it computes w x, one multiplication. Backward
# ds arrives, and x ds goes to w, w ds to x: two multiplications.](figure:cost)
#
# So a backward pass costs **two forward passes, however many weights there are**, and gives every
# derivative. Nudging costs two forward passes *for each weight*.
#
# **Before you open it:** a network has a million weights, and one backward pass takes a second. How
# long does nudging take?
#
# <details><summary>How long</summary>A million seconds: eleven and a half days, for one step of
# training.</details>
#
# ### 4.2 Five alphabets
#
# Here is what the course is about. Five notes describe this one network, each in its own letters:
#
# ![A network with two inputs, three hidden units and two scores, and below it five rows: what each of
# the five notes calls the input, the first weights, the sums, the hidden units, the second weights,
# the scores, the outputs and the red number that arrives at the scores.](figure:alphabets)
#
# Every wire of it is a product or a fork, every unit a sum and one slope. You know the rules.
# **Before you step through it backward:** a hidden unit is wired to two scores. Which rule gives its
# red number?

# %% experiment id="drag_a_network"
explore.backward_pass({
    "x": [1.0, -0.5], "y": 0,
    "W": [[0.8, -0.4], [0.3, 0.9], [-0.6, 0.5]], "b": [0.1, 0.0, -0.2],
    "V": [[0.7, -0.3, 0.2], [-0.5, 0.6, 0.4]], "c": [0.0, 0.1],
})  # fmt: skip

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *The same wire twice.* A product whose two inputs are one wire, $L = x \cdot x$. What do the
#    two rules, times and fork, give for $dL/dx$?
# 2. *A box that keeps its output.* $t = \tanh(s)$. What does it send back, written with `t` and
#    `dt` alone?
# 3. *A neuron.* It weights its inputs, adds a bias, keeps what is positive, and is told the right
#    answer $y$: $s = \sum_j w_j x_j + b$, $\ h = \max(0, s)$, $\ L = \tfrac12 (h - y)^2$. What
#    are $dL/dw$ and $dL/db$?

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: twice(x) -> dx; tanh_gate(t, dt) -> ds; neuron(w, b, x, y) -> (dw, db), where
    w and x are (p,) and dw too.
    """
    ### BEGIN SOLUTION
    def neuron(w, b, x, y):
        s = w @ x + b
        ds = max(0.0, s) - y if s > 0 else 0.0
        return ds * x, ds

    return [lambda x: 2 * x, lambda t, dt: (1 - t**2) * dt, neuron]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against derivatives."""
    twice, tanh_gate, neuron = on_paper()
    assert_derivative(twice(3.0), lambda x: x * x, 3.0, "problem 1", of="L", wrt="x")
    ds = tanh_gate(np.tanh(0.7), 2.0)
    assert_derivative(ds, lambda s: np.tanh(s), 0.7, "problem 2", of="L", wrt="s", upstream=2.0)
    x, y = np.array([1.7, 3.1]), 2.3

    def loss(w, b):
        return 0.5 * (np.maximum(0, (w * x).sum() + b) - y) ** 2

    for w, b in [(np.array([2.2, 1.3]), 0.4), (np.array([2.2, -1.4]), 0.4)]:  # awake, silent
        dw, db = neuron(w, b, x, y)
        at = f"problem 3, w = {w.tolist()}: "
        assert_derivative(dw, lambda w, b=b: loss(w, b), w, at + "dw", of="L", wrt="w", atol=1e-12)
        assert_derivative(db, lambda b, w=w: loss(w, b), b, at + "db", of="L", wrt="b", atol=1e-12)


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
