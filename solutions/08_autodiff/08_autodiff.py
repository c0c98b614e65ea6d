# %% [markdown]
# # 8 · Autodiff
#
# In seven notebooks you derived gradients by hand, and every time the same few things came back:
# add passes on, times swaps, max selects, a fork adds up. Time to let a program do it. You write
# reverse mode on arrays, as PyTorch and JAX do it at heart: a rule for each operation, a
# tape, a walk backward. About 60 lines, and they compute every gradient of assignments 1 to 7 from
# the forward passes alone. Then you turn them on formulas that nobody has checked yet.
#
# **Time** about 107 minutes. **Points** 42. **You need first:** `00_wires`; broadcasting,
# `keepdims` and indexing with arrays in numpy; functions that return functions.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 Undo a broadcast | 7 | 3 |
# | 2 A rule for each operation | 38 | 14 |
# | 3 The tape | 24 | 10 |
# | 4 Every gradient of this course | 5 | 4 |
# | 5 What it costs | 9 | 3 |
# | 6 Bring your own formula | 24 | 8 |
#
# **How it works.** As before: replace the last two lines of a stub, run the test below it, open
# hints one at a time. Tests and the code of figures are folded away, for they show answers: run
# them as they are. Section 2 is a ladder of rules: each test hands your rule numbers of its own, so
# a wrong rule costs its own points. Only the last test of section 3 and those of section 4 use
# everything together.

# %% [markdown]
# ## The symbols
#
# Five forward passes, five alphabets, as in the table at the front of `00_wires`. This notebook
# needs few letters of its own:
#
# | | meaning | in code | shape |
# |:--|:--|:--|:--|
# | $L$ | what is differentiated, one number | `loss(params)` | `()` |
# | wire $k$ | one array on the way from the parameters to $L$ | `tape[k]` | any |
# | $G$ | what arrives at an operation on the way back: $dL/d(\text{its result})$ | `G` | as the result |
# | back | from $G$ to the gradient of each input | `back(G)` | tuple |
# | $P$, $F$ | numbers in all parameters; operations of one forward pass | | number |
#
# ![Left: the graph of L = sum of tanh(X W + b), its wires numbered from 0 to 5. Right: the tape, a
# row for each wire: its number, its shape, the wires it is made of, its operation.](figure:tape)
#
# The picture is the whole program. While the loss is computed, each operation appends a row to a
# list, the *tape*. $X$ is data: it has no wire. The rows are in order: what a wire is made of
# is above it. So to go backward you need no sorting (unlike in `06_graph`): read the list from
# its end.

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

import ast
import inspect
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

from mlpkit import check_gradient, datasets, forward, numerical_gradient, plotting
from mlpkit import explorables as explore
from mlpkit.testing import (
    assert_array,
    assert_derivative,
    assert_number,
    assert_unchanged,
    secret_rng,
)


def assert_rule(rule, function, inputs, G, wrong=None, hidden=False, **options):
    """rule(*inputs) returns (value, back): the value of function, and back(G) the gradient of each
    array among the inputs. wrong: {message: one wrong array for each of these inputs}."""
    name = getattr(rule, "__name__", "the rule")
    pair = assert_unchanged(rule, *inputs, **options)
    assert type(pair) is tuple and len(pair) == 2 and callable(pair[1]), (
        f"{name}: return the pair (value, back); back is a function of G.\n"
        "Next: compare with add_rule above."
    )
    value, back = pair
    assert_array(np.asarray(value), np.asarray(function(*inputs)), f"{name}: the value")
    arrays = [i for i, a in enumerate(inputs) if isinstance(a, np.ndarray)]
    kept = G.copy()
    found = back(G)
    assert type(found) is tuple and len(found) == len(inputs), (
        f"{name}: back(G) is to return a tuple of {len(inputs)}, one gradient for each input; it "
        f"returned {f'{len(found)} of them' if type(found) is tuple else type(found).__name__}.\n"
        "Next: a single gradient needs a comma to be a tuple: (gradient,)."
    )
    assert (G == kept).all(), f"{name}: back(G) changed G in place; others still need it"
    for place, i in enumerate(arrays):

        def of_input(a, i=i):
            return function(*inputs[:i], a, *inputs[i + 1 :])

        hints = {text: gradients[place] for text, gradients in (wrong or {}).items()}
        assert_derivative(
            found[i], of_input, inputs[i], f"{name}: the gradient of input {i}", of="L",
            wrt=f"input {i}", upstream=G, hints=hints, hidden=hidden, atol=1e-12,
        )  # fmt: skip


# %% [markdown]
# ## 1 · Undo a broadcast · 3 points · 7 minutes
#
# In $XW + b$ numpy stretches $b$ from `(M,)` to `(N, M)`: every row uses the same numbers. On the
# way back $G$ has the shape `(N, M)`, but the gradient of $b$ must have the shape of $b$. You know
# what to do from `02_momentum` and from `03_relu_l2`, where Hao's note forgot it. What numpy does
# to line up two shapes, in general:
#
# 1. It puts axes of length 1 in front of the shorter shape.
# 2. It repeats along every axis of length 1, where the other one is longer.
#
# Each copy is a fork: one number goes to many places. Undo both steps.

