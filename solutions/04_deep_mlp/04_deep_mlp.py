# %% [markdown]
# # 4 · Any number of layers
#
# Steve Gutfreund's note *Gradients MLP* (2018) starts with one hidden layer and a softmax and ends
# with a recursion that works for a network of any depth. You derive it line by line: the softmax
# and its Jacobian, four gradients for one sample, then backward through $n$ layers with any
# activation. At the end you see what a product of many factors does to a gradient, and what you
# gain by taking one sample at a time.
#
# **Time** about 120 minutes. **Points** 42. **You need first:** assignment 2; what a Jacobian is.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 The model | 12 | 4 |
# | 2 Back through the softmax | 29 | 9 |
# | 3 Four gradients, one sample | 25 | 8 |
# | 4 Activations | 13 | 3 |
# | 5 Forward through n layers | 6 | 3 |
# | 6 Backward, twice | 26 | 12 |
# | 7 One sample at a time | 9 | 3 |
#
# **How it works.** Sections 2, 3 and 6 are *ladders*. You know the forward pass; each rung asks for
# one derivative of it, one line of code. Take a pencil first. The docstring says what goes in and
# what comes out, never the formula: that is yours to find. Run the test below a stub: a ✓ means
# that it is right. A test compares your rung with the derivative of a trusted forward pass and
# feeds it the right values of earlier rungs, so a wrong rung costs only its own points. Tests and
# the code of figures are folded away, for they show answers: run them as they are. The formula as
# the note has it, with its derivation, is in the closed box below each test. Open it afterwards, or
# when the hints did not help. The grader runs the same tests with other numbers. What takes many
# samples is to work on whole arrays: a test fails a loop over the samples.

# %% [markdown]
# ## The note's symbols
#
# ![One hidden layer and a softmax: x goes through W and b to h, through U and b̂ to z, through the
# softmax to ŷ, and meets y in the loss L.](figure:network)
#
# | note | meaning | in code | shape |
# |:--|:--|:--|:--|
# | | inputs, hidden units, classes; samples | `p, M, K`; `N` | numbers |
# | $x_i$ | one sample; we drop the note's index $i$ for it | `x` | `(p,)` |
# | $y_i$ | its class as $K$ probabilities: a 1 and zeros | `y` | `(K,)` |
# | $W, b$ | into the hidden layer | `W`, `b` | `(M, p)`, `(M,)` |
# | $U, \hat b$ | into the outputs | `U`, `bhat` | `(K, M)`, `(K,)` |
# | $h = \tanh(Wx + b)$ | hidden units | `h` | `(M,)` |
# | $z = Uh + \hat b$ | scores | `z` | `(K,)` |
# | $\hat y = \mathrm{softmax}(z)$ | predicted probabilities | `yhat` | `(K,)` |
# | $dL/d\hat y,\ dL/dz,\ dL/dU, \dots$ | derivatives of the loss | `dyhat, dz, dU, ...` | as `yhat, z, U` |
# | $n$ | number of layers | `n` | number |
# | | entries that go into layer $i$, counted from 0 | `m[i]` | number |
# | $W^{(1)}, b^{(1)}, \dots$ | of every layer, **counted from 0** in code | `layers[i]` is `(W, b)` | `(m[i+1], m[i])`, `(m[i+1],)` |
# | $x^{(1)}, \dots, x^{(n)}, \hat y$ | what goes into each layer, and the output | `xs[i]` | `(m[i],)` or `(N, m[i])` |
# | $s^{(i)} = W^{(i)} x^{(i)} + b^{(i)}$ | pre-activation (the note has no letter for it) | `pres[i]` | as `xs[i + 1]` |
# | $g^{(i)}$ | activation of a layer | `gs[i]` | function |
# | $g^{(i)\prime}(s^{(i)})$ | its slope there | `slopes[i]` | as `pres[i]` |
# | $\hat y - y$ | the error | `error` | `(K,)` or `(N, K)` |
#
# The note writes derivatives as rows and multiplies them from the left; the code keeps the shape
# rule of assignment 2: a derivative has the shape of the quantity it is taken with respect to.

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

import time

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
# One more cell to run as it is: random layers, and two checks that a function returned as many things
# as it should.

# %% given id="helpers"
# Setup: helpers of tests and figures.
def random_layers(sizes, rng, scale=1.0):
    """[(W, b), ...] for sizes (m_0, ..., m_n); entries of W have deviation scale / √m_in."""
    return [
        (scale * rng.normal(size=(m, p)) / np.sqrt(p), 0.1 * rng.normal(size=m))
        for p, m in zip(sizes, sizes[1:])
    ]


def assert_several(value, count, what):
    """value is a tuple or list of so many things."""
    given = f"{len(value)}" if type(value) in (tuple, list) else f"a {type(value).__name__}"
    assert given == str(count), (
        f"expected {count} things, {what}; you returned {given}.\nNext: compare the return line "
        "with the last line of the docstring."
    )


def assert_gradients(value, right, what, hints=None):
    """value is a list with one pair (dW, db) for each layer; hints: {message: wrong list}."""
    assert_several(value, len(right), "one pair (dW, db) for each layer")
    for i in reversed(range(len(right))):
        assert_several(value[i], 2, f"dW and db of layer {i}")
        for k, name in enumerate(["dW", "db"]):
            wrong = {text: pairs[i][k] for text, pairs in (hints or {}).items()}
            assert_array(value[i][k], right[i][k], f"{name} of layer {i}{what}", hints=wrong)


# %% [markdown]
# ## 1 · The model · 4 points · 12 minutes
#
# One hidden layer, a softmax on top, and the cross-entropy between the targets and the
# predictions. These three formulas are given; everything after this section you derive from them.
#
# ### 1.1 Hidden units · 1 point
#
# $$h = \tanh(Wx + b)$$

# %% solution id="hidden"
def hidden(W, b, x):
    """h = tanh(W x + b)                                   (note, section 1)

    W (M, p), b (M,), x (p,).  Returns h (M,).
    """
    ### BEGIN SOLUTION
    return np.tanh(W @ x + b)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which comes first, the tanh or the bias?</details>
# <details><summary>Hint 2, the idea</summary>Read it from the inside out; numpy has all three
# parts.</details>
# <details><summary>Hint 3, the shapes</summary>(M, p) times (p,) is (M,): b fits.</details>