# %% solution id="unbroadcast"
def unbroadcast(G, shape):
    """The gradient of an array that numpy stretched from `shape` to G.shape.

    G (any shape that `shape` can be stretched to), the gradient of the stretched array.
    Returns an array of the given shape.
    """
    ### BEGIN SOLUTION
    G = np.sum(G, axis=tuple(range(np.ndim(G) - len(shape))))
    return np.sum(G, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>b[0] is used in N rows. What does the rule for a
# fork say about the N numbers that come back?</details>
# <details><summary>Hint 2, the idea</summary>Sum over the axes that were put in front; then over
# those of length 1, and keep these.</details>
# <details><summary>Hint 3, the shapes</summary>G (4, 3, 2) to (3, 1): sum axis 0, which leaves (3,
# 2), then axis 1 with keepdims. np.sum takes a tuple of axes; with an empty one it sums
# nothing.</details>

# %% test id="test_unbroadcast" points=3
"""Undo a broadcast"""
G = np.arange(24.0).reshape(4, 3, 2)
for shape in [(4, 3, 2), (3, 2), (2,), (), (3, 1), (1, 2), (4, 1, 2), (1, 1, 1)]:
    mean = np.array(1.0) * numerical_gradient(lambda a: (G * a).sum(), np.ones(shape))
    broadcast_hints = {
        "this is a mean; the copies add up": mean * np.prod(shape) / G.size,
        "this is one of the copies; all of them count": np.broadcast_to(G, (4, 3, 2))[
            tuple(slice(n) if n > 1 else slice(1) for n in (1, 1, 1, *shape)[-3:])
        ].reshape(shape) if G.size != np.prod(shape) else -mean,
        "along an axis of length 1 one of the copies is taken; all of them count": np.broadcast_to(
            G.sum(axis=tuple(range(3 - len(shape)))), G.shape[3 - len(shape) :]
        )[tuple(slice(None) if n > 1 else slice(1) for n in shape)] if 1 in shape else -mean,
    }  # fmt: skip
    given = np.asarray(assert_unchanged(unbroadcast, G, shape))
    assert_derivative(
        given, lambda a: (G * a).sum(), np.ones(shape), f"from (4, 3, 2) back to {shape}",
        of="L", wrt="the array that was stretched", hints=broadcast_hints,
    )  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("unbroadcast")
for big, shape in [((5, 4), (4,)), ((5, 4), (5, 1)), ((4, 4), (1, 4)), ((4, 4), (4, 1)),
                   ((2, 3, 4), (3, 1)), ((1, 4), (1, 4)), ((1, 1), (1,)), ((6,), ()), ((), ()),
                   ((3, 1, 2), (1, 2)), ((1, 3), (3,))]:  # fmt: skip
    G = rng.normal(size=big)
    right = numerical_gradient(lambda a, G=G: (G * a).sum(), np.zeros(shape))
    given = np.asarray(assert_unchanged(unbroadcast, G, shape))
    if given.ndim == 0 and shape == ():
        assert_number(float(given), float(right), f"from {big} back to ()")
    else:
        assert_array(given, right, f"from {big} back to {shape}")
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · A rule for each operation · 14 points · 38 minutes
#
# A rule does the operation and says how to come back. It returns the value, and a function `back`:
# given $G$, the gradient of the value, it returns the gradient of each input, as a tuple.
#
# Rules need not think about broadcasting: where numpy stretched an input, `back` returns the
# gradient of the *stretched* one, and the tape will call `unbroadcast`. Here are some of them, to
# read:

# %% given id="rules_to_read"
def add_rule(a, b):
    return a + b, lambda G: (G, G)


def subtract_rule(a, b):
    return a - b, lambda G: (G, -G)


def negative_rule(a):
    return -a, lambda G: (-G,)


def log_rule(a):
    return np.log(a), lambda G: (G / a,)


def transpose_rule(a):
    return a.T, lambda G: (G.T,)


def square_rule(a):
    return a**2, lambda G: (2 * G * a,)


def sqrt_rule(a):
    value = np.sqrt(a)
    return value, lambda G: (G / (2 * value),)


def absolute_rule(a):
    return np.abs(a), lambda G: (G * np.sign(a),)


def minimum_rule(a, b):
    return np.minimum(a, b), lambda G: (G * (a < b), G * (a >= b))


def max_rule(a, axis=None, keepdims=False):  # as total_rule below, for the largest entry alone
    largest = a.max(axis=axis, keepdims=True)
    value = a.max(axis=axis, keepdims=keepdims)
    return value, lambda G: (np.reshape(G, largest.shape) * (a == largest),)


# %% [markdown]
# ### What this equation says
#
# Each rule is the theorem of `00_wires` for one operation with results $r_1, r_2, \ldots$:
#
# $$\frac{dL}{da_i} = \sum_k \frac{dL}{dr_k}\,\frac{\partial r_k}{\partial a_i}$$
#
# The sum is a row of numbers, $G$, times a matrix, the Jacobian of the operation. That matrix is
# huge (for $\tanh$ of a million numbers it has $10^{12}$ entries) and almost all of it is 0. *A
# rule is a way to multiply by the Jacobian without ever writing it down.* For $\tanh$ that is one
# product, entry by entry.
#
# ### 2.1 Times, divided by, to the power of · 4 points

# %% solution id="multiply_rule"
def multiply_rule(a, b):
    """a * b, entry by entry, and the way back to both.

    a, b arrays of one shape.  Returns (value, back); back(G) is a tuple of two such arrays.
    """
    ### BEGIN SOLUTION
    return a * b, lambda G: (G * b, G * a)
    ### END SOLUTION


# %% [markdown]
# These hints are for all three rules of 2.1.
#
# <details><summary>Hint 1, a question</summary>What does a box that multiplies send back? And if
# the second input is 1/b?</details>
# <details><summary>Hint 2, the idea</summary>back multiplies what arrives, G, by the slope with
# respect to one input, entry by entry.</details>
# <details><summary>Hint 3, the shapes</summary>lambda G: (..., ...) is a function that returns a
# tuple. Everything has one shape.</details>

# %% test id="test_multiply_rule" points=1
"""The rule for a * b"""
a, b, G = np.array([2.0, -3.0]), np.array([5.0, 0.5]), np.array([1.0, 4.0])
wrong = {
    "each factor is sent the other one": (G * a, G * b),
    "G is missing: what arrives is multiplied by the slope": (b, a),
}
assert_rule(multiply_rule, np.multiply, (a, b), G, wrong)
### BEGIN HIDDEN TESTS
rng = secret_rng("multiply_rule")
for shape in [(3,), (2, 4), ()]:
    a, b, G = (np.asarray(rng.normal(size=shape)) for _ in range(3))
    assert_rule(multiply_rule, np.multiply, (a, b), G, hidden=True)
### END HIDDEN TESTS

# %% solution id="divide_rule"
def divide_rule(a, b):
    """a / b, entry by entry, and the way back to both.

    a, b arrays of one shape.  Returns (value, back); back(G) is a tuple of two such arrays.
    """
    ### BEGIN SOLUTION
    return a / b, lambda G: (G / b, -G * a / b**2)
    ### END SOLUTION


# %% test id="test_divide_rule" points=2
"""The rule for a / b"""
a, b, G = np.array([2.0, -3.0]), np.array([5.0, 0.5]), np.array([1.0, 4.0])
wrong = {
    "the sign of the second: a larger b makes a / b smaller": (-G / b, G * a / b**2),
    "b is squared in the second: the derivative of 1/b is -1/b²": (G * b, -G * a / b),
    "G is missing: what arrives is multiplied by the slope": (1 / b, -a / b**2),
    "the second is the derivative of 1/b; a is missing": (G, -G / b**2),
}
assert_rule(divide_rule, np.divide, (a, b), G, wrong)
### BEGIN HIDDEN TESTS
rng = secret_rng("divide_rule")
for shape in [(3,), (2, 4), ()]:
    a, G = (np.asarray(rng.normal(size=shape)) for _ in range(2))
    b = np.asarray(rng.uniform(0.5, 2, size=shape) * rng.choice([-1, 1], size=shape))
    assert_rule(divide_rule, np.divide, (a, b), G, hidden=True)
### END HIDDEN TESTS

# %% solution id="power_rule"
def power_rule(a, n):
    """a ** n, entry by entry, for a number n that is not a parameter, and the way back to a.

    a array, n number.  Returns (value, back); back(G) is the pair (array of a's shape, None).
    """
    ### BEGIN SOLUTION
    return a**n, lambda G: (G * n * a ** (n - 1), None)
    ### END SOLUTION


# %% test id="test_power_rule" points=1
"""The rule for a ** n"""
a, G = np.array([2.0, 3.0]), np.array([1.0, 4.0])
wrong = {
    "the exponent goes down by 1": (G * 3 * a**3,),
    "the exponent comes down as a factor": (G * a**2,),
    "this is the derivative by n; a is what varies": (G * a**3 * np.log(a),),
    "G is missing: what arrives is multiplied by the slope": (3 * a**2,),
}
assert_rule(power_rule, np.power, (a, 3), G, wrong)
### BEGIN HIDDEN TESTS
rng = secret_rng("power_rule")
for shape, n in [((3,), 2), ((2, 4), -1), ((), 0.5), ((5,), -1.5), ((2, 2), 1)]:
    a, G = np.asarray(rng.uniform(0.5, 2, size=shape)), np.asarray(rng.normal(size=shape))
    assert_rule(power_rule, np.power, (a, n), G, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The three rules, with their derivation</summary>
#
# Entry by entry the slopes of $ab$ are $b$ and $a$; of $a/b$ they are $1/b$ and $-a/b^2$; of $a^n$
# it is $n a^{n-1}$. Times $G$ each: $(Gb, Ga)$, $(G/b, -Ga/b^2)$, $G\,n a^{n-1}$.
#
# </details>

# %% [markdown]
# ### 2.2 exp, tanh, maximum · 3 points
#
# A rule may use its inputs on the way back, and its *value* as well: it is there already. For two
# of these three the value is all you need.

# %% solution id="exp_rule"
def exp_rule(a):
    """exp(a), entry by entry, and the way back.

    a array.  Returns (value, back); back(G) is a tuple of one array of a's shape.
    """
    ### BEGIN SOLUTION
    value = np.exp(a)
    return value, lambda G: (G * value,)
    ### END SOLUTION


# %% [markdown]
# These hints are for all three rules of 2.2.
#
# <details><summary>Hint 1, a question</summary>What is the derivative of each, as you know it from
# assignments 1 to 4, and can you write it with the value alone?</details>
# <details><summary>Hint 2, the idea</summary>G times the slope, entry by entry. A comparison of
# arrays counts as 1 or 0 in a product.</details>
# <details><summary>Hint 3, the shapes</summary>One input: the tuple has one entry and a comma,
# (gradient,).</details>

# %% test id="test_exp_rule" points=1
"""The rule for exp"""
a, G = np.array([0.5, -1.0]), np.array([1.0, 4.0])
wrong = {
    "exp is its own derivative: at a, not at exp(a)": (G * np.exp(np.exp(a)),),
    "exp is no power: no factor a, no a - 1": (G * a * np.exp(a - 1),),
    "G is inside exp; what arrives is multiplied by the slope": (np.exp(G * a),),
    "G is missing: what arrives is multiplied by the slope": (np.exp(a),),
}
assert_rule(exp_rule, np.exp, (a,), G, wrong)
### BEGIN HIDDEN TESTS
rng = secret_rng("exp_rule")
for shape in [(3,), (2, 4), ()]:
    a, G = (np.asarray(rng.normal(size=shape)) for _ in range(2))
    assert_rule(exp_rule, np.exp, (a,), G, hidden=True)
### END HIDDEN TESTS

# %% solution id="tanh_rule"
def tanh_rule(a):
    """tanh(a), entry by entry, and the way back.

    a array.  Returns (value, back); back(G) is a tuple of one array of a's shape.
    """
    ### BEGIN SOLUTION
    value = np.tanh(a)
    return value, lambda G: (G * (1 - value**2),)
    ### END SOLUTION


# %% test id="test_tanh_rule" points=1
"""The rule for tanh"""
a, G = np.array([0.5, -1.0]), np.array([1.0, 4.0])
h = np.tanh(a)
wrong = {
    "this is h (1 - h), the slope of the sigmoid": (G * h * (1 - h),),
    "the square is missing: 1 - h²": (G * (1 - h),),
    "the slope is 1 - tanh(a)², not 1 - a²": (G * (1 - a**2),),
    "tanh twice: value is tanh(a) already": (G * (1 - np.tanh(h) ** 2),),
    "G is missing: what arrives is multiplied by the slope": (1 - h**2,),
}
assert_rule(tanh_rule, np.tanh, (a,), G, wrong)
### BEGIN HIDDEN TESTS
rng = secret_rng("tanh_rule")
for shape in [(3,), (2, 4), ()]:
    a, G = (np.asarray(rng.normal(size=shape)) for _ in range(2))
    assert_rule(tanh_rule, np.tanh, (a,), G, hidden=True)
### END HIDDEN TESTS

# %% solution id="maximum_rule"
def maximum_rule(a, b):
    """The larger of a and b, entry by entry, and the way back to both.

    a, b arrays of one shape, a ≠ b.  Returns (value, back); back(G) is a tuple of two such arrays.
    """
    ### BEGIN SOLUTION
    return np.maximum(a, b), lambda G: (G * (a > b), G * (a <= b))
    ### END SOLUTION


# %% test id="test_maximum_rule" points=1
"""The rule for maximum"""
a, b, G = np.array([2.2, -3.1, 1.4]), np.array([5.3, 0.5, -1.2]), np.array([1.3, 4.6, 2.7])
wrong = {
    "the smaller input gets nothing": (G, G),
    "the other way round: this is the rule for a minimum": (G * (a < b), G * (a > b)),
    "this is the slope, 0 or 1; multiply by G": (1.0 * (a > b), 1.0 * (a < b)),
    "multiply G by the slope, 0 or 1, not by the value": (
        G * np.maximum(a, b) * (a > b), G * np.maximum(a, b) * (a < b)
    ),
}  # fmt: skip
assert_rule(maximum_rule, np.maximum, (a, b), G, wrong)
### BEGIN HIDDEN TESTS
rng = secret_rng("maximum_rule")
for shape in [(5,), (2, 4), ()]:
    a, b, G = (np.asarray(rng.normal(size=shape)) for _ in range(3))
    assert_rule(maximum_rule, np.maximum, (a, b), G, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The three rules, with their derivation</summary>
#
# $\exp' = \exp$, $\tanh' = 1 - \tanh^2$: with the value $v$, $Gv$ and $G(1 - v^2)$. Of two inputs
# the larger one gets $G$, the smaller 0. (At $a = b$ there is a choice to make, as at a kink of
# ReLU. Whoever makes it should not send $G$ to both.)
#
# </details>

# %% [markdown]
# ### 2.3 The product of matrices · 3 points
#
# $R = AB$, in entries $R_{nk} = \sum_m A_{nm} B_{mk}$. You have met both ways back, as $X^T\Delta$
# and $\Delta W^T$, under many names. Derive them once more from one entry: which $R_{nk}$ does
# $A_{nm}$ act on, with which slope? Then write the sum as a product of matrices.
#
# numpy's `@` also takes a vector: on the left it counts as one row, on the right as one column.
# Your rule should, too.

# %% solution id="matmul_rule"
def matmul_rule(a, b):
    """a @ b, and the way back to both.

    a (N, M) or (M,), b (M, K) or (M,); a vector counts as a row on the left, as a column on the
    right. Returns (value, back); back(G) takes G of the value's shape and returns a tuple of two
    arrays, in the shapes of a and b.
    """
    ### BEGIN SOLUTION
    A = a if a.ndim == 2 else a[None, :]
    B = b if b.ndim == 2 else b[:, None]

    def back(G):
        G = np.reshape(G, (len(A), B.shape[1]))
        return np.reshape(G @ B.T, a.shape), np.reshape(A.T @ G, b.shape)

    return a @ b, back
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>A[n, m] acts on row n of R alone, on R[n, k] with
# slope B[m, k]. What is the sum over k of G[n, k] B[m, k]?</details>
# <details><summary>Hint 2, the idea</summary>Do matrices first. Then turn a vector into a matrix
# with one row or column at the start, and bring the gradient back to its shape at the
# end.</details>
# <details><summary>Hint 3, the shapes</summary>(N, K) times (K, M) is (N, M); (M, N) times (N, K)
# is (M, K). With vectors G has lost an axis: reshape it to (N, K) first.</details>

# %% test id="test_matmul_rule" points=3
"""The rule for a @ b, for matrices and vectors"""
rng = np.random.default_rng(3)
A, B, G = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
wrong = {
    "a transpose is missing: with square matrices it goes unnoticed": (G @ B, A @ G),
    "this is the transpose": ((G @ B.T).T, (A.T @ G).T),
    "the two gradients are swapped": (A.T @ G, G @ B.T),
    "the order of the factors: the shapes decide, were they not all 3": (B.T @ G, G @ A.T),
}
assert_rule(matmul_rule, np.matmul, (A, B), G, wrong)
for a, b in [((4, 3), (3, 2)), ((3,), (3, 2)), ((4, 3), (3,)), ((3,), (3,))]:
    a, b = rng.normal(size=a), rng.normal(size=b)
    assert_rule(matmul_rule, np.matmul, (a, b), np.asarray(rng.normal(size=(a @ b).shape)))
### BEGIN HIDDEN TESTS
rng = secret_rng("matmul_rule")
for a, b in [((5, 4), (4, 3)), ((1, 4), (4, 1)), ((2, 2), (2,)), ((2,), (2, 2)), ((1,), (1, 3)),
             ((4,), (4,)), ((3, 1), (1, 2)), ((3, 2), (2,))]:  # fmt: skip
    a, b = rng.normal(size=a), rng.normal(size=b)
    G = np.asarray(rng.normal(size=(a @ b).shape))
    assert_rule(matmul_rule, np.matmul, (a, b), G, hidden=True)
a, b = np.asfortranarray(rng.normal(size=(4, 6)))[:, ::2], rng.normal(size=(3, 2))
assert_rule(matmul_rule, np.matmul, (a, b), rng.normal(size=(4, 2)), hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The rule, with its derivation</summary>
#
# $$\frac{dL}{dA_{nm}} = \sum_k G_{nk} B_{mk} = (G B^T)_{nm}, \qquad
#   \frac{dL}{dB_{mk}} = \sum_n G_{nk} A_{nm} = (A^T G)_{mk}$$
#
# Domke's $\frac{dL}{df} h^T$ and $V^T \frac{dL}{df}$, Hao's $h^T \frac{\partial L}{\partial c}$,
# Galvan's (11) and (13), Li's (9): all five notes, in one line.
#
# </details>

# %% [markdown]
# ### 2.4 Sum, and choose · 4 points
#
# A sum over an axis is many additions: every entry is sent what arrives at its sum. numpy's
# `a.sum(axis, keepdims)` throws the axis away, or keeps it with length 1.

# %% solution id="total_rule"
def total_rule(a, axis=None, keepdims=False):
    """a.sum(axis=axis, keepdims=keepdims), and the way back.

    a array; axis None, a number or a tuple, keepdims as in numpy.
    Returns (value, back); back(G) takes G of the value's shape and returns a tuple of one array of
    a's shape.
    """
    ### BEGIN SOLUTION
    kept = a.sum(axis=axis, keepdims=True).shape
    value = a.sum(axis=axis, keepdims=keepdims)
    return value, lambda G: (np.broadcast_to(np.reshape(G, kept), a.shape),)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# One entry moves by $\epsilon$: which sum moves, and by how much?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Each entry gets the G of its own sum, so G has to be
# stretched. First it needs back the axis that the sum took away.</details>
# <details><summary>Hint 3, the shapes</summary>The shape to reshape G to is that of
# a.sum(axis=axis, keepdims=True); then np.broadcast_to(..., a.shape).</details>

# %% test id="test_total_rule" points=2
"""The rule for a.sum(axis, keepdims)"""
a = np.arange(1.1, 10.0).reshape(3, 3)  # square: a G along the wrong axis would fit, too
for axis, keepdims in [(None, False), (0, False), (1, False), (1, True), (0, True), (-1, False)]:
    G = np.asarray([2.3, -1.1, 3.4]) if axis is not None else np.asarray(2.3)
    if keepdims:
        G = G.reshape(a.sum(axis=axis, keepdims=True).shape)
    stretched = np.broadcast_to(
        G if keepdims or axis is None else np.expand_dims(G, axis), a.shape
    )
    wrong = {
        "along the wrong axis: numpy puts G in front, the sum may have been over the last axis": (
            stretched.T if axis is not None else a,
        ),
        "this is divided among the entries; each gets all of it": (
            stretched / (9 if axis is None else 3),
        ),
        "G is missing: the slope of a sum is 1, times what arrives": (np.ones((3, 3)),),
    }  # fmt: skip
    assert_rule(
        total_rule, lambda a, axis=axis, keepdims=keepdims: a.sum(axis=axis, keepdims=keepdims),
        (a,), G, wrong, axis=axis, keepdims=keepdims,
    )  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("total_rule")
for shape, axis, keepdims in [((3, 3), 1, False), ((2, 5), 0, False), ((4,), 0, False), ((), None, False),
                              ((2, 3, 4), (0, 2), False), ((2, 3, 4), 1, True), ((1, 3), 0, False),
                              ((2, 3), None, True), ((2, 3, 4), -2, False)]:  # fmt: skip
    a = np.asarray(rng.normal(size=shape))
    G = np.asarray(rng.normal(size=a.sum(axis=axis, keepdims=keepdims).shape))
    assert_rule(
        total_rule, lambda a, axis=axis, keepdims=keepdims: a.sum(axis=axis, keepdims=keepdims),
        (a,), G, hidden=True, axis=axis, keepdims=keepdims,
    )  # fmt: skip
### END HIDDEN TESTS

# %% [markdown]
# Choosing entries is the last one. In `f[np.arange(N), y]` each row gives the score of its class.
# What was not chosen does not act on $L$. And an entry that was chosen *twice*?

# %% solution id="take_rule"
def take_rule(a, index):
    """a[index], and the way back.

    a array; index anything that numpy takes, entries may be chosen more than once.
    Returns (value, back); back(G) takes G of the value's shape and returns a tuple of one array of
    a's shape.
    """
    ### BEGIN SOLUTION
    def back(G):
        gradient = np.zeros(a.shape)
        np.add.at(gradient, index, G)
        return (gradient,)

    return a[index], back
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which rule of `00_wires` is it, when one number goes
# to two places?</details>
# <details><summary>Hint 2, the idea</summary>Zeros, and G added where it was taken from. With
# repeated indices gradient[index] += G keeps only the last one; look up np.add.at.</details>
# <details><summary>Hint 3, the shapes</summary>Zeros of a's shape; G has the shape of
# a[index].</details>

# %% test id="test_take_rule" points=2
"""The rule for a[index], with entries that are chosen twice"""
a = np.array([[1.0, 2.0, 4.0], [0.5, -1.0, 3.0]])
assert_rule(take_rule, lambda a: a[[0, 1], [2, 0]], (a,), np.array([5.0, 7.0]), index=([0, 1], [2, 0]), wrong={
    "what was not chosen gets 0": (np.array([[5.0, 5.0, 5.0], [7.0, 7.0, 7.0]]),),
    "G goes where it was taken from": (np.array([[5.0, 7.0, 0.0], [0.0, 0.0, 0.0]]),),
})  # fmt: skip
v, G = np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0, 7.0])
twice = {
    "an entry chosen twice is a fork: add both; gradient[index] = G, or +=, keeps the last": (
        np.array([5.0, 0.0, 7.0]),
    )
}
assert_rule(take_rule, lambda v: v[[0, 0, 2]], (v,), G, twice, index=[0, 0, 2])
### BEGIN HIDDEN TESTS
rng = secret_rng("take_rule")
a = rng.normal(size=(5, 4))
for index in [2, (1, 3), slice(1, 4), (slice(None), 0), [0, 0, 0, 4], (np.arange(5), rng.integers(4, size=5)),
              (np.array([1, 1, 2]), np.array([3, 3, 0])), a > 0, (slice(None, None, 2), slice(1, None))]:  # fmt: skip
    G = np.asarray(rng.normal(size=a[index].shape))
    assert_rule(take_rule, lambda a, index=index: a[index], (a,), G, hidden=True, index=index)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The tape · 10 points · 24 minutes
#
# ### 3.1 Record · 4 points
#
# A `Wire` stands for an array while a loss is computed. Whatever numpy does with it ends in
# `record`, because numpy asks any object that is not an array: `X @ wire`, `wire + 1` and
# `np.exp(wire)` all call `wire.__array_ufunc__`, and that looks up the rule. So a loss in plain
# numpy runs on wires as it stands.
#
# The class is written for you. Write `record`. A row of the tape is a triple `(shape, numbers,
# back)`: the shape of the value, the number of each input's wire (`None` for an input that is not a
# wire), and the rule's `back`. The parameters come first, as `(shape, (), None)`; `trace` puts them
# there.

# %% solution id="record"
class Wire(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on its way through a loss: its value, its tape, and its number there."""

    def __init__(self, value, tape, number):
        self.value, self.tape, self.number = value, tape, number

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method != "__call__" or ufunc not in RULES:
            name = f"np.{ufunc.__name__}"
            raise TypeError(f"{name} has no rule: write one and put it into RULES[{name}]")
        return record(RULES[ufunc], *inputs)

    def __getitem__(self, index):
        return record(take_rule, self, index=index)

    def sum(self, axis=None, keepdims=False, **ignored):
        return record(total_rule, self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False, **ignored):
        return record(max_rule, self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False, **ignored):
        total = self.sum(axis, keepdims)
        return total * (np.size(total.value) / np.size(self.value))

    def __array_function__(self, function, types, inputs, options):
        if function not in FUNCTIONS:
            name = f"np.{function.__name__}"
            raise TypeError(f"{name} has no rule here: write the loss with operators and @")
        return FUNCTIONS[function](*inputs, **options)

    T = property(lambda self: record(transpose_rule, self))
    shape = property(lambda self: np.shape(self.value))
    ndim = property(lambda self: np.ndim(self.value))
    __len__ = lambda self: len(self.value)


RULES = {
    np.add: add_rule, np.subtract: subtract_rule, np.negative: negative_rule, np.log: log_rule,
    np.multiply: multiply_rule, np.divide: divide_rule, np.power: power_rule,
    np.matmul: matmul_rule, np.exp: exp_rule, np.tanh: tanh_rule,
    np.maximum: maximum_rule, np.minimum: minimum_rule,
    np.square: square_rule, np.sqrt: sqrt_rule, np.absolute: absolute_rule,
}  # fmt: skip
FUNCTIONS = {np.sum: Wire.sum, np.max: Wire.max, np.mean: Wire.mean, np.dot: np.matmul}


def trace(loss, params):
    """The value of loss(params) and its tape: parameters first, in their order; the loss last."""
    tape, wires = [], {}
    for name, value in params.items():
        wires[name] = Wire(np.asanyarray(value, dtype=float), tape, len(tape))
        tape.append((np.shape(value), (), None))
    return loss(wires).value, tape


def record(rule, *inputs, **options):
    """Apply a rule to inputs, append a row (shape, numbers, back) to the tape, return the new wire.

    inputs: wires, and numbers or arrays that are not wires; at least one is a wire. options go to
    the rule.
    Returns a Wire whose number is that of the new row.
    """
    ### BEGIN SOLUTION
    tape = next(wire.tape for wire in inputs if isinstance(wire, Wire))
    values = [wire.value if isinstance(wire, Wire) else wire for wire in inputs]
    value, back = rule(*values, **options)
    numbers = tuple(wire.number if isinstance(wire, Wire) else None for wire in inputs)
    tape.append((np.shape(value), numbers, back))
    return Wire(value, tape, len(tape) - 1)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>A rule knows arrays, not wires. What has to be taken
# out of the inputs before you call it, and what must be put around its value?</details>
# <details><summary>Hint 2, the idea</summary>Values in, rule, row appended, wire out. isinstance(a,
# Wire) tells a wire from a number.</details>
# <details><summary>Hint 3, the shapes</summary>A row is (np.shape(value), tuple of numbers or None,
# back). The new wire's number is its place in the list.</details>

# %% test id="test_record" points=4
"""The tape of a small loss, row by row"""
loss = partial(forward.li_squared, X=np.ones((7, 3)), y=np.ones(7))
params = {"W": np.full(3, 0.1), "b": np.array(0.5)}
value, rows = assert_unchanged(trace, loss, params)
assert type(rows) is list and all(type(row) is tuple and len(row) == 3 for row in rows), (
    "a row of the tape is a tuple (shape, numbers, back).\nNext: tape.append((shape, numbers, back))."
)
assert all(type(row[0]) is tuple and type(row[1]) is tuple for row in rows), (
    "a row begins with two tuples: the shape of the value, and the numbers of the inputs' wires.\n"
    "Next: the first entry is np.shape(value)."
)
shapes, numbers = [row[0] for row in rows], [row[1] for row in rows]
right_shapes = [(3,), (), (7,), (7,), (7,), (7,), (7,), (7,), (7,), (7,), (), ()]
right_numbers = [(), (), (None, 0), (2, 1), (3,), (4,), (None, 5), (None, 6), (7, None), (8, None), (9,),
                 (10, None)]  # fmt: skip
assert len(rows) == len(right_shapes), (
    f"L = ½ Σ (1 / (1 + exp(-(X W + b))) - y)² has {len(right_shapes)} rows: 2 parameters and "
    f"{len(right_shapes) - 2} operations; yours has {len(rows)}.\n"
    "Next: append one row in each call of record, to the inputs' own tape."
)
for row, (given, right) in enumerate(zip(numbers, right_numbers)):
    late = given != right and tuple(k if k is None or k < 2 else k - 1 for k in given) == right
    assert not late, (
        f"row {row} is made of the wires {given}, expected {right}.\n"
        "Likely cause: the number of a new wire is one too large; its row is on the tape already.\n"
        "Next: the last row has the number len(tape) - 1."
    )
    assert given == right, (
        f"row {row} is made of the wires {given}, expected {right}.\n"
        "Next: one entry for each input, in their order: a wire's number, or None for what is not a wire."
    )
assert shapes == right_shapes, (
    f"the shapes are {shapes}, expected {right_shapes}.\nNext: the first entry is np.shape(value)."
)
assert rows[0][2] is None and all(callable(row[2]) for row in rows[2:]), (
    "the last entry of a row is the rule's back.\nNext: value, back = rule(...)."
)
assert_number(float(value), float(loss(params)), "the value of the loss")
value, _ = trace(lambda p: (p["A"].sum(axis=1) ** 2).sum(), {"A": np.array([[1.0, 2.0], [3.0, 4.0]])})
lost = {"the options, such as axis=1, are not handed on to the rule: rule(*values, **options)": 100.0}
assert_number(float(value), 58.0, "(A.sum(axis=1) ** 2).sum()", hints=lost)
### BEGIN HIDDEN TESTS
rng = secret_rng("record")
X, Y = rng.normal(size=(4, 3)), rng.integers(2, size=(4, 2))
params = {"W1": rng.normal(size=(3, 5)), "b1": rng.normal(size=5), "W2": rng.normal(size=(5, 2)),
          "b2": rng.normal(size=2)}  # fmt: skip
loss = partial(forward.hao_loss, X=X, m=Y[:, 0], alpha=0.3)
value, rows = assert_unchanged(trace, loss, params)
assert_number(float(value), float(loss(params)), "the value of the loss")
for number, (shape, inputs, back) in enumerate(rows):
    assert all(k is None or 0 <= k < number for k in inputs), "a wire is made of earlier ones"
    assert (len(inputs) > 0) == (number >= 4), "the parameters, and only they, are made of nothing"
kept = [row for row in rows if tuple(row[1]) == (0,) or tuple(row[1]) == (0, None)]
assert len(kept) == 1, "W1 is squared once"
### END HIDDEN TESTS

# %% [markdown]
# ### 3.2 Backward · 4 points
#
# The last row is $L$, with gradient 1. Read the tape from its end. At row $k$ everything that
# depends on wire $k$ has been seen, so its gradient is complete: call its `back`, and hand the
# results to the wires it is made of. A wire that is used twice gets something twice.

# %% solution id="backward"
def backward(tape):
    """The gradient of the last wire with respect to every wire.

    tape: rows (shape, numbers, back) as record writes them; numbers may hold None, for no wire;
    back is None where numbers is empty.  Returns a list of arrays, entry k in the shape of wire k.
    """
    ### BEGIN SOLUTION
    gradients = [np.zeros(shape) for shape, _, _ in tape]
    gradients[-1] = np.ones(tape[-1][0])
    for k in reversed(range(len(tape))):
        _, numbers, back = tape[k]
        for number, gradient in zip(numbers, back(gradients[k]) if numbers else ()):
            if number is not None:
                gradients[number] = gradients[number] + unbroadcast(gradient, tape[number][0])
    return gradients
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>In which order do you have to go, so that a wire's
# gradient is complete before its back is called?</details>
# <details><summary>Hint 2, the idea</summary>Start from zeros everywhere and 1 at the end. Add,
# never overwrite; and do not add in place: a rule may have returned one array twice.</details>
# <details><summary>Hint 3, the shapes</summary>What back returns may be larger than the wire:
# unbroadcast it to tape[number][0].</details>

# %% test id="test_backward" points=4
"""Backward along a tape: order, forks, constants"""
a = np.array([1.0, 2.0])
fork = [((2,), (), None), ((2,), (0, 0), lambda G: (3 * G, 4 * G)), ((2,), (1, 0), lambda G: (G, 10 * G)),
        ((), (2,), lambda G: (G * np.array([1.3, 5.7]),))]  # fmt: skip
found = backward(fork)
assert type(found) is list and len(found) == 4, "return a list with one gradient for each row"
assert_array(np.asarray(found[3]), np.array(1.0), "the gradient of L with respect to itself")
fork_hints = {
    "a wire that is used twice gets both: add, do not overwrite": [5.2, 22.8],
    "one of its two uses alone is there: add those of all, and go from the end of the tape": [13.0, 57.0],
}
early_hints = {"wire 1 is asked before anything has come back to it: go from the end of the tape": [0.0, 0.0]}
assert_array(np.asarray(found[1]), np.array([1.3, 5.7]), "the gradient of wire 1", hints=early_hints)
assert_array(np.asarray(found[0]), np.array([22.1, 96.9]), "the gradient of wire 0", hints=fork_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("backward")
for length in (3, 8, 20):
    slopes, rows, right = {}, [((3,), (), None), ((3,), (), None)], None
    for k in range(2, length):
        numbers = tuple(None if rng.uniform() < 0.2 else int(rng.integers(k)) for _ in range(2))
        slopes[k] = rng.normal(size=(2, 3))
        rows.append(((3,), numbers, lambda G, s=slopes[k]: (G * s[0], G * s[1])))
    rows.append(((), (length - 1,), lambda G: (G * np.ones(3),)))
    right = [np.zeros(3) for _ in range(length)]
    right[-1] = np.ones(3)
    for k in range(length - 1, 1, -1):
        for number, slope in zip(rows[k][1], slopes[k]):
            if number is not None:
                right[number] = right[number] + slope * right[k]
    found = backward(rows)
    assert len(found) == length + 1, "one gradient for each row"
    for k, expected in enumerate(right):
        assert_array(np.asarray(found[k]), expected, f"the gradient of wire {k}", atol=1e-12)
### END HIDDEN TESTS

# %% [markdown]
# ### 3.3 The gradient · 2 points
#
# Now everything together: trace, go backward, give every parameter its gradient. Broadcasting comes
# in here, too: a bias is stretched over the samples.

# %% solution id="gradient"
def gradient(loss, params):
    """The value and the gradient of a loss.

    loss(params) returns a number; params {name: array}.
    Returns (value, {name: gradient in the shape of params[name]}), in the order of params.
    """
    ### BEGIN SOLUTION
    value, tape = trace(loss, params)
    return value, dict(zip(params, backward(tape)))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which rows of the tape are the parameters?</details>
# <details><summary>Hint 2, the idea</summary>trace puts them first, in their order.</details>
# <details><summary>Hint 3, the shapes</summary>zip of the names and the gradients stops at the
# shorter one.</details>

# %% test id="test_gradient" points=2
"""Value and gradient of a neuron's loss"""
X, y = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]), np.array([1, 0, 0])
params = {"W": np.array([0.5, -0.25]), "b": np.array(0.1), "unused": np.ones((2, 2))}
pair = assert_unchanged(gradient, partial(forward.li_cross_entropy, X=X, y=y), params)
assert type(pair) is tuple and len(pair) == 2, "return the pair (value, gradients)"
value, found = pair
assert type(found) is dict and list(found) == list(params), (
    f"the gradients are to be a dict with the keys {', '.join(params)}, in this order."
)
s = 1 / (1 + np.exp(-(X @ params["W"] + params["b"])))
assert_number(float(value), float(forward.li_cross_entropy(params, X, y)), "the value of the loss")
assert_array(
    found["W"], X.T @ (s - y), "dL/dW, by your rules for @, +, exp, log, * and sum",
    hints={"the sign": X.T @ (y - s)},
)
assert np.shape(found["b"]) == (), (
    f"dL/db has shape {np.shape(found['b'])}, expected (): b was stretched over the samples.\n"
    "Next: let backward call unbroadcast with the shape of the wire."
)
assert_number(float(found["b"]), (s - y).sum(), "dL/db")
assert_array(found["unused"], np.zeros((2, 2)), "the gradient of what the loss does not use")
two = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 5.0])}
_, found = gradient(lambda p: ((p["a"] + p["b"]) + p["a"]).sum(), two)
shared = {"two wires share one array: gradients[i] += ... changed both; write a = a + b": [2.0, 2.0]}
assert_array(found["a"], np.array([2.0, 2.0]), "(a + b) + a: dL/da")
assert_array(found["b"], np.array([1.0, 1.0]), "(a + b) + a: dL/db", hints=shared)
### BEGIN HIDDEN TESTS
rng = secret_rng("gradient")
for N, p in [(1, 2), (5, 3), (3, 3)]:
    X, y = rng.normal(size=(N, p)), rng.integers(2, size=N)
    params = {"b": np.array(rng.normal()), "W": rng.normal(size=p)}
    for loss in (partial(forward.li_squared, X=X, y=y), partial(forward.li_cross_entropy, X=X, y=y)):
        value, found = assert_unchanged(gradient, loss, params)
        assert_number(float(value), float(loss(params)), "the value of the loss")
        right = numerical_gradient(lambda W, loss=loss: loss({**params, "W": W}), params["W"])
        assert_array(found["W"], right, "dL/dW", rtol=1e-8)
        right = numerical_gradient(lambda b, loss=loss: loss({**params, "b": b}), params["b"])
        assert_number(float(found["b"]), float(right), "dL/db", rtol=1e-8)
### END HIDDEN TESTS

# %% [markdown]
# You have written an autodiff. In place of the `NotImplementedError` of the first hour there is now
# a function that differentiates what you give it. Try the small network of `00_wires` with your own
# gradients on its wires; a wrong one would be red.

# %% experiment id="drag_your_gradients"
network = {
    "x": np.array([1.0, -0.5]), "y": 0, "W": np.array([[0.8, -0.4], [0.3, 0.9], [-0.6, 0.5]]),
    "b": np.array([0.1, 0.0, -0.2]), "V": np.array([[0.7, -0.3, 0.2], [-0.5, 0.6, 0.4]]),
    "c": np.array([0.0, 0.1]),
}  # fmt: skip
weights = {name: network[name] for name in "WbVc"}
one_sample = partial(forward.domke_risk, X=network["x"][None], y=np.array([network["y"]]))
explore.backward_pass(network, wrong=gradient(one_sample, weights)[1])

# %% [markdown]
# ## 4 · Every gradient of this course · 4 points · 5 minutes
#
# `mlpkit.forward` has the forward passes of the five notes, a few lines each, in plain numpy, no
# derivative anywhere. (Open it: `forward??`.) Your `gradient` on each of them, against nudging.
# **Before you run it:** the ladders of assignments 1 to 6 had 63 rungs. How many lines are these
# eight losses together? (The formulas that you corrected in assignment 7 belong to the same
# losses.)