# %% test id="test_hidden" points=1
"""The hidden units: h = tanh(W x + b)"""
W, x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1.0, 2.0])
b = np.arctanh([0.5, -0.5, 0.25]) - [1.0, 2.0, 3.0]
h_hints = {
    "the bias b is missing": np.tanh(W @ x),
    "tanh is applied before b is added": np.tanh(W @ x) + b,
    "the tanh is missing": W @ x + b,
}
assert_array(hidden(W, b, x), np.array([0.5, -0.5, 0.25]), "h", hints=h_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("hidden")
for p, M in [(3, 5), (4, 1), (1, 2), (3, 3)]:
    W, b, x = rng.normal(size=(M, p)), rng.normal(size=M), rng.normal(size=p)
    right = np.array([np.tanh(sum(W[j, i] * x[i] for i in range(p)) + b[j]) for j in range(M)])
    hints = {"it is Wᵀ x + b inside": np.tanh(W.T @ x + b)} if p == M else {}
    assert_array(assert_unchanged(hidden, W, b, x), right, "h", hints=hints)
    strided = hidden(np.asfortranarray(W), b, np.repeat(x, 2)[::2])
    assert_array(strided, right, "h of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.2 Softmax · 2 points
#
# $K$ scores become $K$ probabilities, as in assignment 2:
#
# $$\hat y_k = \mathrm{softmax}(z)_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad z = Uh + \hat b$$
#
# The formula as it stands overflows for a score of 1000, and yet the probabilities exist. Write it
# so that it does not. (The note writes $b_i$ inside the exponential where it means $\hat b_i$.)

# %% solution id="softmax"
def softmax(z):
    """ŷ_k = exp z_k / Σ_j exp z_j                         (note, section 1)

    z (K,), of any size: 1000 must not overflow.  Returns yhat (K,).
    """
    ### BEGIN SOLUTION
    powers = np.exp(z - z.max())
    return powers / powers.sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What happens to the probabilities when the same
# number is added to every score?</details>
# <details><summary>Hint 2, the idea</summary>Nothing. Which number makes the largest exponential
# harmless?</details>
# <details><summary>Hint 3, the shapes</summary>The shift and the sum are single numbers; exp of
# (K,) is (K,).</details>

# %% test id="test_softmax" points=2
"""Softmax, for scores of any size"""
right = np.array([2.0, 5.0, 1.0]) / 8
softmax_hints = {
    "the exponentials are not divided by their sum": 8 * right,
    "the scores are divided by their sum, without exp": np.log(8 * right) / np.log(10),
}
assert_array(softmax(np.log(8 * right)), right, "softmax(z)", hints=softmax_hints)
assert_array(softmax(np.log(8 * right) + 1000), right, "softmax of scores near 1000")
### BEGIN HIDDEN TESTS
rng = secret_rng("softmax")
for K in (2, 3, 7):
    z = rng.normal(size=K)
    right = np.array([1 / sum(np.exp(z_j - z_k) for z_j in z) for z_k in z])
    assert_array(assert_unchanged(softmax, z), right, "softmax(z)")
    assert_array(softmax(z - 1000), right, "softmax of scores near -1000")
    assert_array(softmax(np.repeat(z, 2)[::2]), right, "softmax of an array not contiguous")
    assert_array(softmax(z.astype(np.float32)), right.astype(np.float32), "softmax in float32")
assert_array(softmax(np.array([1000.0, 0.0])), np.array([1.0, 0.0]), "softmax of (1000, 0)")
far = np.array([2000.0, 0.0])  # a shift by the mean overflows
assert_array(softmax(far), np.array([1.0, 0.0]), "softmax of scores far apart")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.3 Cross-entropy · 1 point
#
# $$L = -\sum_k y_k \log \hat y_k$$
#
# With a 1 and zeros in $y$ only one term is left. The formula works for any probabilities, such as
# $y = (0.9, 0.1)$. Where $y_k = 0$ the term is 0, even where $\hat y_k$ has underflowed to 0.

# %% solution id="cross_entropy"
def cross_entropy(y, yhat):
    """L = -Σ_k y_k log ŷ_k                                (note, section 1)

    y (K,), probabilities that sum to 1, mostly a 1 and zeros; yhat (K,), may be 0 where y is 0.
    Returns a number.
    """
    ### BEGIN SOLUTION
    counts = y > 0
    return -(y[counts] * np.log(yhat[counts])).sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What does numpy make of $0 \log 0$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A mask picks the terms that count.</details>
# <details><summary>Hint 3, the shapes</summary>Two arrays (K,) in, a single number
# out.</details>

# %% test id="test_cross_entropy" points=1
"""The cross-entropy, where 0 log 0 counts as 0"""
y, yhat = np.array([0.0, 0.0, 1.0]), np.array([1.0, 2.0, 5.0]) / 8
L_hints = {
    "the sign: L = -Σ y log ŷ": -np.log(8 / 5),
    "y is missing: only the true class counts": -np.log(yhat).sum(),
    "this is the mean over the K classes; L is the sum": np.log(8 / 5) / 3,
    "the terms (1 - y) log(1 - ŷ) belong to another loss, that of assignment 5": (
        -np.log([7 / 8, 6 / 8, 5 / 8]).sum()
    ),
}
assert_number(cross_entropy(y, yhat), np.log(8 / 5), "L", hints=L_hints)
assert_number(cross_entropy(np.array([0.0, 1.0]), np.array([0.0, 1.0])), 0.0, "L at ŷ = y")
unsure = np.array([0.7, 0.0, 0.3])
unsure_hints = {
    "the likeliest class alone counts; y may be probabilities, and each has its share": np.log(8),
    "y itself is missing: each class with y > 0 counts in full": np.log(8) + np.log(8 / 5),
}
right = 0.7 * np.log(8) + 0.3 * np.log(8 / 5)
assert_number(cross_entropy(unsure, yhat), right, "L of probabilities y", hints=unsure_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("cross_entropy")
for K in (2, 3, 6):
    yhat = rng.dirichlet(np.ones(K))
    for y in (np.eye(K)[rng.integers(K)], rng.dirichlet(np.ones(K))):
        right = sum(target * np.log(1 / guess) for target, guess in zip(y, yhat))
        assert_number(assert_unchanged(cross_entropy, y, yhat), right, "L")
        single = cross_entropy(y.astype(np.float32), yhat.astype(np.float32))
        assert_number(single, np.float32(right), "L in float32")
    whole = np.eye(K, dtype=int)[0]
    assert_number(cross_entropy(whole, yhat), -np.log(yhat[0]), "L of whole numbers y")
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · Back through the softmax · 9 points · 29 minutes
#
# Section 2 of the note prints two small derivatives in one line and leaves their product to a web
# page. You derive both and multiply them. The result is simpler than either.
#
# ### 2.1 First rung: $dL/d\hat y$ · 1 point
#
# Start at the end. Forget for a moment where $\hat y$ comes from and treat it as $K$ free numbers.
# What is the derivative of $L = -\sum_k y_k \log \hat y_k$ with respect to each of them?

# %% solution id="dL_dyhat"
def dL_dyhat(y, yhat):
    """dL/dŷ: the derivative of L with respect to each ŷ_k (note, at footnote mark 1)

    y (K,), yhat (K,); where y_k = 0 the entry is 0, also for yhat_k = 0.  Returns dyhat (K,).
    """
    ### BEGIN SOLUTION
    return np.divide(-y, yhat, out=np.zeros(len(y)), where=y > 0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which terms of the sum contain $\hat y_0$? So is anything left to sum once you have
# differentiated?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# The derivative of log. For the entries with $y_k = 0$, start from zeros and fill in what counts;
# or look up `where=` and `out=` of np.divide.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(K,) and (K,) give (K,), entry by
# entry.</details>

# %% test id="test_dL_dyhat" points=1
"""dL/dŷ: one derivative for each probability"""
y, yhat = np.array([0.0, 0.25, 0.75]), np.array([1.0, 2.0, 5.0]) / 8


def L_of_yhat(yhat):
    """The end of the forward pass: L from ŷ."""
    return -(y * np.log(yhat)).sum()


dyhat_hints = {
    "the sign: L falls when the probability of the true class grows": y / yhat,
    "every entry holds a sum over k, as the note prints it; nothing is summed": [-2.2] * 3,
    "y is missing: a class that is not there does not count": -1 / yhat,
    "y_k is asked only whether it is 0; it is a factor, too": np.where(y > 0, -1 / yhat, 0),
    "this is the loss term by term, not its derivative": -y * np.log(yhat),
    "this is the derivative of another loss, which has terms (1 - y) log(1 - ŷ), too": (
        (yhat - y) / (yhat * (1 - yhat))
    ),
}
assert_derivative(
    dL_dyhat(y, yhat), L_of_yhat, yhat, "dL/dŷ", of="L", wrt="ŷ", hints=dyhat_hints
)
assert_array(dL_dyhat(np.array([1.0, 0.0]), np.array([1.0, 0.0])), np.array([-1.0, 0.0]), "dL/dŷ")
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dyhat")
for K in (2, 4, 7):
    yhat = rng.dirichlet(np.ones(K))
    for y in (np.eye(K)[rng.integers(K)], rng.dirichlet(np.ones(K))):
        right = numerical_gradient(lambda yhat, y=y: -(y * np.log(yhat)).sum(), yhat)
        summed = {"every entry holds the sum over k; nothing is summed": np.full(K, right.sum())}
        value = assert_unchanged(dL_dyhat, y, yhat)
        assert_array(value, right, "dL/dŷ", hints=summed)
        strided = dL_dyhat(np.repeat(y, 2)[::2], np.repeat(yhat, 2)[::2])
        assert_array(strided, right, "dL/dŷ of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $L$ has $K$ terms, and only term $k$ contains $\hat y_k$. The derivative of $\log$ is one over its
# argument:
#
# $$\frac{dL}{d\hat y_k} = -\frac{y_k}{\hat y_k}$$
#
# *Where we differ from print:* the note has a sum over $k$ in front. There are $K$ derivatives
# here, one for each $\hat y_k$, and nothing is summed.
#
# </details>

# %% [markdown]
# ### 2.2 Second rung: a probability and its own score · 1 point
#
# Raise one score $z_k$ a little and keep the others. The probability $\hat y_k$ grows. How fast?
# Use the quotient rule on $\hat y_k = e^{z_k} / \sum_j e^{z_j}$: $z_k$ is in the numerator *and*
# in the sum. Then write the result with $\hat y_k$ alone; no exponential is left.

# %% solution id="dyhat_own"
def dyhat_own(yhat):
    """dŷ_k/dz_k for each k: each probability by its own score  (note, at footnote mark 1, k = j)

    yhat (K,), the softmax of z.  Returns (K,).
    """
    ### BEGIN SOLUTION
    return yhat * (1 - yhat)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# With $S = \sum_j \exp z_j$, what are $d(\exp z_k)/dz_k$ and $dS/dz_k$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# The quotient rule gives two terms over $S^2$. Split the fraction: each part is a product of two
# probabilities, or one of them.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(K,) in, (K,) out, entry by entry. For K = 2 it must
# be the slope of the sigmoid.</details>

# %% test id="test_dyhat_own" points=1
"""dŷ_k/dz_k: how each probability moves with its own score"""
z = np.log([2.0, 1.0, 5.0])


def own_probabilities(own):
    """ŷ_k when z_k is replaced by own[k] and the other scores stay."""
    others = np.exp(z).sum() - np.exp(z)
    return np.exp(own) / (np.exp(own) + others)


yhat = own_probabilities(z)
own_hints = {
    "the sum in the denominator was held fixed: it contains z_k, too": yhat,
    "the numerator was held fixed: it contains z_k, too": -(yhat**2),
    "the sign: its own score raises a probability": yhat * (yhat - 1),
    "the factor ŷ_k is missing": 1 - yhat,
}
assert_derivative(
    dyhat_own(yhat), own_probabilities, z, "dŷ_k/dz_k", of="each ŷ_k", wrt="its own z_k",
    upstream=np.ones(3), hints=own_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dyhat_own")
for K in (2, 3, 6):
    z = 2 * rng.normal(size=K)
    yhat = np.exp(z) / np.exp(z).sum()
    rows = [numerical_gradient(lambda z, k=k: np.exp(z[k]) / np.exp(z).sum(), z) for k in range(K)]
    own_hints = {
        "the sum in the denominator was held fixed: it contains z_k, too": yhat,
        "the factor ŷ_k is missing": 1 - yhat,
    }
    value = assert_unchanged(dyhat_own, yhat)
    assert_array(value, np.diag(np.array(rows)).copy(), "dŷ_k/dz_k", hints=own_hints)
    single = dyhat_own(yhat.astype(np.float32))
    right = (yhat * (1 - yhat)).astype(np.float32)
    assert_array(single, right, "dŷ_k/dz_k in float32", atol=1e-6)
assert_array(dyhat_own(np.array([1.0, 0.0])), np.zeros(2), "dŷ_k/dz_k at ŷ = (1, 0)")
### END HIDDEN TESTS

# %% [markdown]
# ### 2.3 Third rung: the Jacobian of softmax · 1 point
#
# When $z_j$ rises, all the *other* probabilities shrink: every $\hat y_k$ depends on every $z_j$.
# So the derivative is a matrix, $K$ by $K$, with $d\hat y_k / dz_j$ in row $k$ and column $j$. You
# have its diagonal. For $k \ne j$, where in $e^{z_k} / \sum_j e^{z_j}$ is $z_j$ now?

# %% solution id="softmax_jacobian"
def softmax_jacobian(yhat):
    """J_kj = dŷ_k/dz_j, for all k and j                   (note, at footnote mark 1)

    yhat (K,), the softmax of z.  Returns J (K, K).
    """
    ### BEGIN SOLUTION
    return np.diag(yhat) - np.outer(yhat, yhat)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>The probabilities sum to 1, whatever the scores. So
# what does each column of J sum to?</details>
# <details><summary>Hint 2, the idea</summary>Off the diagonal only the denominator moves. The
# diagonal has the same term and one more: write J as a matrix of all pairs and a matrix that has a
# diagonal only.</details>
# <details><summary>Hint 3, the shapes</summary>np.diag makes (K, K) of (K,), and so does an outer
# product.</details>

# %% test id="test_softmax_jacobian" points=1
"""The Jacobian of softmax"""
z = np.log([2.0, 1.0, 1.0])


def softmax_forward(z):
    """The forward pass: ŷ from z."""
    return np.exp(z) / np.exp(z).sum()


yhat = softmax_forward(z)
J_hints = {
    "only the diagonal is there: a score moves the other probabilities, too": np.diag(
        yhat * (1 - yhat)
    ),
    "on the diagonal a term is missing: the numerator moves there, too": -np.outer(yhat, yhat),
    "the sign: a score raises its own probability and lowers the others": (
        np.outer(yhat, yhat) - np.diag(yhat)
    ),
    "the diagonal's formula is in every entry": np.outer(yhat, 1 - yhat),
    "the factor ŷ_k is missing": np.eye(3) - yhat,
}
J = softmax_jacobian(yhat)
assert_derivative(J, softmax_forward, z, "J", of="ŷ", wrt="z", hints=J_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("softmax_jacobian")
for K in (2, 5, 7):
    z = rng.normal(size=K)
    right = np.array(
        [numerical_gradient(lambda z, k=k: np.exp(z[k]) / np.exp(z).sum(), z) for k in range(K)]
    )
    yhat = np.exp(z) / np.exp(z).sum()
    hints = {"only the diagonal is there: a score moves the other probabilities, too": (
        np.diag(np.diag(right))
    )}
    assert_array(assert_unchanged(softmax_jacobian, yhat), right, "J", hints=hints)
    single = softmax_jacobian(yhat.astype(np.float32))
    assert_array(single, right.astype(np.float32), "J in float32")
assert_array(softmax_jacobian(np.array([1.0, 0.0])), np.zeros((2, 2)), "J at ŷ = (1, 0)")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# Let $S = \sum_j e^{z_j}$, so that $dS/dz_j = e^{z_j}$. The quotient rule gives
#
# $$\frac{d}{dz_j} \frac{e^{z_k}}{S} = \frac{1\{k = j\}\, e^{z_k}}{S} -
#   \frac{e^{z_k}\, e^{z_j}}{S^2} = \hat y_k\,\bigl(1\{k = j\} - \hat y_j\bigr) .$$
#
# As a matrix: $J = \mathrm{diag}(\hat y) - \hat y\, \hat y^T$, and $J_{kk} = \hat y_k (1 - \hat y_k)$.
#
# *Where we differ from print:* the note has $y$ where $\hat y$ is meant, and $y_i$ for $j$.
#
# </details>

# %% [markdown]
# **Before you run it:** which of the three matrices has the largest entries, and which entries
# are negative?

# %% experiment id="figure_jacobian"
"""Figure: three Jacobians of softmax"""
fig, axes = plt.subplots(1, 3, figsize=(8, 3.1), layout="constrained")
fig.suptitle("The Jacobian of softmax: rows ŷ_k, columns z_j; every column sums to 0")
for ax, (title, scores) in zip(axes, {
    "undecided": [0.0, 0.0, 0.0, 0.0], "two candidates": [2.0, 2.0, 0.0, -1.0],
    "sure": [5.0, 0.0, 0.0, -1.0],
}.items()):
    yhat = softmax(np.array(scores))
    J = softmax_jacobian(yhat)
    ax.imshow(J, cmap="RdBu_r", vmin=-0.25, vmax=0.25)
    for k, j in np.ndindex(J.shape):
        colour = "white" if abs(J[k, j]) > 0.16 else "black"
        ax.text(j, k, f"{J[k, j]:.2f}".replace("-0.00", "0.00"), ha="center", va="center",
                fontsize=8, color=colour)  # fmt: skip
    ax.set_xticks(range(4), [f"$z_{j}$" for j in range(4)])
    ax.set_yticks(range(4), [rf"$\hat y_{k}$ = {yhat[k]:.2f}" for k in range(4)], fontsize=8)
    ax.set_title(title, fontsize=10)
plt.show()

# %% [markdown]
# ### What this equation says
#
# Probability is conserved. What one class gains when its score rises the others lose, each in
# proportion to what it has: column $j$ of the Jacobian sums to 0. And a softmax that is sure of its
# answer hardly listens: with $\hat y$ close to a 1 and zeros every entry is close to 0.
#
# Red entries are positive, and they lie on the diagonal only. A sure softmax has a Jacobian of
# nearly zeros: if $dL/d\hat y$ were an ordinary number there, nothing would get through. The next
# two rungs show why cross-entropy gets through all the same.

# %% [markdown]
# Drag the scores yourself. **Before you touch it:** what do you have to do to a single score to make all of the
# Jacobian vanish? And what becomes of $\hat y - y$, on the right, if that makes the softmax sure of a wrong
# class?

# %% experiment id="drag_softmax"
from mlpkit import explorables as explore

explore.softmax()

# %% [markdown]
# ### 2.4 Fourth rung: through a Jacobian · 1 point
#
# A small change of one $z_j$ reaches the loss through all the $\hat y_k$ at once. Given
# $dL/d\hat y$ and any Jacobian $J$ of $\hat y$ with respect to $z$, symmetric or not, what is
# $dL/dz$? Write the sum for one $j$ on paper, then find the product that does it for all.

# %% solution id="dL_dz_chain"
def dL_dz_chain(dyhat, J):
    """dL/dz from dL/dŷ by the chain rule                  (note, section 2)

    dyhat (K,); J (K, K), any matrix with dŷ_k/dz_j in row k and column j.  Returns dz (K,).
    """
    ### BEGIN SOLUTION
    return J.T @ dyhat
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Over which index of J does the sum run, the first or
# the second?</details>
# <details><summary>Hint 2, the idea</summary>A matrix times a vector sums over the matrix's second
# index. Make the index that goes away the second one.</details>
# <details><summary>Hint 3, the shapes</summary>Everything is K here, so shapes cannot warn you: only the
# indices can.</details>

# %% test id="test_dL_dz_chain" points=1
"""The chain rule: a gradient goes back through a Jacobian"""
J, dyhat = np.array([[1.1, 2.3], [3.2, 4.7]]), np.array([1.3, -0.7])
chain_hints = {"this sums over j, the second index of J: transpose it": [-0.18, 0.87]}
assert_derivative(
    dL_dz_chain(dyhat, J), lambda z: dyhat @ (J @ z), np.zeros(2), "dL/dz", of="L", wrt="z",
    hints=chain_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dz_chain")
for K in (2, 4, 6):
    J, dyhat = rng.normal(size=(K, K)), rng.normal(size=K)
    right = np.array([sum(dyhat[k] * J[k, j] for k in range(K)) for j in range(K)])
    chain_hints = {"this sums over j, the second index of J: transpose it": J @ dyhat}
    assert_array(assert_unchanged(dL_dz_chain, dyhat, J), right, "dL/dz", hints=chain_hints)
    assert_array(dL_dz_chain(dyhat, np.asfortranarray(J)), right, "dL/dz of a J by columns")
### END HIDDEN TESTS

# %% [markdown]
# ### 2.5 Top of the ladder: $dL/dz$ · 1 point
#
# Multiply rung one by rung three on paper, as rung four says. Nearly everything cancels. Write what
# is left, not the product.

# %% solution id="dL_dz"
def dL_dz(y, yhat):
    """dL/dz: the derivative of L with respect to the scores  (note, section 2)

    y (K,), probabilities that sum to 1; yhat (K,), the softmax of z.  Returns dz (K,).
    """
    ### BEGIN SOLUTION
    return yhat - y
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# In $\sum_k$ of rung one times rung three, what cancels before you sum? And what do the $y_k$ sum
# to?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Two terms are left, and you can say them aloud in
# three words. The product of the two pieces breaks where a probability is 0; the short form does
# not.</details>
# <details><summary>Hint 3, the shapes</summary>(K,) and (K,) give (K,). The K numbers sum to
# 0.</details>

# %% test id="test_dL_dz" points=1
"""dL/dz, also where a probability is 0"""
y, z = np.array([0.0, 0.5, 0.5]), np.log([1.0, 2.0, 5.0])
yhat = np.exp(z) / np.exp(z).sum()


def L_of_z(z):
    """The end of the forward pass: L from z."""
    return np.log(np.exp(z).sum()) - (y * z).sum()


dz_hints = {
    "the sign: a score that is too high must come down": y - yhat,
    "y is missing: this is ŷ alone": yhat,
    "the softmax's own slope is in it once more; it has cancelled": (
        (yhat - y) * yhat * (1 - yhat)
    ),
    "this has the diagonal of the Jacobian alone: z_j moves the other ŷ_k, too": -y * (1 - yhat),
}
assert_derivative(dL_dz(y, yhat), L_of_z, z, "dL/dz", of="L", wrt="z", hints=dz_hints)
assert_array(dL_dz(np.array([1.0, 0.0]), np.array([0.0, 1.0])), np.array([-1.0, 1.0]), "dL/dz")
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dz")
for K in (2, 5, 8):
    z = rng.normal(size=K)
    for y in (np.eye(K)[rng.integers(K)], rng.dirichlet(np.ones(K))):
        right = numerical_gradient(lambda z, y=y: np.log(np.exp(z).sum()) - y @ z, z)
        yhat = np.exp(z) / np.exp(z).sum()
        assert_array(assert_unchanged(dL_dz, y, yhat), right, "dL/dz", hints={
            "the sign: a score that is too high must come down": -right
        })
        single = dL_dz(y.astype(np.float32), yhat.astype(np.float32))
        assert_array(single, right.astype(np.float32), "dL/dz in float32", atol=1e-6)
### END HIDDEN TESTS

# %% manual [markdown] id="why_it_cancels" points=4
# **In your own words.** (a) Multiply $dL/d\hat y$ and the Jacobian out, entry $j$, and mark the
# place where you use that the $y_k$ sum to 1. (b) On a computer, why is the short form of $dL/dz$
# better than the product $J^T \frac{dL}{d\hat y}$? Name one input for which they differ.
#
# ### BEGIN SOLUTION
# (a) $\frac{dL}{dz_j} = \sum_k -\frac{y_k}{\hat y_k}\,\hat y_k (1\{k=j\} - \hat y_j)
# = -\sum_k y_k 1\{k=j\} + \hat y_j \sum_k y_k = -y_j + \hat y_j$. The last step uses
# $\sum_k y_k = 1$; with another total $t$ it would be $t\,\hat y_j - y_j$.
#
# (b) The $\hat y_k$ in the denominator cancels on paper, but not in floating point. With
# $z = (1000, 0)$ and $y = (0, 1)$ the probability of the true class is 0: the product is infinity
# times zero, NaN, where $\hat y - y = (1, -1)$ is right. This is the sample that is most wrong and
# has most to teach. Also: $K$ operations in place of $K^2$, and no rounding from a division.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: the sum over $k$ is multiplied out and $\hat y_k$ cancels. 1 point: names
# $\sum_k y_k = 1$ at the right place. 1 point: division by a probability that is 0 or tiny (a
# statement about cost alone earns half). 1 point: a concrete input, any with an underflowing
# probability of the true class.
# ### END MARK SCHEME

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\frac{dL}{dz_j} = \sum_k \frac{dL}{d\hat y_k}\,\frac{d\hat y_k}{dz_j}
#   \qquad\Rightarrow\qquad \frac{dL}{dz} = \hat y - y$$
#
# Prediction minus target, the same as for one sigmoid in assignment 1. Its derivation is question
# (a). For a sure and wrong softmax the division by a tiny $\hat y_k$ in the first rung makes up
# exactly for the tiny Jacobian.
#
# </details>

# %% [markdown]
# ## 3 · Four gradients, one sample · 8 points · 25 minutes
#
# The note's section 2 lists how a layer's output changes with its input, its bias and its weights.
# Its section 3 multiplies these derivatives. You derive both.
#
# Take any layer $a = g(s)$ with $s = Wx + b$, and let `slope` hold the numbers $g'(s_j)$, one for
# each unit. Write one output on paper before you start:
# $a_j = g\bigl(\sum_l W_{jl}\, x_l + b_j\bigr)$.
#
# ### 3.1 First rung: $da/dx$ · 1 point
#
# How does output $j$ change with input $l$?

# %% solution id="da_dx"
def da_dx(W, slope):
    """da_j/dx_l of a layer a = g(W x + b)                 (note, section 2, dz/dh)

    W (M, p); slope (M,) holds g'(s_j).  Returns (M, p): output j in row j.
    """
    ### BEGIN SOLUTION
    return slope[:, None] * W
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What is the derivative of $s_j$ with respect to $x_l$? And of $a_j$ with respect to $s_j$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Row j of the result is row j of something you have,
# times one number.</details>
# <details><summary>Hint 3, the shapes</summary>(M, 1) times (M, p) scales rows; (M,) times (M, p)
# would scale columns, if it ran at all.</details>

# %% test id="test_da_dx" points=1
"""da/dx: how a layer's outputs change with its inputs"""
W, b, x = np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([0.5, 0.0]), np.array([0.5, 0.25])
slope = 1 - np.tanh(W @ x + b) ** 2
dx_hints = {
    "the slopes are missing": W,
    "the slopes scale the columns of W; row j belongs to unit j": W * slope,
    "it is the transpose": (slope[:, None] * W).T,
}
assert_derivative(
    da_dx(W, slope), lambda x: np.tanh(W @ x + b), x, "da/dx", of="a", wrt="x", hints=dx_hints
)
### BEGIN HIDDEN TESTS
rng = secret_rng("da_dx")
for p, M in [(3, 4), (2, 1), (1, 3), (3, 3)]:
    W, b, x = rng.normal(size=(M, p)), rng.normal(size=M), rng.normal(size=p)
    right = np.array(
        [numerical_gradient(lambda x, j=j: np.tanh(W[j] @ x + b[j]), x) for j in range(M)]
    )
    value = assert_unchanged(da_dx, W, 1 - np.tanh(W @ x + b) ** 2)
    assert_array(value, right, "da/dx", hints={"the slopes are missing": W})
### END HIDDEN TESTS

# %% [markdown]
# ### 3.2 Second rung: $da/db$ · 1 point
#
# Does output 0 change when the bias of unit 1 does?

# %% solution id="da_db"
def da_db(slope):
    """da_j/db_i of a layer a = g(W x + b)                 (note, section 2, dz/db and dh/db)

    slope (M,) holds g'(s_j).  Returns (M, M): output j in row j.
    """
    ### BEGIN SOLUTION
    return np.diag(slope)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which of the M biases is in $s_j$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A matrix that is zero but for its
# diagonal.</details>
# <details><summary>Hint 3, the shapes</summary>M outputs, M biases: (M, M). The note prints "1" for
# it.</details>

# %% test id="test_da_db" points=1
"""da/db: how a layer's outputs change with its biases"""
s = np.array([0.5, -1.0, 2.0])
slope = 1 - np.tanh(s) ** 2
db_hints = {
    "the slopes are missing": np.eye(3),
    "every output changes with every bias here; s_j contains b_j alone": np.outer(slope, [1, 1, 1]),
}
assert_derivative(
    da_db(slope), lambda b: np.tanh(s + b), np.zeros(3), "da/db", of="a", wrt="b", hints=db_hints
)
### BEGIN HIDDEN TESTS
rng = secret_rng("da_db")
for M in (1, 2, 5):
    s = rng.normal(size=M)
    right = np.array(
        [numerical_gradient(lambda b, j=j: np.tanh(s + b)[j], np.zeros(M)) for j in range(M)]
    )
    hints = {"the slopes are missing": np.eye(M)}
    assert_array(assert_unchanged(da_db, 1 - np.tanh(s) ** 2), right, "da/db", hints=hints)
### END HIDDEN TESTS

# %% [markdown]
# ### 3.3 Third rung: $da/dW$ · 1 point
#
# Every output with respect to every weight: three indices, $da_j / dW_{il}$. Nearly all of these
# numbers are 0. Build the block once, to see it. After that nobody ever does.

# %% solution id="da_dW"
def da_dW(x, slope):
    """da_j/dW_il of a layer a = g(W x + b)                (note, section 2, dz/dU and dh/dW)

    x (p,); slope (M,) holds g'(s_j).  Returns (M, M, p): the indices j, i, l.
    """
    ### BEGIN SOLUTION
    return np.diag(slope)[:, :, None] * x
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Row i of W goes into one s only. Which? And what multiplies $W_{il}$ there?
# </details>
#
# <details><summary>Hint 2, the idea</summary>It is rung two, with one more factor and one more
# axis.</details>
# <details><summary>Hint 3, the shapes</summary>(M, M, 1) with (p,) broadcasts to (M, M,
# p).</details>

# %% test id="test_da_dW" points=1
"""da/dW: how a layer's outputs change with its weights"""
W, x = np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([0.5, 0.25])
slope = 1 - np.tanh(W @ x) ** 2
dW_hints = {
    "the slopes are missing": np.eye(2)[:, :, None] * x,
    "this is (M, p), each output by its own row; the zeros for the other rows belong in": (
        np.outer(slope, x)
    ),
    "every output changes with every row of W here; s_j contains row j alone": (
        np.multiply.outer(slope, np.array([x, x]))
    ),
}
assert_derivative(
    da_dW(x, slope), lambda W: np.tanh(W @ x), W, "da/dW", of="a", wrt="W", hints=dW_hints
)
### BEGIN HIDDEN TESTS
rng = secret_rng("da_dW")
for p, M in [(3, 4), (2, 1), (1, 3), (3, 3)]:
    W, x = rng.normal(size=(M, p)), rng.normal(size=p)
    right = np.array([numerical_gradient(lambda W, j=j: np.tanh(W[j] @ x), W) for j in range(M)])
    value = assert_unchanged(da_dW, x, 1 - np.tanh(W @ x) ** 2)
    assert_array(value, right, "da/dW", hints={
        "it is (M, p, M): the index of the unit second": np.moveaxis(right, 1, 2)
    })
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $a_j = g(s_j)$ with $s_j = \sum_l W_{jl}\, x_l + b_j$. The outer derivative is $g'(s_j)$ each time;
# inside,
#
# $$\frac{da_j}{dx_l} = g'(s_j)\, W_{jl}, \qquad \frac{da_j}{db_i} = g'(s_j)\, 1\{i = j\}, \qquad
#   \frac{da_j}{dW_{il}} = g'(s_j)\, 1\{i = j\}\, x_l .$$
#
# With $g' = 1$ this is the output layer: the note's $\frac{dz}{dh} = U$, $\frac{dz}{d\hat b} = 1$
# (printed with $b$) and $\frac{dz}{dU} = h$. With $g' = 1 - h^2$ it is the hidden layer:
# $\frac{dh}{db} = 1 - \tanh^2(Wx + b)$ and $\frac{dh}{dW} = (1 - \tanh^2(Wx + b)) \cdot x$.
#
# *Where we differ from print:* "1" stands for an identity matrix, and "$h$" for a block of numbers
# with three indices.
#
# </details>

# %% [markdown]
# ### 3.4 $dL/dU$ and $dL/d\hat b$ · 2 points
#
# Now use the Jacobians without building them. The output layer is $z = Uh + \hat b$, and $dL/dz$ is
# given. Multiply it into $dz/dU$ and $dz/d\hat b$ on paper: the zeros and the ones drop out. What
# is left?

# %% solution id="output_gradients"
def output_gradients(dz, h):
    """dL/dU and dL/db̂ from dL/dz                          (note, section 3)

    dz (K,) is dL/dz of z = U h + b̂; h (M,).  Returns the pair dU (K, M), dbhat (K,).
    """
    ### BEGIN SOLUTION
    return np.outer(dz, h), dz
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# $U_{km}$ carries $h_m$ into $z_k$, and into nothing else. Which two numbers make its derivative?
# </details>
#
# <details><summary>Hint 2, the idea</summary>All such products in one matrix: an outer
# product.</details>
# <details><summary>Hint 3, the shapes</summary>(K, 1) times (1, M) is (K, M), the shape of
# U.</details>

# %% test id="test_output_gradients" points=2
"""dL/dU and dL/db̂ for one sample"""
U, bhat, h = np.array([[1.0, 0.0], [0.5, 2.0], [0.0, 1.0]]), np.zeros(3), np.array([0.5, 3.0])


def L_of_output_layer(U, bhat, h, k=0):
    """The end of the forward pass: L from U, b̂ and h, for a sample of class k."""
    z = U @ h + bhat
    return np.log(np.exp(z).sum()) - z[k]


z = U @ h + bhat
dz = np.exp(z) / np.exp(z).sum() - np.eye(3)[0]
pair = output_gradients(dz, h)
assert_several(pair, 2, "dU and dbhat")
assert_derivative(
    pair[0], lambda U: L_of_output_layer(U, bhat, h), U, "dL/dU", of="L", wrt="U",
    hints={"the weights do not belong here: z is linear in U": dz[:, None] * U},
)  # fmt: skip
assert_derivative(
    pair[1], lambda bhat: L_of_output_layer(U, bhat, h), bhat, "dL/db̂", of="L", wrt="b̂"
)
square, dz = np.array([[1.0, 0.5], [0.0, 2.0]]), np.array([0.25, -0.25])
transposed = {"it is the transpose: swap the factors": np.outer(h, dz)}
assert_derivative(
    output_gradients(dz, h)[0], lambda U: dz @ (U @ h), square, "dL/dU with K = M", of="L", wrt="U",
    hints=transposed,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("output_gradients")
for K, M in [(2, 5), (4, 4), (3, 1)]:
    U, bhat, h = rng.normal(size=(K, M)), rng.normal(size=K), rng.normal(size=M)
    z = U @ h + bhat
    y = np.eye(K)[np.argmin(z)]
    dz = np.exp(z) / np.exp(z).sum() - y

    def trusted(U, bhat, h=h, y=y):
        z = U @ h + bhat
        return np.log(np.exp(z).sum()) - y @ z

    dU, dbhat = assert_unchanged(output_gradients, dz, h)
    right = numerical_gradient(lambda U: trusted(U, bhat), U)
    hints = {"it is the transpose: swap the factors": right.T}
    assert_array(dU, right, "dL/dU", hints=hints)
    assert_array(dbhat, numerical_gradient(lambda bhat: trusted(U, bhat), bhat), "dL/db̂")
    strided = output_gradients(np.repeat(dz, 2)[::2], np.repeat(h, 2)[::2])
    assert_array(strided[0], right, "dL/dU of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ### 3.5 $dL/db$ · 2 points
#
# One layer further down. The change of $b$ goes through $s = Wx + b$, through the tanh, through
# $U$, and only then meets $dL/dz$. Walk back along that path.

# %% solution id="dL_db"
def dL_db(U, dz, h):
    """dL/db from dL/dz                                    (note, section 3)

    U (K, M); dz (K,) is dL/dz of z = U h + b̂; h (M,) = tanh(W x + b).  Returns db (M,).
    """
    ### BEGIN SOLUTION
    return (1 - h**2) * (U.T @ dz)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# First $dL/dh$: hidden unit m reaches all K scores. Over which index do you sum? Then from h to s:
# what is the slope of tanh, written with h?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Back through U, then times the slopes. h is given, so
# no tanh is needed.</details>
# <details><summary>Hint 3, the shapes</summary>(M, K) times (K,) is (M,), the shape of
# b.</details>

# %% test id="test_dL_db" points=2
"""dL/db for one sample"""
U, dz = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), np.array([-1.0, 0.25, 0.75])
s = np.array([0.5, -1.0])


def L_of_s(s):
    """The forward pass after s, with dL/dz as given."""
    return dz @ (U @ np.tanh(s))


h, dh = np.tanh(s), U.T @ dz
db_hints = {
    "the slope of tanh is missing": dh,
    "this has tanh in the place of its slope": h * dh,
    "tanh is applied to h again; h is tanh(W x + b) already": (1 - np.tanh(h) ** 2) * dh,
    "this is 1 - h: the square is missing": (1 - h) * dh,
    "this is the slope of a sigmoid, h (1 - h); here it is tanh": h * (1 - h) * dh,
}
assert_derivative(dL_db(U, dz, h), L_of_s, s, "dL/db", of="L", wrt="b", hints=db_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_db")
for p, M, K in [(3, 5, 4), (4, 4, 4), (2, 3, 3), (5, 1, 2), (1, 6, 2)]:
    (W, b), (U, bhat) = random_layers([p, M, K], rng)
    x, y = rng.normal(size=p), np.eye(K)[0]

    def trusted(b, W=W, U=U, bhat=bhat, x=x, y=y):
        z = U @ np.tanh(W @ x + b) + bhat
        return np.log(np.exp(z).sum()) - y @ z

    h = np.tanh(W @ x + b)
    z = U @ h + bhat
    dz = np.exp(z) / np.exp(z).sum() - y
    hints = {"the slope of tanh is missing": U.T @ dz}
    if K == M:
        hints["this is U dz: the transpose of U is missing"] = (1 - h**2) * (U @ dz)
    value = assert_unchanged(dL_db, U, dz, h)
    assert_array(value, numerical_gradient(trusted, b), "dL/db", hints=hints)
assert_array(dL_db(U, dz, np.ones(M)), np.zeros(M), "dL/db of saturated units, h = 1")
### END HIDDEN TESTS

# %% [markdown]
# ### 3.6 $dL/dW$ · 1 point
#
# The bias and the weights go into the same $s$. So $dL/db$ is most of the answer. What does a
# weight $W_{jl}$ multiply?

# %% solution id="dL_dW"
def dL_dW(db, x):
    """dL/dW from dL/db                                    (note, section 3)

    db (M,) is dL/db of h = tanh(W x + b); x (p,).  Returns dW (M, p).
    """
    ### BEGIN SOLUTION
    return np.outer(db, x)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>You have solved this problem in 3.4. With which
# letters?</details>
# <details><summary>Hint 2, the idea</summary>What arrives at the end of the weight, times what went
# in at its beginning.</details>
# <details><summary>Hint 3, the shapes</summary>(M, 1) times (1, p) is (M, p), the shape of
# W.</details>

# %% test id="test_dL_dW" points=1
"""dL/dW for one sample"""
W, x, s_end = np.array([[1.0, 0.5], [0.0, -1.0]]), np.array([1.5, -2.0]), np.array([2.0, -1.0])


def L_of_W(W):
    """The forward pass after W: a loss with some slope at each s."""
    return (s_end * np.tanh(W @ x)).sum()


db = s_end * (1 - np.tanh(W @ x) ** 2)
dW_hints = {
    "it is the transpose: swap the factors": np.outer(x, db),
    "x is missing: every column is dL/db": np.outer(db, [1, 1]),
    "the slopes are in dL/db already": np.outer(db * (1 - np.tanh(W @ x) ** 2), x),
}
assert_derivative(dL_dW(db, x), L_of_W, W, "dL/dW", of="L", wrt="W", hints=dW_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dW")
for p, M, K in [(3, 5, 4), (4, 4, 4), (2, 3, 3), (5, 1, 2), (1, 6, 2)]:
    (W, b), (U, bhat) = random_layers([p, M, K], rng)
    x, y = rng.normal(size=p), np.eye(K)[0]

    def trusted(W, b, U=U, bhat=bhat, x=x, y=y):
        z = U @ np.tanh(W @ x + b) + bhat
        return np.log(np.exp(z).sum()) - y @ z

    right = numerical_gradient(lambda W: trusted(W, b), W)
    db = numerical_gradient(lambda b: trusted(W, b), b)
    transposed = {"it is the transpose: swap the factors": right.T}
    assert_array(assert_unchanged(dL_dW, db, x), right, "dL/dW", hints=transposed)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# From the left, the row $dL/dz$ meets one Jacobian after the other. At the output layer the
# identity and the zeros drop out; at the hidden layer $U$ comes first, then the slopes:
#
# $$\frac{dL}{dU} = (\hat y - y)\, h^T, \qquad \frac{dL}{d\hat b} = \hat y - y, \qquad
#   \frac{dL}{db} = (1 - h^2) \odot \bigl(U^T (\hat y - y)\bigr), \qquad
#   \frac{dL}{dW} = \frac{dL}{db}\; x^T$$
#
# *Where we differ from print:* the note writes $(\hat y - y) \cdot h$ for the outer product and
# $(\hat y - y) \cdot U \cdots x$ without saying what is transposed. It calls two different results
# $dL/db$; the first is $dL/d\hat b$. Its $1 - \tanh^2(Wx + b)$ is $1 - h^2$.
#
# </details>

# %% [markdown]
# Your gradients on the wires of a small network. One that is not right is red, with the right one next
# to it. Each function gets the right values of earlier rungs (`dL`) and of the forward pass (`value`); so run
# this as soon as a rung fails: those that are not done yet are left out.

# %% experiment id="drag_the_network"
from mlpkit import explorables as explore

rng = np.random.default_rng(6)
small = {"W": rng.normal(size=(3, 2)), "b": 0.1 * rng.normal(size=3), "U": rng.normal(size=(2, 3)),
         "bhat": np.zeros(2)}  # fmt: skip
x, y = np.array([1.0, -0.5]), np.array([0.0, 1.0])
mine = {
    "dL_dz": lambda value, dL: dL_dz(y, softmax(value["z"])),
    "dL_dU": lambda value, dL: output_gradients(dL["z"], value["h"])[0],
    "dL_dbhat": lambda value, dL: output_gradients(dL["z"], value["h"])[1],
    "dL_db": lambda value, dL: dL_db(small["U"], dL["z"], value["h"]),
    "dL_dW": lambda value, dL: dL_dW(dL["b"], x),
}
explore.backward_pass({**small, "x": x, "y": y}, wrong=mine)

# %% [markdown]
# ## 4 · Activations · 3 points · 13 minutes
#
# From here on tanh is one activation among others. What goes into it is the pre-activation $s$ of
# section 3.
#
# | name | $g(s)$ |
# |:--|:--|
# | tanh | $\tanh s$ |
# | sigmoid | $\sigma(s) = 1 / (1 + e^{-s})$ |
# | relu | $\max(s, 0)$ |
# | identity | $s$ |
#
# At $s = 0$ the ReLU has no derivative. The note of assignment 3 takes 1 there, most libraries take
# 0. Here it is 0.
#
# ### 4.1 The activation · 1 point
#
# Entries of 1000 may come in, and must not overflow: the sigmoid is that of assignment 1.

# %% solution id="activation"
def activation(name, s):
    """g(s) for g = tanh, sigmoid, relu or identity        (note, section 4: any g)

    name is one of these four words; s is an array of any shape and size of entries: ±1000 must
    not overflow.  Returns an array of the shape of s.
    """
    ### BEGIN SOLUTION
    if name == "tanh":
        return np.tanh(s)
    if name == "sigmoid":
        e = np.exp(np.minimum(s, -s))  # exp(-|s|), never above 1
        return np.where(s > 0, 1, e) / (1 + e)
    if name == "relu":
        return np.maximum(s, 0)
    return s
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# For which sign of $s$ is $e^{-s}$ harmless, and what is sigmoid in terms of $e^s$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $e^{-|s|}$ is never above 1. np.where takes one formula here and the other there; sigmoid can
# also be written with tanh.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>Everything works entry by entry: (3, 4) in, (3, 4)
# out.</details>

# %% test id="test_activation" points=1
"""Four activations, for entries of any size"""
s = np.log([[0.5, 1.0, 3.0]])
wanted = {
    "tanh": np.array([[-0.6, 0.0, 0.8]]),
    "sigmoid": np.array([[1 / 3, 1 / 2, 3 / 4]]),
    "relu": np.log([[1.0, 1.0, 3.0]]),
    "identity": np.log([[0.5, 1.0, 3.0]]),
}
for name, right in wanted.items():
    activation_hints = {"the sign of s": -right}
    if name == "relu":
        activation_hints["this is a leaky one: below 0 the ReLU is 0"] = np.where(s > 0, s, 0.01 * s)
    if name == "sigmoid":
        activation_hints |= {
            "this is σ(-s), or 1 - σ(s): the sign of s": 1 - right,
            "this is σ(2s): as a tanh, σ(s) = (1 + tanh(s/2)) / 2, with half of s": (
                right**2 / (right**2 + (1 - right) ** 2)
            ),
        }
    assert_array(activation(name, s), right, f"{name}(s)", hints=activation_hints)
with np.errstate(over="ignore"):  # what overflows on the way to the right value is no mistake
    ends = activation("sigmoid", np.array([1000.0, -1000.0]))
assert_array(ends, np.array([1.0, 0.0]), "sigmoid(±1000)")
### BEGIN HIDDEN TESTS
rng = secret_rng("activation")
for shape in [(5,), (3, 4), (1, 2)]:
    s = 3 * rng.normal(size=shape)
    wanted = {
        "tanh": (np.exp(s) - np.exp(-s)) / (np.exp(s) + np.exp(-s)),
        "sigmoid": np.exp(s) / (1 + np.exp(s)),
        "relu": (s + np.abs(s)) / 2,
        "identity": s.copy(),
    }
    for name, right in wanted.items():
        assert_array(assert_unchanged(activation, name, s), right, f"{name}(s)")
        single = activation(name, s.astype(np.float32))
        assert_array(single, right.astype(np.float32), f"{name}(s) in float32")
### END HIDDEN TESTS

# %% [markdown]
# ### 4.2 Its slope · 2 points
#
# On the way back every unit multiplies by the slope at the point where it was, so we need $g'$ at
# the same $s$.

# %% solution id="slope"
def slope(name, s):
    """g'(s), entry by entry                               (note, section 4: any g)

    name is "tanh", "sigmoid", "relu" or "identity"; s as in activation, before g is applied. The
    slope of relu at s = 0 is 0.  Returns an array of floats of the shape of s.
    """
    ### BEGIN SOLUTION
    if name == "tanh":
        return 1 - np.tanh(s) ** 2
    if name == "sigmoid":
        e = np.exp(np.minimum(s, -s))
        return e / (1 + e) ** 2  # σ(s) σ(-s), the same for s and -s
    if name == "relu":
        return np.where(s > 0, 1.0, 0.0)
    return np.ones(s.shape)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>At which s is each of the four steepest, and how
# steep is it there?</details>
# <details><summary>Hint 2, the idea</summary>Two of the slopes can be read off the value of g, and
# the value is safe already. The other two need no value, only a sign or a shape.</details>
# <details><summary>Hint 3, the shapes</summary>(3, 4) in, (3, 4) out, floats, also where the slope
# is the same everywhere.</details>

# %% test id="test_slope" points=2
"""The slopes of the four activations"""
s = np.log([[0.5, 1.0, 3.0]])
wanted = {
    "tanh": np.array([[0.64, 1.0, 0.36]]),
    "sigmoid": np.array([[2 / 9, 1 / 4, 3 / 16]]),
    "relu": np.array([[0.0, 0.0, 1.0]]),
    "identity": np.array([[1.0, 1.0, 1.0]]),
}
slope_hints = {
    "tanh": {
        "this is 1 - s²: it has s in the place of tanh s": 1 - s**2,
        "the slope is taken at tanh s; it belongs at s": 1 - np.tanh(np.tanh(s)) ** 2,
        "this is 1 - tanh s: the square is missing": 1 - np.tanh(s),
    },
    "sigmoid": {
        "this is s (1 - s): it has s in the place of σ(s)": s * (1 - s),
        "this is σ(s), not its slope": np.array([[1 / 3, 1 / 2, 3 / 4]]),
        "this is 1 - σ(s): a factor is missing": np.array([[2 / 3, 1 / 2, 1 / 4]]),
    },
    "relu": {
        "at s = 0 the slope is 0, by our convention: 1 only where s > 0": np.array([[0.0, 1.0, 1.0]]),
        "this is the value max(s, 0)": np.maximum(s, 0),
    },
    "identity": {"this is the value s": s},
}
for name, right in wanted.items():
    assert_array(slope(name, s), right, f"{name}'(s)", hints=slope_hints[name])
### BEGIN HIDDEN TESTS
rng = secret_rng("slope")
trusted = {
    "tanh": np.tanh,
    "sigmoid": lambda s: 1 / (1 + np.exp(-s)),
    "relu": lambda s: np.where(s.real > 0, s, 0),
    "identity": lambda s: s,
}
for shape in [(5,), (3, 4), (1, 2)]:
    s = 3 * rng.normal(size=shape)
    s.flat[0] = 0.5  # one slope of tanh that float32 does not round away
    for name, g in trusted.items():
        right = numerical_gradient(lambda s, g=g: g(s).sum(), s)
        assert_array(assert_unchanged(slope, name, s), right, f"{name}'(s)")
        single = slope(name, s.astype(np.float32))
        assert_array(single, right.astype(np.float32), f"{name}'(s) in float32")
far = np.array([1000.0, -1000.0])
for name, right in [("tanh", [0.0, 0.0]), ("sigmoid", [0.0, 0.0]), ("relu", [1.0, 0.0])]:
    with np.errstate(over="ignore"):
        ends = slope(name, far)
    assert_array(ends, np.array(right), f"{name}'(±1000)", atol=1e-100)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# | name | tanh | sigmoid | relu | identity |
# |:--|:--|:--|:--|:--|
# | $g'(s)$ | $1 - \tanh^2 s$ | $\sigma(s)\,(1 - \sigma(s))$ | 1 where $s > 0$, else 0 | 1 |
#
# The first two can be read off the value of $g$; that is why frameworks keep the output of a layer.
#
# </details>

# %% [markdown]
# ## 5 · Forward through n layers · 3 points · 6 minutes
#
# Each layer takes in what the one before has put out:
#
# $$x^{(i+1)} = g^{(i)}\bigl(W^{(i)} x^{(i)} + b^{(i)}\bigr), \qquad
#   \hat y = g^{(n)}\bigl(W^{(n)} x^{(n)} + b^{(n)}\bigr)$$
#
# The way back will need what went into each layer, and every pre-activation. So keep both. The
# $g^{(i)}$ come in as functions: `forward` need not know which.
#
# Write it so that the same lines work for one sample `(p,)` and a batch with one sample in each row,
# `(N, p)`. One product does both.

# %% solution id="forward"
def forward(layers, gs, x):
    """x_{i+1} = g_i(W_i x_i + b_i) through all layers     (note, section 4)

    layers: n pairs (W, b), W (m_out, m_in), b (m_out,); gs: n functions of an array;
    x (p,), or (N, p) with a sample in each row.
    Returns the pair (xs, pres): xs, a list of n + 1 arrays, begins with x and ends with ŷ;
    pres, a list of n arrays, holds W_i x_i + b_i.
    """
    ### BEGIN SOLUTION
    xs, pres = [x], []
    for (W, b), g in zip(layers, gs):
        pres.append(xs[-1] @ W.T + b)
        xs.append(g(pres[-1]))
    return xs, pres
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>In W x the sample is a column. What does the product
# become when the sample is a row?</details>
# <details><summary>Hint 2, the idea</summary>Two lists that grow by one array for each layer. xs
# starts with x, pres starts empty.</details>
# <details><summary>Hint 3, the shapes</summary>(N, p) times (p, m) is (N, m), and (p,) times (p, m)
# is (m,); b (m,) fits both.</details>

# %% test id="test_forward" points=3
"""Forward through n layers, for one sample and for rows of samples"""
layers = [
    (np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([0.0, -3.0, 1.0])),
    (np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]), np.array([0.5, -0.5])),
]
gs = [lambda a: np.maximum(a, 0), lambda a: 2 * a]
pair = forward(layers, gs, np.array([1.0, 2.0]))
assert_several(pair, 2, "the lists xs and pres")
assert_several(pair[0], 3, "the xs: x, what is between, and ŷ")
assert_several(pair[1], 2, "the pres: one for each layer")
after = {"this is what comes after g; pres holds what goes into g": [1.0, 0.0, 4.0]}
assert_array(pair[1][0], np.array([1.0, -1.0, 4.0]), "pres[0] = W x + b", hints=after)
assert_array(pair[0][1], np.array([1.0, 0.0, 4.0]), "xs[1] = g(pres[0])")
end_hints = {
    "the last g is missing": [13.5, -4.5],
    "the activation of layer 0 is missing on the way to layer 1": [23.0, -11.0],
    "the bias of the last layer is missing": [26.0, -8.0],
}
assert_array(pair[0][2], np.array([27.0, -9.0]), "xs[2] = ŷ", hints=end_hints)
rows = forward(layers, gs, np.array([[1.0, 2.0], [0.0, 0.0]]))[0][2]
assert_array(rows, np.array([[27.0, -9.0], [7.0, -3.0]]), "ŷ of two samples in rows")
assert_vectorised(forward, lambda n: (layers, gs, np.ones((n, 2))))
### BEGIN HIDDEN TESTS
def trusted_softmax(a):
    powers = np.exp(a - a.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


rng = secret_rng("forward")
for sizes in [(3, 5, 4), (4, 2), (3, 3, 3, 3, 3), (2, 1, 4, 2)]:
    layers = random_layers(sizes, rng)
    gs = [np.tanh, lambda a: np.maximum(a, 0), lambda a: a, np.tanh][: len(layers) - 1]
    gs = [lambda a, g=g: g(a) for g in gs] + [trusted_softmax]
    for X in (rng.normal(size=sizes[0]), *(rng.normal(size=(N, sizes[0])) for N in (1, 6))):
        wanted_xs, wanted_pres = [X], []
        for (W, b), g in zip(layers, gs):
            wanted_pres.append(np.einsum("ji,...i->...j", W, wanted_xs[-1]) + b)
            wanted_xs.append(g(wanted_pres[-1]))
        xs, pres = assert_unchanged(forward, layers, gs, X)
        assert_several(xs, len(wanted_xs), "the xs: x, what is between, and ŷ")
        assert_several(pres, len(wanted_pres), "the pres: one for each layer")
        for i, right in enumerate(wanted_xs):
            assert_array(xs[i], right, f"xs[{i}] for x of shape {X.shape}")
        for i, right in enumerate(wanted_pres):
            assert_array(pres[i], right, f"pres[{i}] for x of shape {X.shape}")
X = rng.normal(size=(64, sizes[0]))
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · Backward, twice · 12 points · 26 minutes
#
# The note ends with two forms of the backward pass. The first is easy to read, the second fast.
# You derive both from one step.
#
# ### 6.1 One step down · 2 points
#
# Layer $i$ ends in $x^{(i+1)} = g^{(i)}(s^{(i)})$; the layer above it begins with
# $s^{(i+1)} = W^{(i+1)} x^{(i+1)} + b^{(i+1)}$. You are given the row
# $\delta^{(i+1)} = dL/ds^{(i+1)}$. What is $\delta^{(i)} = dL/ds^{(i)}$? You took this step in
# 3.5, for the tanh. (Everything below layer $i$ is out of sight, and so is everything above $i + 1$:
# that row says all there is to say about it.)

# %% solution id="step_down"
def step_down(delta, W, slope):
    """dL/ds of a layer from dL/ds of the layer above      (note, section 4, one factor)

    delta (K,): dL/ds above; W (K, m): the weights above; slope (m,): g'(s) of this layer.
    Returns dL/ds of this layer (m,).
    """
    ### BEGIN SOLUTION
    return (delta @ W) * slope
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which lies nearer to the loss, the weights or the
# activation below them?</details>
# <details><summary>Hint 2, the idea</summary>A row through a matrix, then entry by entry. Two
# factors, in the order in which you meet them on the way back.</details>
# <details><summary>Hint 3, the shapes</summary>A row (K,) times (K, m) is (m,), the shape of the
# slopes.</details>

# %% test id="test_step_down" points=2
"""One step down: dL/ds of a layer from that of the layer above"""
W, s, delta = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0.5, -1.0]), np.array([1.0, -0.5])


def forward_step(s):
    """From s of one layer to s of the next."""
    return W @ np.tanh(s)


slopes = 1 - np.tanh(s) ** 2
step_hints = {
    "the slopes are missing": delta @ W,
    "the transpose of W is in the wrong place": (W @ delta) * slopes,
    "the slopes act before W: they belong to the units below it": (delta * slopes) @ W,
}
assert_derivative(
    step_down(delta, W, slopes), forward_step, s, "dL/ds", of="L", wrt="s of the layer below",
    upstream=delta, hints=step_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("step_down")
for m, K in [(3, 4), (1, 2), (3, 3), (5, 1)]:
    W, s, delta = rng.normal(size=(K, m)), rng.normal(size=m), rng.normal(size=K)
    right = numerical_gradient(lambda s: delta @ (W @ np.tanh(s)), s)
    value = assert_unchanged(step_down, delta, W, 1 - np.tanh(s) ** 2)
    assert_array(value, right, "dL/ds", hints={"the slopes are missing": delta @ W})
    strided = step_down(delta, np.asfortranarray(W), 1 - np.tanh(s) ** 2)
    assert_array(strided, right, "dL/ds from a W by columns")
### END HIDDEN TESTS

# %% [markdown]
# ### 6.2 The product form · 2 points
#
# From the error at the end take as many steps down as it needs to reach layer $i$; then read $dL/dW$
# and $dL/db$ of that layer off the row. On paper this is one long product, and that is how the note
# writes it. In code layers count from 0, so the last is number $n - 1$. For that one there is no
# step at all.

# %% solution id="product_form"
def product_form(weights, slopes, xs, error, i):
    """dL/dW and dL/db of layer i, for one sample          (note, section 4, the product)

    weights: n matrices W_0 ... W_{n-1}; slopes: n - 1 arrays g_j'(s_j), one for each layer but the
    last; xs: what went into each layer, n arrays; error (K,): dL/ds of the last layer;
    i: the number of the layer, 0 <= i < n.
    Returns the pair dW, db, of the shapes of W_i and b_i.
    """
    ### BEGIN SOLUTION
    db = error
    for j in range(len(weights) - 2, i - 1, -1):
        db = (db @ weights[j + 1]) * slopes[j]
    return np.outer(db, xs[i]), db
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How many steps lead to the last layer, and how many
# to the first? Which matrix and which slopes does the first step use?</details>
# <details><summary>Hint 2, the idea</summary>A loop over j that goes down. Each turn is 6.1: one
# matrix, then one array of slopes. The end is 3.6.</details>
# <details><summary>Hint 3, the shapes</summary>A row (K,) times (K, m) is (m,), the shape of the
# slopes below. The row at the end has the shape of the bias.</details>

# %% test id="test_product_form" points=2
"""The product form: the gradient of any one layer, straight from the error"""
# a chain of single units with weights 2, 3, 5, 7
weights = [np.array([[v]]) for v in (2.0, 3.0, 5.0, 7.0)]
slopes = [np.array([v]) for v in (0.4, 0.3, 0.2)]
xs = [np.array([v]) for v in (2.0, 7.0, 11.0, 13.0)]
chain_hints = [
    {
        "the slopes of layer 0 itself are missing, as in the note's second form": [8.19],
        "the product starts one layer too late: W of the last layer is missing": [0.468],
    },
    {"the slopes of layer 1 itself are missing, as in the note's second form": [9.1]},
    {"the slopes of layer 2 itself are missing, as in the note's second form": [9.1]},
    {"the product of the last layer is empty: dL/db is the error": [1.82]},
]
for i, right in [(0, 3.276), (3, 1.3), (2, 1.82), (1, 2.73)]:
    pair = product_form(weights, slopes, xs, np.array([1.3]), i)
    assert_several(pair, 2, "dW and db")
    assert_array(pair[1], np.array([right]), f"dL/db of layer {i}", hints=chain_hints[i])
    assert_array(pair[0], right * xs[i][:, None], f"dL/dW of layer {i}")
# two layers, of different sizes
weights = [np.eye(3)[:, :2], np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 5.0]])]
xs, error = [np.array([1.0, 2.0]), np.array([4.0, 5.0, 6.0])], np.array([1.0, -1.0])
pair = product_form(weights, [np.array([0.5, 1.0, 0.25])], xs, error, 0)
right = np.array([[-1.0, -2.0], [1.0, 2.0], [-0.5, -1.0]])
assert_array(pair[1], right[:, 0].copy(), "dL/db", hints={"the slopes are missing": [-2, 1, -2]})
assert_array(pair[0], right, "dL/dW")
### BEGIN HIDDEN TESTS
rng = secret_rng("product_form")
for sizes in [(3, 5, 4), (4, 2), (3, 3, 3, 3, 3), (2, 1, 4, 2)]:
    layers, x, y = random_layers(sizes, rng), rng.normal(size=sizes[0]), np.eye(sizes[-1])[0]

    def trusted(layers, x=x, y=y):
        for W, b in layers[:-1]:
            x = np.tanh(W @ x + b)
        z = layers[-1][0] @ x + layers[-1][1]
        return np.log(np.exp(z).sum()) - y @ z

    xs, weights = [x], [W for W, _ in layers]
    for W, b in layers:
        xs.append(np.tanh(W @ xs[-1] + b))
    z = layers[-1][0] @ xs[-2] + layers[-1][1]
    slopes, error = [1 - h**2 for h in xs[1:-1]], np.exp(z) / np.exp(z).sum() - y
    for i, (W, b) in enumerate(layers):
        before, after = layers[:i], layers[i + 1 :]
        right_W = numerical_gradient(lambda W: trusted([*before, (W, b), *after]), W)
        right_b = numerical_gradient(lambda b: trusted([*before, (W, b), *after]), b)
        dW, db = assert_unchanged(product_form, weights, slopes, xs[:-1], error, i)
        assert_array(db, right_b, f"dL/db of layer {i} of {len(layers)}")
        transposed = {"it is the transpose: swap the factors": right_W.T}
        assert_array(dW, right_W, f"dL/dW of layer {i} of {len(layers)}", hints=transposed)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# One step is $\delta^{(i)} = \bigl[\delta^{(i+1)}\, W^{(i+1)}\bigr] \odot g^{(i)\prime}(s^{(i)})$;
# put one into the next, from $\delta^{(n)} = \hat y - y$ down:
#
# $$\frac{dL}{db^{(i)}} = (\hat y - y) \prod_{j=n-1}^{i} \Bigl[ W^{(j+1)} \cdot
#   g^{(j)\prime}\bigl(W^{(j)} x^{(j)} + b^{(j)}\bigr) \Bigr], \qquad
#   \frac{dL}{dW^{(i)}} = \frac{dL}{db^{(i)}} \cdot x^{(i)}$$
#
# The error is a row here, a matrix follows, then slopes, one for each unit; the last product is an
# outer one. The order matters: $j$ falls.
#
# </details>

# %% [markdown]
# ### 6.3 The recursion · 8 points
#
# The product for layer $i$ contains the product for layer $i + 1$. So start at the end, keep one
# row $\delta$, and visit every layer once: read its gradients off $\delta$, then take one step down.
#
# Take a whole batch this time, one sample in each row of `error` and of every `xs[i]`. The loss is
# the **sum** over the samples. What becomes of the outer product, and of $dL/db$? (No loop over the
# samples.)

# %% solution id="backward"
def backward(weights, slopes, xs, error):
    """All dL/dW_i and dL/db_i in one pass, summed over the rows  (note, section 4, recursion)

    weights: n matrices (m_out, m_in); slopes: n - 1 arrays (N, m); xs: n arrays (N, m_in);
    error (N, K): dL/ds of the last layer, a sample in each row.
    Returns a list of n pairs (dW, db), first layer first.
    """
    ### BEGIN SOLUTION
    delta, gradients = error, []
    for i in reversed(range(len(weights))):
        gradients.append((delta.T @ xs[i], delta.sum(axis=0)))
        if i > 0:
            delta = (delta @ weights[i]) * slopes[i - 1]
    return gradients[::-1]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What does the last layer do with the error, and what
# must it pass down?</details>
# <details><summary>Hint 2, the idea</summary>
#
# One variable $\delta$ that changes on the way. Two gradients are read off it; then it goes
# through W, then times the slopes of the layer below. Which slopes are they, in `slopes`? A sum of
# outer products over the rows is one matrix product.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>
#
# $\delta$ (N, m_out) with $x$ (N, m_in) must give (m_out, m_in). $\delta$ (N, m_out) times W
# (m_out, m_in) is (N, m_in).
# </details>

# %% test id="test_backward" points=8
"""The recursion: the gradients of all layers, without a loop over the samples"""
# a chain of single units again, with two samples of equal x and unlike error
weights = [np.array([[2.0]]), np.array([[3.0]]), np.array([[5.0]])]
slopes = [np.array([[0.5], [0.5]]), np.array([[0.3], [0.3]])]
xs, error = [np.array([[v], [v]]) for v in (2.0, 7.0, 11.0)], np.array([[1.0], [0.6]])


def chain(*deltas):
    """The list of (dW, db) that these numbers, one for each layer, would give."""
    return [(np.array([[d * x[0, 0]]]), np.array([d])) for d, x in zip(deltas, xs)]


backward_hints = {
    "this is the mean over the samples; the loss is the sum": chain(1.8, 1.2, 0.8),
    "the slopes of the layer itself are missing, as the note prints it: multiply δ by them before "
    "the gradients are taken": chain(7.2, 8.0, 1.6),
    "the slopes of another layer are used: slopes[i] belongs to layer i": chain(3.6, 4.0, 1.6),
}
gradients = backward(weights, slopes, xs, error)
assert_gradients(gradients, chain(3.6, 2.4, 1.6), "", backward_hints)
# one sample, two layers, of different sizes
weights = [np.eye(3)[:, :2], np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 5.0]])]
xs, error = [np.array([[1.0, 2.0]]), np.array([[4.0, 5.0, 6.0]])], np.array([[1.0, -1.0]])
right = [
    (np.array([[-1.0, -2.0], [1.0, 2.0], [-0.5, -1.0]]), np.array([-1.0, 1.0, -0.5])),
    (np.array([[4.0, 5.0, 6.0], [-4.0, -5.0, -6.0]]), np.array([1.0, -1.0])),
]
assert_gradients(backward(weights, [np.array([[0.5, 1.0, 0.25]])], xs, error), right, "")
assert_vectorised(
    backward, lambda n: (weights, [np.ones((n, 3))], [np.ones((n, 2)), np.ones((n, 3))], np.ones((n, 2)))
)
### BEGIN HIDDEN TESTS
def trusted_values(layers, X):
    """xs and the last z."""
    xs = [X]
    for W, b in layers[:-1]:
        xs.append(np.tanh(xs[-1] @ W.T + b))
    return xs, xs[-1] @ layers[-1][0].T + layers[-1][1]


def trusted_loss(layers, X, Y):
    z = trusted_values(layers, X)[1]
    return np.log(np.exp(z).sum(axis=1)).sum() - (Y * z).sum()


rng = secret_rng("backward")
for N, sizes in [(6, (3, 5, 4)), (1, (4, 2)), (4, (3, 3, 3, 3)), (7, (2, 1, 4, 2)), (1, (2, 3, 2))]:
    layers, X = random_layers(sizes, rng), rng.normal(size=(N, sizes[0]))
    Y, weights = np.eye(sizes[-1])[rng.integers(sizes[-1], size=N)], [W for W, _ in layers]
    xs, z = trusted_values(layers, X)
    slopes = [1 - h**2 for h in xs[1:]]
    error = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - Y
    right = []
    for i, (W, b) in enumerate(layers):
        before, after = layers[:i], layers[i + 1 :]
        right.append((
            numerical_gradient(lambda W: trusted_loss([*before, (W, b), *after], X, Y), W),
            numerical_gradient(lambda b: trusted_loss([*before, (W, b), *after], X, Y), b),
        ))
    hints = {"this is the mean over the samples; the loss is the sum": (
        [(dW / N, db / N) for dW, db in right]
    )}
    value = assert_unchanged(backward, weights, slopes, xs, error)
    assert_gradients(value, right, f", {len(layers)} layers, N = {N}", hints)
    strided = backward([np.asfortranarray(W) for W in weights], slopes, xs, error)
    assert_gradients(strided, right, ", from arrays by columns")
rows = [rng.normal(size=(64, m)) for m in (2, 3, 2)]
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $$\delta^{(n)} = \hat y - y, \qquad
# \delta^{(i)} = \bigl(\delta^{(i+1)}\, W^{(i+1)}\bigr) \odot
#   g^{(i)\prime}\bigl(W^{(i)} x^{(i)} + b^{(i)}\bigr), \qquad
# \frac{dL}{db^{(i)}} = \delta^{(i)}, \qquad \frac{dL}{dW^{(i)}} = \delta^{(i)T} x^{(i)}$$
#
# With a sample in each row, $\delta^{(i)T} x^{(i)}$ is already the sum of the $N$ outer products, and
# $dL/db^{(i)}$ is the sum of the rows of $\delta^{(i)}$.
#
# *Where we differ from print:* in the note's second form the product stops one layer early, so that
# $g^{(i)\prime}$ is missing for every $i < n$, and a layer is told to multiply by it after its
# gradients are computed. Multiply before: it belongs to them. The first form has it right.
#
# </details>

# %% [markdown]
# Put your parts together, and let the gradient checker compare your `backward` with the loss of
# your `forward`, on real digits. It moves all parameters along random directions and compares
# slopes; it needs no reference solution.

# %% experiment id="check_on_digits"
digits = datasets.load_digits()
images, targets = digits.data / 16, datasets.one_hot(digits.target, 10)


def softmax_rows(Z):
    """Softmax of each row."""
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def gradient_of_net(layers, name, X, Y):
    """All (dW, db) of a network with one activation in every hidden layer."""
    gs = [lambda s: activation(name, s)] * (len(layers) - 1) + [softmax_rows]
    xs, pres = forward(layers, gs, X)
    slopes = [slope(name, s) for s in pres[:-1]]
    return backward([W for W, _ in layers], slopes, xs[:-1], xs[-1] - Y)


def loss_of_net(layers, name, X, Y):
    """The cross-entropy, summed over the rows."""
    gs = [lambda s: activation(name, s)] * (len(layers) - 1) + [softmax_rows]
    return -np.log((forward(layers, gs, X)[0][-1] * Y).sum(axis=1)).sum()


check_gradient(
    lambda layers: loss_of_net(layers, "tanh", images[:50], targets[:50]),
    lambda layers: gradient_of_net(layers, "tanh", images[:50], targets[:50]),
    random_layers([64, 16, 16, 16, 10], np.random.default_rng(2)),
    names=[f"{letter}{i}" for i in range(4) for letter in "Wb"],
)

# %% [markdown]
# ### What the second form buys
#
# Both forms give the same numbers. The cell below measures the time that each takes for all the
# gradients of one sample, for networks of 2 to 64 layers. The product form starts again at the top
# for every layer. **Before you run it:** if the depth doubles, what happens to each of the two times?

# %% experiment id="figure_two_forms"
"""Figure: CPU time of both forms against the depth"""


def seconds(function, repeats=20):
    """CPU time of the best of several runs."""
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


depths, product_times, recursion_times = [2, 4, 8, 16, 32, 64], [], []
for depth in depths:
    layers = random_layers([32] * (depth + 1), np.random.default_rng(depth))
    weights, x = [W for W, _ in layers], np.ones(32) / 6
    xs, pres = forward(layers, [np.tanh] * depth, x)
    slopes, xs, error = [slope("tanh", s) for s in pres[:-1]], xs[:-1], xs[-1]
    rows = [s[None] for s in slopes], [x[None] for x in xs], error[None]
    product_times.append(
        seconds(lambda: [product_form(weights, slopes, xs, error, i) for i in range(depth)])
    )
    recursion_times.append(seconds(lambda: backward(weights, *rows)))

fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
ax.loglog(depths, 1e3 * np.array(product_times), "s--", color="#D55E00", label="product form")
ax.loglog(depths, 1e3 * np.array(recursion_times), "o-", color="#0072B2", label="recursion")
for power, style, label in [(2, ":", "∝ n²"), (1, "-.", "∝ n")]:
    guide = (np.array(depths[2:]) / depths[2]) ** power
    ax.loglog(depths[2:], 5e2 * recursion_times[2] * guide, style, color="0.4", label=label)
ax.set_xticks(depths, depths)
ax.minorticks_off()
ax.set_xlabel("layers n")
ax.set_ylabel("CPU milliseconds, all gradients")
ax.set_title("The product form costs n², the recursion n")
ax.legend(frameon=False)
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ### What a long product does to a gradient
#
# The gradient of a layer $d$ layers below the end has gone through $d$ steps. If a typical step
# shrinks the row to 0.7 of its length, twenty of them shrink it to 0.0008. By how much one step
# shrinks or stretches it depends on the weights and on the slopes.
#
# Below: networks with 20 hidden layers of 64 units, just initialised, on 64 digits. Each curve has
# another scale $c$ of the weights, $W_{jl} \sim \mathcal N(0, c^2 / m)$ for a layer with $m$ inputs.
# **Before you run it:** which activation is worst, and is there a $c$ that keeps the gradient's length?

# %% experiment id="figure_gradient_norms"
"""Figure: the norm of dL/db in each of 21 layers"""
colours = ["#56B4E9", "#0072B2", "#E69F00", "#D55E00"]
styles = [{"color": colour, "marker": marker} for colour, marker in zip(colours, "osv^")]
fig, axes = plt.subplots(1, 3, figsize=(8, 3.9), sharey=True, layout="constrained")
fig.suptitle("Twenty steps down: only the right initial scale keeps the gradient's length")
for ax, (name, scales) in zip(axes, {
    "sigmoid": [1, 2, 4, 8], "tanh": [0.5, 1, 1.5, 3], "relu": [0.7, 1, 2**0.5, 2],
}.items()):
    for scale, style in zip(scales, styles):
        layers = random_layers([64] * 21 + [10], np.random.default_rng(0), scale)
        gradients = gradient_of_net(layers, name, images[:64], targets[:64])
        norms = [np.linalg.norm(db) for _, db in gradients]
        ax.semilogy(range(1, 22), norms, **style, ms=3, label=f"c = {scale:.2g}")
    ax.set_title(name)
    ax.set_xlabel("layer, from input to output")
    ax.set_xticks([1, 7, 14, 21])
    ax.legend(frameon=False, fontsize=8)
    ax.grid(alpha=0.3)
axes[0].set_ylabel("norm of dL/db")
plt.show()

# %% [markdown]
# Read each curve from right to left, as the error travels. On a logarithmic axis a constant factor
# for each layer is a straight line, and nearly all lines are straight. tanh keeps its gradients
# for $c$ between 1 and 1.5, ReLU for $c = \sqrt 2$, because half of its slopes are 0. Sigmoid's
# slope is 1/4 at best and mostly far below: $c = 4$, which would make up for the 1/4, still loses
# four powers of ten on the way, and even $c = 8$ loses more than one. This is one reason why deep
# networks had to wait for better activations and better initialisation.

# %% [markdown]
# ## 7 · One sample at a time · 3 points · 9 minutes
#
# "We use SGD", the note says, "so let's focus on sample $i$." Stochastic gradient descent takes a
# step after every single sample:
#
# $$\theta \leftarrow \theta - \gamma\, \frac{dL_i}{d\theta}, \qquad
#   i \text{ in a new random order in each pass over the data}$$
#
# The step for one sample is a noisy estimate of the best direction. But it costs $N$ times less than
# the full gradient, and there are $N$ of them in one pass, or *epoch*.

# %% solution id="sgd"
def sgd(gradient, layers, X, Y, step_size, epochs, rng):
    """W_i ← W_i - γ dL/dW_i and b_i ← b_i - γ dL/db_i after each sample  (note, section 2)

    gradient(layers, X_rows, Y_rows) returns a list of pairs (dW, db), one for each layer; it takes
    rows: X_rows (1, p), Y_rows (1, K). layers: list of pairs (W, b), not to be changed in place;
    X (N, p), Y (N, K); rng: Generator. Each epoch visits every sample once, in a new random order.
    Returns the layers after the last step, a list of pairs (W, b).
    """
    ### BEGIN SOLUTION
    for _ in range(epochs):
        for i in rng.permutation(len(X)):
            gradients = gradient(layers, X[i : i + 1], Y[i : i + 1])
            layers = [
                (W - step_size * dW, b - step_size * db)
                for (W, b), (dW, db) in zip(layers, gradients)
            ]
    return layers
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How often is gradient called in all, and with which
# layers?</details>
# <details><summary>Hint 2, the idea</summary>One loop inside the other. rng.permutation(N) is a
# fresh order each time you ask. Build a new list of layers after each call.</details>
# <details><summary>Hint 3, the shapes</summary>X[i] is (p,); X[i : i + 1] is (1, p), a batch of
# one.</details>

# %% test id="test_sgd" points=3
"""SGD: a step after every sample, in a new order in each epoch"""
def run_sgd(N, p, K, epochs, rng):
    """Watch sgd on a linear layer with a squared loss and replay it from the orders it took."""
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    start, order, seen = random_layers([p, K], rng), [], []

    def gradient(layers, x, y):
        assert x.shape == (1, p) and y.shape == (1, K), (
            f"gradient got rows of shape {x.shape} and {y.shape}, expected {(1, p)} and {(1, K)}.\n"
            "Next: X[i : i + 1] keeps the axis that X[i] drops."
        )
        i = int(np.argmin(np.abs(X - x).sum(axis=1)))
        assert np.array_equal(y, Y[i : i + 1]), (
            "x and y of different samples came together.\n"
            "Next: draw one order, and take X and Y with the same i."
        )
        order.append(i)
        seen.append(layers[0][0])
        error = x @ layers[0][0].T + layers[0][1] - y
        return [(error.T @ x, error[0])]

    final = assert_unchanged(sgd, gradient, start, X, Y, 0.1, epochs, np.random.default_rng(7))
    assert len(order) == N * epochs, (
        f"gradient was called {len(order)} times, expected N · epochs = {N} · {epochs}.\n"
        "Next: one call for each sample in each epoch; a loop inside a loop."
    )
    for epoch in np.reshape(order, (epochs, N)):
        assert sorted(epoch) == list(range(N)), (
            f"an epoch visited the samples {sorted(map(int, epoch))}, expected each of {N} once.\n"
            "Next: draw an order (a permutation), not single numbers."
        )
    W, b = start[0]
    for i, W_seen in zip(order, seen):
        assert_array(W_seen, W, "W at a call of gradient", hints={
            "these are the layers of the start: use the newest": start[0][0]
        })
        error = W @ X[i] + b - Y[i]
        W, b = W - 0.1 * np.outer(error, X[i]), b - 0.1 * error
    assert_gradients(final, [(W, b)], " after the last step")
    return order


orders = np.reshape(run_sgd(8, 2, 3, 3, np.random.default_rng(0)), (3, 8))
same = "every epoch has the same order.\nNext: shuffle again in each: draw the order inside the loop."
assert any(list(row) != list(range(8)) for row in orders), (
    "the samples come in the order of X.\nNext: shuffle them; rng.permutation draws an order."
)
assert not (orders == orders[0]).all(), same
### BEGIN HIDDEN TESTS
rng = secret_rng("sgd")
for N, p, K, epochs in [(1, 3, 2, 2), (6, 1, 4, 2), (3, 4, 2, 0)]:
    run_sgd(N, p, K, epochs, rng)
orders = np.reshape(run_sgd(7, 2, 2, 3, rng), (3, 7))
assert not (orders == orders[0]).all(), same
deep = random_layers([2, 3, 2], rng)
moved = sgd(
    lambda layers, x, y: [(0 * W + 1, 0 * b + 2) for W, b in layers],
    deep, np.ones((2, 2)), np.ones((2, 2)), 0.5, 1, np.random.default_rng(1),
)
assert_gradients(moved, [(W - 1, b - 2) for W, b in deep], " after two steps of size 0.5")
### END HIDDEN TESTS

# %% [markdown]
# ### SGD against full-batch momentum
#
# Digits, two hidden layers of 32 tanh units, the same starting point. SGD takes 1797 steps in each
# pass over the data; descent with momentum (assignment 2) takes one, in a far better direction. One
# race, timed twice: the left panel counts passes over the data, the right one CPU seconds. **Before
# you run it:** who is ahead in which panel?

# %% experiment id="figure_sgd_momentum"
"""Figure: the race, by passes over the data and by CPU time"""


def mean_loss(layers):
    return loss_of_net(layers, "tanh", images, targets) / len(images)


def curve(one_pass, layers, passes):
    """(CPU seconds, mean loss) at the start and after each pass."""
    spent, points = 0.0, [(0.0, mean_loss(layers))]
    for _ in range(passes):
        began = time.process_time()
        layers = one_pass(layers)
        spent += time.process_time() - began
        points.append((spent, mean_loss(layers)))
    return np.array(points).T


rng, phi = np.random.default_rng(1), [0.0] * 6  # φ has one array for each W and b


def sgd_pass(layers):
    gradient = lambda layers, x, y: gradient_of_net(layers, "tanh", x, y)
    return sgd(gradient, layers, images, targets, 0.03, 1, rng)


def momentum_pass(layers, alpha=0.1, gamma=5.0):
    """One step of Domke's on the mean loss."""
    gradients = gradient_of_net(layers, "tanh", images, targets)
    flat = [array / len(images) for pair in gradients for array in pair]
    phi[:] = [(1 - alpha) * f + alpha * g for f, g in zip(phi, flat)]
    steps = iter(phi)
    return [(W - gamma * next(steps), b - gamma * next(steps)) for W, b in layers]


start = random_layers([64, 32, 32, 10], np.random.default_rng(3))
curves = {
    "SGD, one sample a step": (curve(sgd_pass, start, 10), "#0072B2", "o-", 3),
    "full batch with momentum": (curve(momentum_pass, start, 400), "#D55E00", "-", 0),
}
fig, axes = plt.subplots(1, 2, figsize=(8, 3.9), sharey=True, layout="constrained")
for label, ((spent, losses), colour, style, size) in curves.items():
    axes[0].loglog(np.arange(1, len(losses)), losses[1:], style, color=colour, ms=size, label=label)
    axes[1].loglog(spent[1:], losses[1:], style, color=colour, ms=size, label=label)
(sgd_spent, sgd_losses), (momentum_spent, momentum_losses) = (runs[0] for runs in curves.values())
ratio = momentum_losses[10] / sgd_losses[10]
axes[0].set_title(f"After 10 passes each:\nSGD's loss is {ratio:.0f} times lower", fontsize=10)
same_time = np.interp(sgd_spent[-1], momentum_spent, momentum_losses)  # when SGD has finished
ahead, factor = "momentum's", sgd_losses[-1] / same_time
if factor < 1:
    ahead, factor = "SGD's", 1 / factor
axes[1].set_title(
    f"After {sgd_spent[-1]:.1f} CPU seconds each:\n{ahead} loss is {factor:.1f} times lower",
    fontsize=10,
)
axes[0].axvline(10, color="0.7", lw=1)
axes[1].axvline(sgd_spent[-1], color="0.7", lw=1)
axes[0].set_xlabel("passes over the data")
axes[1].set_xlabel("CPU seconds")
axes[0].set_ylabel("mean loss")
axes[0].legend(frameon=False, fontsize=8, loc="lower left")
for ax in axes:
    ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# For the same number of passes SGD is far ahead: it has stepped 1797 times where momentum has
# stepped once. By CPU time the gap closes or turns around. A step for one sample is a product of a
# matrix with a vector, wrapped in Python; a step for all samples is a few large matrix products,
# which is what computers are good at. Between one sample and all of them lies a batch of some
# samples. That is the next assignment.

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *Temperature.* With $\hat y = \mathrm{softmax}(z / \tau)$ and $L = -\sum_k y_k \log \hat y_k$,
#    what is $dL/dz$? Write it with `yhat`, `y` and `tau`.
# 2. *Targets that do not sum to 1.* If the $y_k$ sum to $t$, what is $dL/dz$ for the plain softmax?
#    (It is the place you marked in question (a) of 2.5.)
# 3. *Counting.* A network has $n$ layers. How many steps down (6.1) does the product form need for
#    the gradients of all layers, and how many the recursion?

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: dz(yhat, y, tau) -> (K,); dz(yhat, y) -> (K,); steps(n) -> the pair of numbers
    of steps (product form, recursion).
    """
    ### BEGIN SOLUTION
    return [
        lambda yhat, y, tau: (yhat - y) / tau,
        lambda yhat, y: y.sum() * yhat - y,
        lambda n: (n * (n - 1) // 2, n - 1),
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against the forward pass, and against counting."""
    temperature, unnormalised, steps = on_paper()
    z, y = np.array([0.5, -1.0, 2.0]), np.array([0.0, 1.0, 0.0])
    assert_derivative(
        temperature(softmax(z / 3), y, 3.0),
        lambda z: np.log(np.exp(z / 3).sum()) - (y * z).sum() / 3,
        z, "problem 1", of="L", wrt="z",
    )  # fmt: skip
    y = np.array([0.5, 1.5, 0.0])
    assert_derivative(
        unnormalised(softmax(z), y), lambda z: y.sum() * np.log(np.exp(z).sum()) - (y * z).sum(),
        z, "problem 2", of="L", wrt="z",
    )  # fmt: skip
    for n in (1, 2, 7):
        counted = sum(1 for i in range(n) for _ in range(i, n - 1)), len(range(n - 1))
        assert tuple(steps(n)) == counted, f"problem 3: not for n = {n}; draw the layers and count."


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - **Two long derivatives, one short product.** Softmax and cross-entropy belong together:
#   $dL/dz = \hat y - y$. The pieces divide by probabilities that may be 0, the product does not.
# - **A Jacobian is for thinking.** Its zeros cost memory and time; in code only what the row meets
#   is left: outer products, transposed matrices, slopes.
# - **Backpropagation is the product form, evaluated from the left.** One row $\delta$ goes down, each
#   layer reads its two gradients off it. The slopes of a layer belong to its own gradients: multiply
#   first.
# - **A product of many factors explodes or vanishes** unless they are near 1. Activation and
#   initialisation decide.
# - **Check the print.** The note's two forms of the backward pass contradict each other; one
#   numerical gradient tells which is right. Assignment 7 does this to all five notes.
#
# **Further reading.** Steve Gutfreund, *Gradients MLP* (2018), the note itself; [CS231n on
# backpropagation](https://cs231n.github.io/optimization-2/), the same ideas with numbers on the wires; Goodfellow, Bengio and Courville,
# [*Deep Learning*, chapter 6.5](https://www.deeplearningbook.org/contents/mlp.html); Glorot and
# Bengio, [*Understanding the difficulty of training deep feedforward neural
# networks*](https://proceedings.mlr.press/v9/glorot10a.html) (the figure of section 6, in earnest);
# Baydin et al., [*Automatic differentiation in machine learning: a
# survey*](https://arxiv.org/abs/1502.05767).
#
# **Next:** assignment 5 gives the network samples in batches of 128 and finishes a derivation that
# its note leaves open.