# %% given id="every_loss"
def every_loss(rng):
    """{name: (loss, params)}: the forward passes of assignments 1 to 7, with random numbers."""
    def normal(**shapes):
        return {name: np.asarray(rng.normal(size=shape)) for name, shape in shapes.items()}

    X, classes, Y = rng.normal(size=(6, 3)), rng.integers(4, size=6), rng.integers(2, size=(6, 4))
    links = [(2, 0), (2, 1), (3, 1), (3, 2), (4, 2), (4, 3)]
    rows = normal(W1=(3, 5), b1=5, W2=(5, 4), b2=4)
    return {
        "1 Li, squared": (partial(forward.li_squared, X=X, y=Y[:, 0]), normal(W=3, b=())),
        "1 Li, cross-entropy": (
            partial(forward.li_cross_entropy, X=X, y=Y[:, 0]), normal(W=3, b=())
        ),
        "2 Domke": (
            partial(forward.domke_risk, X=X, y=classes), normal(W=(5, 3), b=5, V=(4, 5), c=4)
        ),
        "3 Hao": (partial(forward.hao_loss, X=X, m=classes, alpha=0.3), rows),
        "4 Gutfreund": (
            partial(forward.gutfreund_loss, X=X, y=classes),
            normal(W1=(5, 3), b1=5, W2=(2, 5), b2=2, W3=(4, 2), b3=4),
        ),
        "5 Li, mini-batch": (partial(forward.li_minibatch_loss, X=X, Y=Y), rows),
        "6 Galvan, graph": (
            partial(forward.galvan_loss, links=links, x=X[0, :2].tolist(), y=0.5), normal(w=6)
        ),
        "6 Galvan, in time": (
            partial(forward.recurrent_loss, X=X, target=np.ones(4)), normal(W=(4, 4), U=(4, 3))
        ),
    }  # fmt: skip


def numerical(loss, params, method="complex"):
    """The gradient by nudging alone, {name: array}."""
    return {
        name: numerical_gradient(lambda a, name=name: loss({**params, name: a}), value, method)
        for name, value in params.items()
    }


def assert_gradients_of(numbers, rng):
    """Your gradient of every loss whose name begins with one of the numbers, against nudging."""
    for name, (loss, params) in every_loss(rng).items():
        if not name.startswith(numbers):
            continue
        value, found = assert_unchanged(gradient, loss, params)
        assert_number(float(value), float(loss(params)), f"{name}: the loss")
        for letter, right in numerical(loss, params).items():
            told = f"{name}: dL/d{letter} (is every rule above right?)"
            assert_array(np.asarray(found[letter]), right, told, rtol=1e-7)


# %% test id="test_gradients_of_li" points=1
"""Li's gradients, of assignments 1 and 5, from the forward pass alone"""
assert_gradients_of(("1 ", "5 "), np.random.default_rng(8))
### BEGIN HIDDEN TESTS
rng = secret_rng("test_gradients_of_li")
for _ in range(2):
    assert_gradients_of(("1 ", "5 "), rng)
### END HIDDEN TESTS

# %% test id="test_gradients_of_domke" points=1
"""Domke's and Gutfreund's gradients, of assignments 2 and 4"""
assert_gradients_of(("2 ", "4 "), np.random.default_rng(8))
### BEGIN HIDDEN TESTS
rng = secret_rng("test_gradients_of_domke")
for _ in range(2):
    assert_gradients_of(("2 ", "4 "), rng)
### END HIDDEN TESTS

# %% test id="test_gradients_of_hao" points=1
"""Hao's gradients, of assignment 3"""
assert_gradients_of(("3 ",), np.random.default_rng(8))
### BEGIN HIDDEN TESTS
rng = secret_rng("test_gradients_of_hao")
for _ in range(2):
    assert_gradients_of(("3 ",), rng)
### END HIDDEN TESTS

# %% test id="test_gradients_of_galvan" points=1
"""Galvan's gradients, of assignment 6: a graph, and one unrolled in time"""
assert_gradients_of(("6 ",), np.random.default_rng(8))
### BEGIN HIDDEN TESTS
rng = secret_rng("test_gradients_of_galvan")
for _ in range(2):
    assert_gradients_of(("6 ",), rng)
### END HIDDEN TESTS

# %% experiment id="table_of_gradients"
print(f"{'forward pass':22s}{'numbers':>8s}{'rows of tape':>14s}{'largest error':>15s}")
for name, (loss, params) in every_loss(np.random.default_rng(8)).items():
    found, right = gradient(loss, params)[1], numerical(loss, params)
    error = max(np.abs(found[k] - right[k]).max() / np.abs(right[k]).max() for k in right)
    numbers = sum(value.size for value in params.values())
    print(f"{name:22s}{numbers:8d}{len(trace(loss, params)[1]):14d}{error:15.1e}")

source = ast.parse(inspect.getsource(forward))
functions = [node for node in source.body if isinstance(node, ast.FunctionDef)]
statements = [node for function in functions for node in ast.walk(function)
              if isinstance(node, (ast.FunctionDef, ast.Assign, ast.Return, ast.For))]  # fmt: skip
print(f"\nAll eight, helpers included, are {len(statements)} lines of code.")

# %% [markdown]
# And now a network that you never differentiated, trained by code you wrote: three layers, digits,
# descent with a fixed step. **Before you run it:** will the loss fall at every step?

# %% experiment id="figure_training"
"""Figure: three layers, trained with your autodiff"""
digits = datasets.load_digits()
images, classes = digits.data[:1200] / 16, digits.target[:1200]
rng = np.random.default_rng(0)
sizes = [64, 48, 32, 10]
layers = {}
for i, (n, m) in enumerate(zip(sizes, sizes[1:]), start=1):
    layers |= {f"W{i}": rng.normal(size=(m, n)) / np.sqrt(n), f"b{i}": np.zeros(m)}
training = partial(forward.gutfreund_loss, X=images, y=classes)
losses = []
for _ in range(150):
    value, slopes = gradient(training, layers)
    losses.append(float(value) / len(images))
    layers = {name: array - 5e-4 * slopes[name] for name, array in layers.items()}
figure, axes = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
axes.semilogy(losses, color=plotting.COLOURS[0])
axes.set(xlabel="steps of gradient descent", ylabel="mean cross-entropy",
         title="Three layers learn digits; nobody wrote their gradient")  # fmt: skip
axes.grid(alpha=0.3)
plt.show()

# %% [markdown]
# Not at first: near the start the step is too long three times, and the loss jumps. That says nothing
# against the gradient, which points uphill for small steps only. Later the surface is flatter, and the
# same step is short enough.

# %% [markdown]
# ## 5 · What it costs · 3 points · 9 minutes
#
# Reverse mode starts at $L$ and asks every operation for gradients. *Forward mode* starts at one
# parameter and asks how every wire changes with it. A neat way to do it: let the parameter move
# in a direction that real numbers do not have. If $\theta_k$ becomes $\theta_k + i\epsilon$, a
# function that knows nothing of it carries the change along in the imaginary part,
#
# $$f(\theta + i\epsilon e_k) = f(\theta) + i\epsilon\,\frac{df}{d\theta_k} + O(\epsilon^2),$$
#
# and with $\epsilon = 10^{-20}$ the derivative is exact to the last digit: nothing is subtracted.

# %% solution id="forward_gradient"
def forward_gradient(loss, params, step=1e-20):
    """The gradient of a loss by forward mode, one complex step for each number of each parameter.

    loss(params) returns a number and takes complex arrays; params {name: real array} stay as they
    are; step is ε.  Returns {name: gradient in the shape of params[name]}, real.
    """
    ### BEGIN SOLUTION
    found = {}
    for name, value in params.items():
        found[name] = np.zeros(np.shape(value))
        for index in np.ndindex(np.shape(value)):
            moved = np.array(value, dtype=complex)
            moved[index] += 1j * step
            found[name][index] = loss({**params, name: moved}).imag / step
    return found
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How many calls of the loss are needed, if each tells
# you one derivative?</details>
# <details><summary>Hint 2, the idea</summary>For each index of each array: a complex copy, one
# entry moved by 1j times the step, the loss, its .imag divided by the step.</details>
# <details><summary>Hint 3, the shapes</summary>np.ndindex(value.shape) runs over all indices, also
# of an array of shape (). {**params, name: moved} is a new dict.</details>

# %% test id="test_forward_gradient" points=3
"""Forward mode: one pass for each number"""
calls = []


def product(params):
    calls.append(1)
    return (params["a"] * params["b"] ** 2).sum()


params = {"a": np.array([[1.1, 2.3], [3.2, 4.6]]), "b": np.array([2.1, -1.3])}
found = forward_gradient(product, params)
assert type(found) is dict and list(found) == ["a", "b"], "return a dict with the keys of params"
mode_hints = {
    "the numbers moved before are still moved: take a new copy for each": np.array(
        [[4.41, 6.1], [10.51, 12.2]]
    ),
    "divide by the step": np.array([[4.41, 1.69], [4.41, 1.69]]) * 1e-20,
    "this is the real part, the loss itself, divided by the step": np.full((2, 2), 30.624) * 1e20,
}
assert_array(found["a"], np.array([[4.41, 1.69], [4.41, 1.69]]), "dL/da", hints=mode_hints)
assert_array(found["b"], np.array([18.06, -17.94]), "dL/db")
assert len(calls) == 6, f"6 numbers, 6 passes: one for each; you called the loss {len(calls)} times"
assert params["a"].dtype == float and params["b"].tolist() == [2.1, -1.3], (
    "the caller's arrays changed.\nNext: work on np.array(value, dtype=complex), a copy."
)
### BEGIN HIDDEN TESTS
rng = secret_rng("forward_gradient")
for name, (loss, params) in every_loss(rng).items():
    given, right = forward_gradient(loss, params), numerical(loss, params)
    for letter in params:
        assert_array(np.asarray(given[letter]), right[letter], f"{name}: dL/d{letter}", rtol=1e-7)
calls.clear()
forward_gradient(product, {"a": rng.normal(size=(3, 2)), "b": rng.normal(size=2)})
assert len(calls) == 8, "one pass for each number"
### END HIDDEN TESTS

# %% [markdown]
# Clocks lie, so count instead. `Counted` is an array that counts every number it computes (a
# product of matrices costs its inner length for each). One counts all that is done in the forward
# pass, in your backward pass, and in forward mode, while a network gets wider. **Before you run
# it:** in units of one forward pass, where will your reverse mode end up: at 2, at 3, at 10? Does
# it depend on the width?

# %% experiment id="figure_cost"
"""Figure: the cost of all derivatives, reverse and forward"""


class Counted(np.ndarray):
    """An array that counts the numbers computed with it."""

    count = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [a.view(np.ndarray) if isinstance(a, Counted) else a for a in inputs]
        value = getattr(ufunc, method)(*plain, **options)
        inner = np.shape(plain[0])[-1] if ufunc is np.matmul else 1
        largest = max(np.size(a) for a in (value, *plain)) if method == "reduce" else np.size(value)
        Counted.count += inner * largest
        return np.asarray(value).view(Counted)


def count(work):
    """How many numbers `work()` computes."""
    Counted.count = 0
    work()
    return Counted.count


costs = []
for width in (2, 8, 32, 128, 512):
    shapes = {"W1": (width, 8), "b1": width, "W2": (width, width), "b2": width, "W3": (4, width), "b3": 4}
    arrays = {name: rng.normal(size=shape).view(Counted) for name, shape in shapes.items()}
    loss = partial(forward.gutfreund_loss, X=rng.normal(size=(20, 8)), y=rng.integers(4, size=20))
    once = count(lambda: loss(arrays))
    numbers = sum(array.size for array in arrays.values())
    costs.append((numbers, count(lambda: gradient(loss, arrays)) / once, numbers))
    print(f"{numbers:6d} parameters: reverse mode costs {costs[-1][1]:.2f} forward passes, "
          f"forward mode {numbers}")  # fmt: skip
numbers, reverse, passes = np.array(costs).T
figure, axes = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
axes.loglog(numbers, passes, "^:", color=plotting.COLOURS[1], label="forward mode: one for each number")
axes.loglog(numbers, reverse, "o-", color=plotting.COLOURS[0], label="reverse mode, yours, both ways")
axes.set(xlabel="numbers in all parameters", ylabel="cost in forward passes",
         title="All derivatives for a few passes, however many there are")  # fmt: skip
axes.legend(frameon=False)
axes.grid(alpha=0.3)
plt.show()

# %% [markdown]
# The wider the network, the nearer to three: a product of matrices costs one pass forward and two
# back, as counted in `00_wires`. What is done entry by entry costs a little more or less, as you
# wrote your rules, and counts less and less. (One product is wasted: your rule also computes the gradient of the
# data. Can you avoid it?) The price is memory: the tape keeps every value until the way back.
#
# ## 6 · Bring your own formula · 8 points · 24 minutes
#
# You now have two ways to a gradient that no author can argue with: your tape, and nudging. So
# judge formulas.
#
# ### 6.1 How wrong? · 3 points
#
# One number for each printed array, the evidence of `07_debug_the_notes`: the largest difference of
# an entry, relative to the largest entry of the two. 0 is right, 2 is the opposite sign.

# %% solution id="relative_error"
def relative_error(given, right):
    """The largest |given - right| of an entry, divided by the largest absolute entry of the two.

    given, right: arrays or numbers.  Returns a number: 0 where both are 0 everywhere, inf where
    given has not the shape of right.
    """
    ### BEGIN SOLUTION
    if np.shape(given) != np.shape(right):
        return np.inf
    largest = max(np.abs(given).max(), np.abs(right).max())
    return float(np.abs(given - right).max() / largest) if largest else 0.0
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What would numpy make of a column minus a row, and
# would you notice?</details>
# <details><summary>Hint 2, the idea</summary>Shapes first. Then two cases: everything is 0, or you
# may divide.</details>
# <details><summary>Hint 3, the shapes</summary>np.shape(x), np.abs(x).max() work for arrays and
# numbers.</details>

# %% test id="test_relative_error" points=3
"""How wrong is a printed gradient?"""
right = np.array([4.0, -2.0, 1.0])
for what, given, expected in [
    ("one too large", np.array([5.0, -1.4, 1.3]), 0.2),
    ("one too small", np.array([2.4, -1.1, 1.3]), 0.4),
    ("the right one", right, 0.0),
    ("the opposite sign", -right, 2.0),
    ("a quarter", right / 4, 0.75),
    ("four times", 4 * right, 0.75),
    ("zeros", np.zeros(3), 1.0),
    ("the smaller entry half as large", np.array([4.0, -1.0, 1.0]), 0.25),
    ("a column in place of a vector", right[:, None], np.inf),
    ("one number in place of a vector", np.float64(4.0), np.inf),
]:
    error = assert_unchanged(relative_error, given, right)
    assert isinstance(error, (float, int, np.number)), (
        f"{what}: you returned {type(error).__name__}, expected a number.\nNext: take the .max()."
    )
    assert error == expected or abs(error - expected) < 1e-12, (
        f"{what}: the error of {given.tolist()}, where {right.tolist()} is right, is {expected}; you "
        f"returned {error}.\n"
        "Next: inf first, where the shapes differ; then the largest difference, divided by the largest "
        "entry of both."
    )
assert relative_error(np.zeros(3), np.zeros(3)) == 0.0, (
    "zeros, where zeros are right, are no error.\nNext: divide only if there is something to divide by."
)
### BEGIN HIDDEN TESTS
rng = secret_rng("relative_error")
for shape in [(3,), (2, 4), (), (1, 1)]:
    for scale in (1e-3, 1.0, 50.0):
        given, right = scale * rng.normal(size=shape), rng.normal(size=shape)
        largest = max(np.abs(given).max(), np.abs(right).max())
        expected = float(np.abs(given - right).max() / largest)
        error = assert_unchanged(relative_error, np.asarray(given), np.asarray(right))
        assert_number(float(error), expected, "the error")
### END HIDDEN TESTS

# %% given id="judging"
def judge(loss, printed, params):
    """{name: relative error} of printed(params), {name: array}, against your own gradient."""
    try:
        _, right = gradient(loss, params)
    except (TypeError, AttributeError, ValueError) as error:  # something that has no rule
        print(f"{error}; until then, nudging")
        right = numerical(loss, params, "richardson")  # real numbers only: a loss may do anything
    errors = {name: relative_error(a, right[name]) for name, a in printed(params).items()}
    return {name: round(float(error), 4) for name, error in errors.items()}


# %% [markdown]
# Five formulas of the kind that one finds in papers, lecture notes and forum answers. Each is a
# loss, a printed gradient, and numbers to try it on. **Before you run it**, read them: which would
# you have passed? `judge` says that a formula is wrong; the gradient checker, below it, says *how*.

# %% given id="found"
def unit(u):
    return u / (u**2).sum() ** 0.5


def normalised(A):
    """Each row with its mean taken away, divided by its standard deviation: layer normalisation."""
    centred = A - A.mean(axis=1, keepdims=True)
    return centred / (centred**2).mean(axis=1, keepdims=True) ** 0.5


def found_formulas():
    """{name: (loss, printed gradient, params, constants)}"""
    rng = np.random.default_rng(4)
    X, y, t, v = (rng.normal(size=s) for s in [(7, 3), (7,), (5, 4), (4,)])
    sign, counts = np.where(y > 0, 1.0, -1.0), rng.integers(5, size=7)

    def softmax_at(z, T):
        return np.exp(z / T) / np.exp(z / T).sum()

    return {
        "logistic loss, labels 1 and -1": (
            lambda p: np.log(1 + np.exp(-sign * (X @ p["w"]))).sum(),
            lambda p: {"w": -X.T @ (sign / (1 + np.exp(sign * (X @ p["w"]))))},
            {"w": rng.normal(size=3)}, {},
        ),
        "softmax at temperature T, class 1": (
            lambda p: np.log(np.exp(p["z"] / 4).sum()) - p["z"][1] / 4,
            lambda p: {"z": softmax_at(p["z"], 4) - np.eye(4)[1]},
            {"z": rng.normal(size=4)}, {"T": 4},
        ),
        "ridge regression": (
            lambda p: ((X @ p["w"] - y) ** 2).mean() + 0.3 * (p["w"] ** 2).sum(),
            lambda p: {"w": 2 / 7 * X.T @ (X @ p["w"] - y) + 0.3 * p["w"]},
            {"w": rng.normal(size=3)}, {"N": 7, "alpha": 0.3},
        ),
        "cosine distance": (
            lambda p: 1 - (unit(p["u"]) * unit(v)).sum(),
            lambda p: {"u": -unit(v) / (p["u"] ** 2).sum() ** 0.5},
            {"u": rng.normal(size=4)}, {},
        ),
        "layer normalisation": (
            lambda p: (t * (normalised(p["A"]) * p["gain"])).sum(),
            lambda p: {"A": t * p["gain"] / p["A"].std(axis=1, keepdims=True),
                       "gain": (t * normalised(p["A"])).sum(axis=0)},
            {"A": rng.normal(size=(5, 4)), "gain": rng.normal(size=4)}, {},
        ),
    }  # fmt: skip


# %% experiment id="judge_what_was_found"
for name, (loss, printed, params, constants) in found_formulas().items():
    print(f"=== {name}: {judge(loss, printed, params)}")
    print(check_gradient(loss, printed, params, constants=constants), "\n")

# %% [markdown]
# ### 6.2 Correct one · 2 points
#
# The cosine distance of $u$ from $v$ is $L = 1 - \frac{u \cdot v}{|u|\,|v|}$. What was printed
# treats $|u|$ in the denominator as a constant. Derive it properly. (What must $u \cdot dL/du$ be,
# since $L$ does not change with the length of $u$?)

# %% solution id="cosine_gradient"
def cosine_gradient(u, v):
    """dL/du of the cosine distance L = 1 - u·v / (|u| |v|).

    u, v (n,), not zero.  Returns (n,).
    """
    ### BEGIN SOLUTION
    a, b = u / np.sqrt(u @ u), v / np.sqrt(v @ v)
    return ((a @ b) * a - b) / np.sqrt(u @ u)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>u occurs twice in L. Which rule of this notebook is
# that about?</details>
# <details><summary>Hint 2, the idea</summary>Write a = u/|u|. The derivative of |u| with respect to
# u is a. One term from the numerator, one from the denominator.</details>
# <details><summary>Hint 3, the shapes</summary>A number times u, and a number times v.</details>

# %% test id="test_cosine_gradient" points=2
"""The gradient of the cosine distance, corrected"""
u, v = np.array([3.0, 4.0]), np.array([0.0, 5.0])


def cosine_distance(u, v=v):
    return 1 - (u * v).sum() / ((u**2).sum() ** 0.5 * (v**2).sum() ** 0.5)


cosine_hints = {
    "this is the printed one: |u| depends on u as well": np.array([0.0, -0.2]),
    "the sign": np.array([-0.096, 0.072]),
    "divide the whole by |u| once more: twice as long a u turns half as far": np.array([0.48, -0.36]),
}
assert_derivative(
    assert_unchanged(cosine_gradient, u, v), cosine_distance, u, "dL/du", of="the cosine distance",
    wrt="u", hints=cosine_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("cosine_gradient")
for n in (2, 3, 6):
    u, v = rng.normal(size=n), rng.normal(size=n)
    given = assert_unchanged(cosine_gradient, u, v)
    assert_derivative(given, lambda u, v=v: cosine_distance(u, v), u, "dL/du",
                      of="the cosine distance", wrt="u", hidden=True)  # fmt: skip
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# With $a = u/|u|$ and $b = v/|v|$: the numerator gives $-b/|u|$, as printed. The denominator gives
# $\frac{u \cdot v}{|u|^2 |v|} \cdot \frac{d|u|}{du} = (a \cdot b)\, a / |u|$.
#
# $$\frac{dL}{du} = \frac{(a \cdot b)\, a - b}{|u|}$$
#
# It is at right angles to $u$: moving $u$ along itself changes no angle.
#
# </details>
#
# ### 6.3 Your own
#
# Put a formula of yours into the next cell: from a paper, from a web page, from your own work. The
# loss in plain numpy, the gradient as it is printed, small arrays of sizes that all differ. Then
# run the cell below it. If numpy does something that has no rule yet, it says so, and nudges
# instead. Write the rule: it is two lines, and a line in `RULES`.

# %% solution id="my_formula"
def my_formula():
    """A loss, its printed gradient, and numbers to try it on. Ungraded.

    Returns (loss, printed, params, constants): loss(params) -> number, printed(params) ->
    {name: array}, params {name: array}, constants {name: number}, what a wrong factor might be.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(5)
    X, counts = rng.normal(size=(7, 3)), rng.integers(5, size=7)

    def loss(p):  # Poisson regression, its mean negative log-likelihood
        return (np.exp(X @ p["w"]) - counts * (X @ p["w"])).mean()

    def printed(p):
        return {"w": X.T @ (np.exp(X @ p["w"]) - counts)}

    return loss, printed, {"w": 0.3 * rng.normal(size=3)}, {"N": 7}
    ### END SOLUTION


# %% experiment id="judge_mine"
loss, printed, params, constants = my_formula()
print("errors:", judge(loss, printed, params))
print(check_gradient(loss, printed, params, constants=constants))

# %% manual [markdown] id="which_mode" points=3
# **6.4 A question.** (a) A simulation has 3 parameters and returns $10^6$ numbers, and you want all
# derivatives of all of them. Forward or reverse mode, and how many passes does each need? (b) A
# recurrent network runs over $10^5$ steps in time. Why can reverse mode fail here, although it is
# cheap in operations, and what could be given up to make it fit? (c) The checker of this course
# says of a formula "correct". Name one way in which the formula may still be wrong. Four to six
# sentences.
#
# ### BEGIN SOLUTION
# (a) Forward mode: one pass for each parameter gives the derivatives of all results, so 3 passes.
# Reverse mode needs a pass for each result, a million. (b) The tape keeps the values of all steps
# until the way back, so memory grows with the number of steps. One may keep only every hundredth
# state and recompute the others (checkpointing: a second forward pass), or cut the tape after so
# many steps (truncated backpropagation, which changes the gradient). (c) It was checked at one
# point and with one set of sizes: another branch of a maximum, another label, $N = 1$, or a case
# where broadcasting hides an error may differ. Also the loss itself may not be the one the author
# meant.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: (a) forward mode, 3 passes against a million.
#
# 1 point: (b) memory for all values; checkpointing, recomputation, or truncation.
#
# 1 point: (c) any of: one point only, one branch of a kink, sizes, the loss is not the one meant.
# ### END MARK SCHEME

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *A rule for sin.* Write `sin_rule(a)`, as `exp_rule`.
# 2. *One rule for a whole softmax.* For $q = \mathrm{softmax}(z)$ of one vector, what is `back(G)`,
#    written with `q` and `G` alone, without a Jacobian?
# 3. *How many passes?* A network has $P$ parameters and $K$ outputs. How many reverse passes does
#    its whole Jacobian take, if a pass starts at one number?

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: sin_rule(a) -> (value, back); softmax_back(q, G) -> (K,); passes(P, K).
    """
    ### BEGIN SOLUTION
    return [
        lambda a: (np.sin(a), lambda G: (G * np.cos(a),)),
        lambda q, G: q * (G - (q * G).sum()),
        lambda P, K: K,
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against derivatives."""
    sin_rule, softmax_back, passes = on_paper()
    z, G = np.array([0.5, -1.0, 2.0]), np.array([1.0, 4.0, -2.0])
    assert_rule(sin_rule, np.sin, (z,), G)
    q = np.exp(z) / np.exp(z).sum()
    assert_derivative(softmax_back(q, G), lambda z: np.exp(z) / np.exp(z).sum(), z, "problem 2",
                      of="L", wrt="z", upstream=G)  # fmt: skip
    assert passes(1000, 10) == 10 and passes(3, 7) == 7, "problem 3: what does one pass start at?"


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - Autodiff is neither nudging nor algebra on formulas. It is the chain rule, done to numbers, one
#   operation at a time.
# - A rule multiplies by a Jacobian without writing it down. `tanh` needs one product, `@` two.
# - Broadcasting is a fork, its way back is a sum. So is an index that occurs twice.
# - Reverse mode: all derivatives of one number for about three passes, and memory for every value.
#   Forward mode: one pass for each parameter, no memory.
# - You can now check any formula. Do.
#
# **Further reading.** Baydin, Pearlmutter, Radul and Siskind, [*Automatic differentiation in
# machine learning: a survey*](https://arxiv.org/abs/1502.05767); Karpathy's
# [micrograd](https://github.com/karpathy/micrograd), the same on single numbers; the
# [autodidact](https://github.com/mattjj/autodidact) of Matt Johnson, the same on arrays;
# Goodfellow, Bengio and Courville, [*Deep Learning*, chapter
# 6.5](https://www.deeplearningbook.org/contents/mlp.html); [CS231n on
# backpropagation](https://cs231n.github.io/optimization-2/).
#
# **The end.** You have derived, checked, corrected and automated backpropagation. What is left is
# to use it, and to go on not believing formulas.
