# %% [markdown]
# # 5 · Mini-batches: from a column to one matrix product
#
# Zhe Li's note *Gradient of Sigmoid Cross Entropy* (2018) differentiates a network patiently: one
# column of one weight matrix at a time, for one sample, then for a batch of 128. It gets as far as
# $dW^2$ for the batch and $dW^1$ for one sample, and stops. You climb the same ladder, add the last
# rung, and measure what it is worth: the same numbers in a fraction of the time.
#
# The note's network has 3072 inputs, 512 hidden units and 10 outputs. These are the sizes of
# CIFAR-10: colour images of 32 × 32 pixels, ten classes.
#
# **Time** about 105 minutes. **Points** 44. **You need first:** assignment 1 (sigmoid and
# cross-entropy), assignment 2 or 4.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 The network | 17 | 6 |
# | 2 The output layer, column by column | 20 | 8 |
# | 3 The hidden layer, term by term | 39 | 20 |
# | 4 All in one pass | 14 | 4 |
# | 5 Training in batches | 15 | 6 |
#
# **How it works.** Sections 2 and 3 are ladders, as in assignment 4: you know the forward pass,
# each rung asks for one derivative of it, and the docstring gives shapes and not the formula. A
# test compares your rung with the derivative of a trusted forward pass and feeds it the right
# values of earlier rungs, so a wrong rung costs only its own points. A ✓ means that it is right.
# Tests and the code of figures are folded away, for they show answers: run them as they are. The
# formula with its derivation is in the closed box below each test. The grader runs the same tests
# with other numbers. What takes a batch is to work on whole arrays, but for 2.3: a test fails a loop
# over the samples.

# %% [markdown]
# ## The note's symbols
#
# ![Two layers of sigmoids: X goes through W1 and b1 to t1, through σ to Z, through W2 and b2 to T,
# through σ to Ŷ, and meets Y in the loss L.](figure:network)
#
# | note | meaning | in code | shape | in the note |
# |:--|:--|:--|:--|:--|
# | | samples in a batch, inputs, hidden units, classes | `N, p, M, K` | numbers | 128, 3072, 512, 10 |
# | $x$, $X$ | one sample; a batch, one in each **row** | `x`, `X` | `(p,)`, `(N, p)` | (128, 3072) |
# | $y$, $Y$ | its targets, 0 or 1 for each class | `y`, `Y` | `(K,)`, `(N, K)` | (128, 10) |
# | $W^1, b^1$ | into the hidden layer | `params["W1"]`, `params["b1"]` | `(p, M)`, `(M,)` | (3072, 512) |
# | $W^1_j$ | its column $j$: the weights of hidden unit $j$ | `W1[:, j]` | `(p,)` | (3072,) |
# | $W^2, b^2$ | into the outputs | `params["W2"]`, `params["b2"]` | `(M, K)`, `(K,)` | (512, 10) |
# | $t_1$ | hidden units before $\sigma$ | | `(N, M)` | (128, 512) |
# | $z_1$, $Z$ | hidden units, $\sigma(t_1)$ | `z`, `Z` | `(M,)`, `(N, M)` | (128, 512) |
# | $t_2$ | outputs before $\sigma$ | `T` | `(N, K)` | (128, 10) |
# | $\hat y$, $\hat Y$ | outputs, $\sigma(t_2)$ | `yhat`, `Yhat` | `(K,)`, `(N, K)` | (128, 10) |
# | $\delta_j$ | slope of $\sigma$ at hidden unit $j$, $\partial z_j / \partial t_{1,j}$ | | `(M,)` | (512,) |
# | | $\partial \mathcal L / \partial t_2$, of each output | `E` | `(N, K)` | (128, 10) |
# | | $\partial \mathcal L / \partial t_1$, of each hidden unit | `D` | `(N, M)` | (128, 512) |
# | $dW^1, db^1, dW^2, db^2$ | derivatives of the loss | `dW1, db1, dW2, db2` | as `W1, b1, W2, b2` | |
#
# The weight matrices are transposed with respect to assignments 2 and 4: inputs are rows, outputs
# are columns, and a sample multiplies from the left. Indices count from 0, in the note and in code.
#
# *Where we differ from print:* the title of the note's section 2 has two hidden layers; the network
# has one. And its 512 hidden units end at $z_{n,511}$, where section 2.1 prints $z_{n,512}$.

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
# One more cell to run as it is: random weights, and two checks of what a function returns.

# %% given id="helpers"
# Setup: helpers of tests and figures.
def random_params(p, M, K, rng):
    """Small random W1 (p, M), b1 (M,), W2 (M, K), b2 (K,) in a dict."""
    return {
        "W1": rng.normal(size=(p, M)) / np.sqrt(p),
        "b1": 0.1 * rng.normal(size=M),
        "W2": rng.normal(size=(M, K)) / np.sqrt(M),
        "b2": 0.1 * rng.normal(size=K),
    }


def assert_several(value, count, what):
    """value is a tuple or list of so many things."""
    given = f"{len(value)}" if type(value) in (tuple, list) else f"a {type(value).__name__}"
    assert given == str(count), (
        f"expected {count} things, {what}; you returned {given}.\nNext: compare the return line "
        "with the last line of the docstring."
    )


def assert_keys(value, keys, what):
    """value is a dict with these keys."""
    given = f"a {type(value).__name__}"
    if type(value) is dict:
        given = f"one with the keys {sorted(value, key=str)}"
    assert type(value) is dict and set(value) == set(keys), (
        f"{what}: expected a dict with the keys {sorted(keys)}; yours is {given}.\n"
        "Next: return one array for each key of params."
    )


# %% [markdown]
# ## 1 · The network · 6 points · 17 minutes
#
# ### 1.1 One hidden unit · 1 point
#
# The note looks at the network through a keyhole: one hidden unit $j$, with one column of $W^1$. (The
# note writes it for $j = 0$.)
#
# $$t_{1,j} = x\, W^1_j + b^1_j \tag{10}$$

# %% solution id="unit_input"
def unit_input(W1, b1, x, j):
    """t_1j = x W1_j + b1_j, of hidden unit j alone        (note, equation 10)

    W1 (p, M), b1 (M,), x (p,), 0 <= j < M.  Returns a number.
    """
    ### BEGIN SOLUTION
    return x @ W1[:, j] + b1[j]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How do you take a column, and not a row, out of an
# array?</details>
# <details><summary>Hint 2, the idea</summary>A product of two vectors, plus one number.</details>
# <details><summary>Hint 3, the shapes</summary>(p,) times (p,) is a number.</details>

# %% test id="test_unit_input" points=1
"""What goes into one hidden unit"""
W1, b1, x = np.array([[1.1, 2.3], [3.2, 4.7]]), np.array([10.4, 20.6]), np.array([1.3, 2.9])
t_hints = {
    "the bias b_j is missing": 16.62,
    "this takes row j of W1; unit j has column j": 38.39,
    "this is unit 0, not unit j = 1": 21.11,
}
assert_number(unit_input(W1, b1, x, 1), 37.22, "t_1j", hints=t_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("unit_input")
for p, M in [(3, 5), (4, 1), (1, 2), (3, 3)]:
    W1, b1, x = rng.normal(size=(p, M)), rng.normal(size=M), rng.normal(size=p)
    for j in {0, M - 1}:
        right = sum(x[i] * W1[i, j] for i in range(p)) + b1[j]
        assert_number(assert_unchanged(unit_input, W1, b1, x, j), right, f"t_1j of unit {j}")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.2 Sigmoid · 1 point
#
# $$\sigma(t) = \frac{1}{1 + e^{-t}}$$
#
# As in assignment 1, $t = -1000$ must not overflow. You may copy what you wrote there.

# %% solution id="sigmoid"
def sigmoid(t):
    """σ(t) = 1 / (1 + exp(-t)), entry by entry            (note, first lines)

    t: array of any shape, entries of any size: ±1000 must not overflow.  Returns the same shape.
    """
    ### BEGIN SOLUTION
    e = np.exp(np.minimum(t, -t))  # exp(-|t|), never above 1
    return np.where(t > 0, 1, e) / (1 + e)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# For which sign of $t$ is $e^{-t}$ harmless, and what is $\sigma$ in terms of $e^t$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $e^{-|t|}$ is never above 1; np.where picks the right formula. Or: $\sigma$ is a tanh, shifted
# and scaled.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(N, M) in, (N, M) out; np.where chooses entry by
# entry.</details>

# %% test id="test_sigmoid" points=1
"""Sigmoid, for entries of any size"""
right = np.array([[1 / 3, 1 / 2, 3 / 4]])
sigmoid_hints = {
    "the sign of t: this is σ(-t)": 1 - right,
    "this is σ(2t): as a tanh, σ(t) = (1 + tanh(t/2)) / 2, with half of t": (
        right**2 / (right**2 + (1 - right) ** 2)
    ),
    "this is exp(t); divide by 1 + exp(t)": [[0.5, 1.0, 3.0]],
}
assert_array(sigmoid(np.log([[0.5, 1.0, 3.0]])), right, "σ(t)", hints=sigmoid_hints)
with np.errstate(over="ignore"):  # what overflows on the way to the right value is no mistake
    ends = sigmoid(np.array([1000.0, -1000.0]))
assert_array(ends, np.array([1.0, 0.0]), "σ(±1000)")
### BEGIN HIDDEN TESTS
rng = secret_rng("sigmoid")
for shape in [(5,), (3, 4), (1, 1)]:
    t = 3 * rng.normal(size=shape)
    right = np.exp(t) / (1 + np.exp(t))
    assert_array(assert_unchanged(sigmoid, t), right, "σ(t)")
    assert_array(sigmoid(np.repeat(t, 2, axis=-1)[..., ::2]), right, "σ(t), not contiguous")
    assert_array(sigmoid(t.astype(np.float32)), right.astype(np.float32), "σ(t) in float32")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.3 Forward, a batch at once · 2 points
#
# $$t_1 = X W^1 + b^1, \qquad Z = \sigma(t_1), \qquad T = Z W^2 + b^2, \qquad \hat Y = \sigma(T)$$
#
# *Where we differ from print:* the note has $\hat y = z_1 W^2 + b^2$, without the outer $\sigma$.
# That cannot be meant: the loss takes the logarithm of $\hat y$. The note's own $\hat y_i$ further
# down has it (and has lost the bias instead).
#
# Return $T$ rather than $\hat Y$. The loss needs it, for a reason that comes next.

# %% solution id="forward"
def forward(params, X):
    """Z = σ(X W1 + b1) and T = Z W2 + b2                  (note, section 2)

    params: W1 (p, M), b1 (M,), W2 (M, K), b2 (K,); X (N, p).
    Returns the pair Z (N, M), T (N, K); the outputs Ŷ would be σ(T).
    """
    ### BEGIN SOLUTION
    Z = sigmoid(X @ params["W1"] + params["b1"])
    return Z, Z @ params["W2"] + params["b2"]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Sample n is row n of X. In which row of Z are its
# hidden units?</details>
# <details><summary>Hint 2, the idea</summary>The two formulas as they stand; numpy adds a bias to
# every row. You may call your sigmoid.</details>
# <details><summary>Hint 3, the shapes</summary>(N, p)(p, M) → (N, M); (N, M)(M, K) → (N,
# K).</details>

# %% test id="test_forward" points=2
"""Forward for a batch: the hidden units Z and the outputs T before their σ"""
toy = {
    "W1": np.log([[1.0, 3.0], [3.0, 1 / 3]]),
    "b1": np.log([1.0, 2.0]),
    "W2": np.array([[2.0, 4.0, 0.0], [0.0, 7.0, 7.0]]),
    "b2": np.array([1.0, 0.0, -1.0]),
}
pair = forward(toy, np.array([[1, 0], [0, 1], [0, 0]]))
assert_several(pair, 2, "Z and T")
right = np.array([[1 / 2, 6 / 7], [3 / 4, 2 / 5], [1 / 2, 2 / 3]])
Z_hints = {
    "σ is missing": right / (1 - right),
    "σ is missing: this is X W1 + b1": np.log(right / (1 - right)),
    "the bias b1 is missing": [[1 / 2, 3 / 4], [3 / 4, 1 / 4], [1 / 2, 1 / 2]],
}
assert_array(pair[0], right, "Z", hints=Z_hints)
right = np.array([[2.0, 8.0, 5.0], [2.5, 5.8, 1.8], [2.0, 20 / 3, 11 / 3]])
T_hints = {
    "this is Ŷ = σ(T); return T": 1 / (1 + np.exp(-right)),
    "the bias b2 is missing": right - toy["b2"],
}
assert_array(pair[1], right, "T", hints=T_hints)
assert_vectorised(forward, lambda n: (toy, np.ones((n, 2))))
### BEGIN HIDDEN TESTS
rng = secret_rng("forward")
for N, p, M, K in [(6, 4, 3, 5), (1, 3, 2, 4), (7, 2, 5, 2), (3, 3, 3, 3)]:
    params, X = random_params(p, M, K, rng), rng.normal(size=(N, p))
    right_Z = 1 / (1 + np.exp(-np.einsum("ni,ij->nj", X, params["W1"]) - params["b1"]))
    right_T = np.einsum("nj,jk->nk", right_Z, params["W2"]) + params["b2"]
    Z, T = assert_unchanged(forward, params, X)
    assert_array(Z, right_Z, "Z")
    assert_array(T, right_T, "T")
    single = {name: array.astype(np.float32) for name, array in params.items()}
    assert_array(forward(single, X.astype(np.float32))[1], right_T.astype(np.float32), "T, float32")
    strided = np.repeat(X, 2, axis=1)[:, ::2]
    assert_array(forward(params, strided)[1], right_T, "T for an X that is not contiguous")
X = rng.normal(size=(64, p))
### END HIDDEN TESTS

# %% [markdown]
# ### 1.4 Ten questions at once: the loss · 2 points
#
# With a softmax the classes compete. Here each output answers a question of its own, *is it a ship,
# yes or no?*, and has a cross-entropy of its own, that of assignment 1. The note adds them up for one
# sample; a batch adds up its samples:
#
# $$\mathcal L = \sum_{n=1}^{N} \sum_{k=1}^{K} -y_{nk} \log \hat y_{nk}
#   - (1 - y_{nk}) \log (1 - \hat y_{nk}), \qquad \hat y_{nk} = \sigma(t_{nk})$$
#
# As printed this is $-\log 0$ as soon as an output is sure and wrong. Written with $t$ it is an
# ordinary number, about as large as $t$. So compute it from $T$.

# %% solution id="loss"
def loss(T, Y):
    """L = Σ_n Σ_k -y log σ(t) - (1 - y) log(1 - σ(t))     (note, sections 2 and 3)

    T (N, K), any size: ±1000 must neither overflow nor give log 0; Y (N, K), zeros and ones.
    Returns a number, the sum over samples and classes.
    """
    ### BEGIN SOLUTION
    return (np.maximum(T, 0) - T * Y + np.log1p(np.exp(np.minimum(T, -T)))).sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What is $\log(1 + e^t)$ for $t = 1000$, to 15 digits?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $-\log\sigma(t) = \log(1 + e^{-t})$, and $-\log(1 - \sigma(t)) = \log(1 + e^t)$. Put the two into
# one formula with $e^{-|t|}$; or look at what np.logaddexp(0, t) does.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>N K terms, one number. Nothing is divided.</details>

# %% test id="test_loss" points=2
"""The cross-entropy of N K independent sigmoids, for outputs of any size"""
T, Y = np.log([[3.0, 1.0], [1 / 3, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
# σ(T) is 3/4, 1/2 and 1/4, 2/3
right = -np.log(3 / 4) - np.log(1 / 2) - np.log(3 / 4) - np.log(2 / 3)
loss_hints = {
    "this is the mean over the samples; L is the sum": right / 2,
    "this is the mean over all entries; L is the sum": right / 4,
    "the sign: both logarithms come with a minus": -right,
    "the terms (1 - y) log(1 - ŷ) are missing": -np.log(3 / 4) - np.log(2 / 3),
    "Y and 1 - Y are swapped": -np.log(1 / 4) - np.log(1 / 2) - np.log(1 / 4) - np.log(1 / 3),
    "this is the cross-entropy of a softmax; here each class has a sigmoid of its own": (
        np.log(4 / 3) + np.log((1 / 3 + 2) / 2)
    ),
}
assert_number(loss(T, Y), right, "L", hints=loss_hints)
sure = np.array([[1000.0, -1000.0]])
kept_hints = {
    f"ŷ was kept {eps:g} away from 0 and 1: the loss there is {-np.log(eps):.0f}, not |t|": (
        -2 * np.log(eps)
    )
    for eps in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
}
wrong = "L of outputs that are sure and wrong"
with np.errstate(over="ignore"):
    L_wrong, L_right = loss(sure, np.array([[0.0, 1.0]])), loss(sure, np.array([[1.0, 0.0]]))
assert_number(L_wrong, 2000.0, wrong, hints=kept_hints)
assert_number(L_right, 0.0, "L of outputs that are sure and right")
assert_vectorised(loss, lambda n: (np.ones((n, 3)), np.ones((n, 3))))
### BEGIN HIDDEN TESTS
rng = secret_rng("loss")
for N, K in [(5, 3), (1, 2), (4, 1), (1, 10)]:
    T, Y = 3 * rng.normal(size=(N, K)), rng.integers(2, size=(N, K)).astype(float)
    right = sum(np.log(1 + np.exp(-t if y else t)) for t, y in zip(T.ravel(), Y.ravel()))
    mean = {"this is the mean over the samples; L is the sum": right / N} if N > 1 else {}
    assert_number(assert_unchanged(loss, T, Y), right, f"L, N = {N}, K = {K}", hints=mean)
    assert_number(loss(np.asfortranarray(T), Y), right, "L of a T by columns")
    single = loss(T.astype(np.float32), Y.astype(np.float32))
    assert_number(single, np.float32(right), "L in float32")
rows, targets = rng.normal(size=(64, 3)), rng.integers(2, size=(64, 3)).astype(float)
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · The output layer, column by column · 8 points · 20 minutes
#
# How to differentiate with respect to a whole matrix at once "is not that clear", says the note. So
# take one column of $W^2$: the weights of one output. No other output depends on them.
#
# ### 2.1 First rung: one column · 1 point
#
# Output $i$ is $\hat y_i = \sigma(z\, W^2_i + b^2_i)$ with its own cross-entropy: a logistic
# regression, with $z$ in the place of $x$. You derived its gradient in assignment 1. What is it
# here?

# %% solution id="dW2_column"
def dW2_column(z, y, yhat, i):
    """Column i of dW2, for one sample                     (note, section 2)

    z (M,), y (K,), yhat (K,), 0 <= i < K.  Returns (M,).
    """
    ### BEGIN SOLUTION
    return (yhat[i] - y[i]) * z
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>When the output is too large, should a weight that
# comes from a positive z grow or shrink? Which sign must its derivative have then?</details>
# <details><summary>Hint 2, the idea</summary>One number times one vector.</details>
# <details><summary>Hint 3, the shapes</summary>The column of an (M, K) matrix is (M,).</details>

# %% test id="test_dW2_column" points=1
"""One column of dW2 for one sample"""
z, y, W2 = np.array([0.5, 3.1]), np.array([0.2, 0.9, 0.4]), np.array([[1.0, 2, 0], [0, -1, 1]])
yhat = 1 / (1 + np.exp(-z @ W2))


def L_of_column(column, i=1):
    """The loss of output i when its weights are `column`."""
    t = z @ column
    return np.log(1 + np.exp(t)) - y[i] * t


column_hints = {
    "the sign, as the note prints it: this points downhill": (y[1] - yhat[1]) * z,
    "y is missing": yhat[1] * z,
    "the slope of σ belongs to a squared loss; in the cross-entropy it cancels": (
        (yhat[1] - y[1]) * yhat[1] * (1 - yhat[1]) * z
    ),
    "this is the column of output 0": (yhat[0] - y[0]) * z,
}
assert_derivative(
    dW2_column(z, y, yhat, 1), L_of_column, W2[:, 1], "dW2[:, 1]", of="L", wrt="column 1 of W2",
    hints=column_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dW2_column")
for M, K in [(4, 3), (1, 2), (3, 3), (5, 10)]:
    z, W2, b2 = rng.uniform(size=M), rng.normal(size=(M, K)), rng.normal(size=K)
    y, yhat = rng.integers(2, size=K).astype(float), 1 / (1 + np.exp(-z @ W2 - b2))
    for i in {0, K - 1}:

        def trusted(column, i=i):
            t = z @ column + b2[i]
            return np.log(1 + np.exp(t)) - y[i] * t

        right = numerical_gradient(trusted, W2[:, i])
        sign = {"the sign, as the note prints it: this points downhill": -right}
        value = assert_unchanged(dW2_column, z, y, yhat, i)
        assert_array(value, right, f"dW2[:, {i}]", hints=sign)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# Equation (8) of the note, for a single sample, with $z$ for $x$:
#
# $$dW^2_i = (\hat y_i - y_i)\, z^T$$
#
# *Where we differ from print:* from here on the note has $y_i - \hat y_i$, in (9) too. That points
# *downhill*: it is minus the gradient.
#
# </details>

# %% [markdown]
# ### 2.2 Second rung: all columns, one sample · 2 points
#
# Put the columns side by side. Every one of them is a multiple of the same vector: which kind of
# product makes such a matrix? And $db^2$ is the same with a $z$ that is always 1.

# %% solution id="output_one"
def output_one(z, y, yhat):
    """dW2 and db2 for one sample                          (note, section 2)

    z (M,), y (K,), yhat (K,).  Returns the pair dW2 (M, K), db2 (K,).
    """
    ### BEGIN SOLUTION
    db2 = yhat - y
    return np.outer(z, db2), db2
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which two numbers make entry (j, k) of
# dW2?</details>
# <details><summary>Hint 2, the idea</summary>Stack the columns, or find the product that makes a
# matrix of two vectors. Which vector runs down the rows?</details>
# <details><summary>Hint 3, the shapes</summary>(M, 1) times (1, K) is (M, K), the shape of
# W2.</details>

# %% test id="test_output_one" points=2
"""dW2 and db2 for one sample"""
z, y, W2 = np.array([0.5, 3.0]), np.array([0.0, 1.0, 0.0]), np.array([[1.0, 2, 0], [0, -1, 1]])
yhat = 1 / (1 + np.exp(-z @ W2))


def L_of_outputs(t, y):
    """The loss of one sample from the outputs t before their σ."""
    return (np.log(1 + np.exp(t)) - y * t).sum()


pair = output_one(z, y, yhat)
assert_several(pair, 2, "dW2 and db2")
downhill = "the sign, as the note prints it: this points downhill"
assert_derivative(
    pair[0], lambda W2: L_of_outputs(z @ W2, y), W2, "dW2", of="L", wrt="W2",
    hints={downhill: np.outer(z, y - yhat)},
)  # fmt: skip
assert_derivative(
    pair[1], lambda b2: L_of_outputs(z @ W2 + b2, y), np.zeros(3), "db2", of="L", wrt="b2",
    hints={downhill: y - yhat},
)  # fmt: skip
assert_derivative(
    output_one(z, y[:2], yhat[:2])[0], lambda W2: L_of_outputs(z @ W2, y[:2]), W2[:, :2],
    "dW2 with K = M", of="L", wrt="W2", hints={
        "it is the transpose: hidden units run down the rows": np.outer(yhat[:2] - y[:2], z)
    },
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("output_one")
for M, K in [(4, 3), (1, 2), (3, 3), (5, 10)]:
    z, W2, b2 = rng.uniform(size=M), rng.normal(size=(M, K)), rng.normal(size=K)
    y, yhat = rng.integers(2, size=K).astype(float), 1 / (1 + np.exp(-z @ W2 - b2))

    def trusted(W2, b2, z=z, y=y):
        t = z @ W2 + b2
        return (np.log(1 + np.exp(t)) - y * t).sum()

    right = numerical_gradient(lambda W2: trusted(W2, b2), W2)
    dW2, db2 = assert_unchanged(output_one, z, y, yhat)
    assert_array(dW2, right, "dW2", hints={"it is the transpose": right.T})
    assert_array(db2, numerical_gradient(lambda b2: trusted(W2, b2), b2), "db2")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$dW^2 = \begin{bmatrix} (\hat y_0 - y_0) z^T & (\hat y_1 - y_1) z^T & \cdots &
#   (\hat y_{K-1} - y_{K-1}) z^T \end{bmatrix} = z^T (\hat y - y), \qquad
#   db^2 = \hat y - y$$
#
# </details>

# %% [markdown]
# ### 2.3 Third rung: a batch, sample by sample · 2 points
#
# The loss of a batch is a sum over its samples; so is its gradient. For a batch the note writes one
# block, that of 2.2, for each sample, and a plus between the blocks. Write exactly that, with a loop
# over the samples. It is right, and it is one of the few loops over samples in this course. The
# figure of section 4 shows what it costs.

# %% solution id="dW2_loop"
def dW2_loop(Z, Y, Yhat):
    """dW2 of a batch: one block for each sample, with a loop  (note, section 2.1)

    Z (N, M), Y (N, K), Yhat (N, K).  Returns dW2 (M, K).
    """
    ### BEGIN SOLUTION
    dW2 = np.zeros((Z.shape[1], Y.shape[1]))
    for z, y, yhat in zip(Z, Y, Yhat):
        dW2 += np.outer(z, yhat - y)
    return dW2
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What is the block of sample n? You have
# written it.</details>
# <details><summary>Hint 2, the idea</summary>Start with zeros and add a block in each turn. A loop
# over several arrays at once: zip.</details>
# <details><summary>Hint 3, the shapes</summary>Every block is (M, K), and so is the sum. If there
# is an N left, they were stacked and not added.</details>

# %% test id="test_dW2_loop" points=2
"""dW2 of a batch as a sum of blocks, one for each sample"""
Z = np.array([[0.5, 3.0], [1.0, -1.0], [2.0, 0.25]])
Y = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
W2 = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0]])
Yhat = 1 / (1 + np.exp(-Z @ W2))


def L_of_W2(W2):
    """The loss of the batch."""
    T = Z @ W2
    return (np.log(1 + np.exp(T)) - Y * T).sum()


whole = np.einsum("nj,nk->jk", Z, Yhat - Y)
loop_hints = {
    "the sign, as the note prints it: this points downhill": -whole,
    "this is the mean over the samples; the loss is the sum": whole / 3,
    "only the last sample is in it: += and not =": np.outer(Z[2], Yhat[2] - Y[2]),
    "only the first sample is in it": np.outer(Z[0], Yhat[0] - Y[0]),
    "the first sample is left out: range begins at 0": Z[1:].T @ (Yhat - Y)[1:],
    "the last sample is left out: range(N) ends at N - 1 by itself": Z[:-1].T @ (Yhat - Y)[:-1],
}
assert_derivative(dW2_loop(Z, Y, Yhat), L_of_W2, W2, "dW2", of="L", wrt="W2", hints=loop_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("dW2_loop")
for N, M, K in [(5, 4, 3), (1, 3, 2), (4, 3, 3), (6, 1, 10)]:
    Z, W2, b2 = rng.uniform(size=(N, M)), rng.normal(size=(M, K)), rng.normal(size=K)
    Y, Yhat = rng.integers(2, size=(N, K)).astype(float), 1 / (1 + np.exp(-Z @ W2 - b2))

    def trusted(W2, Z=Z, Y=Y, b2=b2):
        T = Z @ W2 + b2
        return (np.log(1 + np.exp(T)) - Y * T).sum()

    right = numerical_gradient(trusted, W2)
    mean = {"this is the mean over the samples; the loss is the sum": right / N}
    value = assert_unchanged(dW2_loop, Z, Y, Yhat)
    assert_array(value, right, f"dW2, N = {N}", hints=mean if N > 1 else {})
### END HIDDEN TESTS

# %% [markdown]
# ### 2.4 Top of the ladder: a batch in one product · 3 points
#
# Write entry $(j, k)$ of the sum of blocks on paper: a sum over $n$ of two numbers. Now read it as
# a row of one matrix times a column of another. Which matrix product is it? And $db^2$, which the
# note leaves out here?

# %% solution id="output_gradients"
def output_gradients(Z, Y, Yhat):
    """dW2 and db2 of a batch, without a loop              (note, equation 9)

    Z (N, M), Y (N, K), Yhat (N, K).  Returns the pair dW2 (M, K), db2 (K,).
    """
    ### BEGIN SOLUTION
    error = Yhat - Y
    return Z.T @ error, error.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Over which index does the sum run, and where does a
# matrix product want it?</details>
# <details><summary>Hint 2, the idea</summary>The index that goes away must be the last of the left
# factor and the first of the right one.</details>
# <details><summary>Hint 3, the shapes</summary>(M, N)(N, K) → (M, K). For db2 the N goes away in a
# sum, and K is left.</details>

# %% test id="test_output_gradients" points=3
"""dW2 and db2 of a batch without a loop over the samples"""
Z, Y = np.array([[0.5, 3.0], [1.0, -1.0]]), np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
W2 = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0]])
Yhat = 1 / (1 + np.exp(-Z @ W2))


def L_of_output_layer(W2, b2):
    """The loss of the batch, from the output layer's parameters."""
    T = Z @ W2 + b2
    return (np.log(1 + np.exp(T)) - Y * T).sum()


pair = output_gradients(Z, Y, Yhat)
assert_several(pair, 2, "dW2 and db2")
whole = np.einsum("nj,nk->jk", Z, Yhat - Y)
dW2_hints = {
    "the sign, as the note prints it: this points downhill": -whole,
    "this is the mean over the samples; the loss is the sum": whole / 2,
    "the sum runs over the hidden units: a transpose is missing": Z @ (Yhat - Y),
}
assert_derivative(
    pair[0], lambda W2: L_of_output_layer(W2, np.zeros(3)), W2, "dW2 with N = M", of="L", wrt="W2",
    hints=dW2_hints,
)  # fmt: skip
db2_hints = {
    "the sign: this points downhill": (Y - Yhat).sum(axis=0),
    "this is the mean over the samples; the loss is the sum": (Yhat - Y).sum(axis=0) / 2,
    "this sums over the classes: axis 0 goes over the samples": (Yhat - Y).sum(axis=1),
}
assert_derivative(
    pair[1], lambda b2: L_of_output_layer(W2, b2), np.zeros(3), "db2", of="L", wrt="b2",
    hints=db2_hints,
)  # fmt: skip
assert_vectorised(
    output_gradients, lambda n: (np.ones((n, 2)), np.ones((n, 3)), np.full((n, 3), 0.5))
)
### BEGIN HIDDEN TESTS
rng = secret_rng("output_gradients")
for N, M, K in [(5, 4, 3), (1, 3, 2), (4, 4, 4), (6, 1, 10)]:
    Z, W2, b2 = rng.uniform(size=(N, M)), rng.normal(size=(M, K)), rng.normal(size=K)
    Y, Yhat = rng.integers(2, size=(N, K)).astype(float), 1 / (1 + np.exp(-Z @ W2 - b2))

    def trusted(W2, b2, Z=Z, Y=Y):
        T = Z @ W2 + b2
        return (np.log(1 + np.exp(T)) - Y * T).sum()

    right = numerical_gradient(lambda W2: trusted(W2, b2), W2)
    right_b = numerical_gradient(lambda b2: trusted(W2, b2), b2)
    dW2, db2 = assert_unchanged(output_gradients, Z, Y, Yhat)
    mean = "this is the mean over the samples; the loss is the sum"
    assert_array(dW2, right, f"dW2, N = {N}", hints={mean: right / N} if N > 1 else {})
    db2_hints = {"this sums over the classes: axis 0 goes over the samples": (
        (Yhat - Y).sum(axis=1)
    )}
    assert_array(db2, right_b, f"db2, N = {N}", hints=db2_hints)
    strided = output_gradients(np.asfortranarray(Z), Y, np.asfortranarray(Yhat))
    assert_array(strided[0], right, "dW2 of arrays by columns")
Z, Y = rng.uniform(size=(64, 3)), rng.integers(2, size=(64, 2)).astype(float)
Yhat = rng.uniform(size=(64, 2))
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# Entry $(j, k)$ of the sum of blocks is $\sum_n z_{nj} (\hat y_{nk} - y_{nk})$: row $j$ of $Z^T$
# times column $k$ of $\hat Y - Y$. The sum of outer products *is* a matrix product:
#
# $$dW^2 = Z^T (\hat Y - Y) \tag{9}$$
#
# and $db^2$ is the sum over the rows of $\hat Y - Y$. *Where we differ from print:* the sign.
#
# </details>

# %% [markdown]
# ## 3 · The hidden layer, term by term · 20 points · 39 minutes
#
# Now through the keyhole of 1.1: one hidden unit $j$, its column $W^1_j$, one sample. The loss is a
# sum of $K$ terms, one for each output, $\mathcal L = \mathcal L_0 + \dots + \mathcal L_{K-1}$, and
# unit $j$ enters all of them. Take one term, $\mathcal L_k$, and follow the wire back from it: to
# $t_{2,k}$, to $z_j$, to $t_{1,j}$, to $W^1_j$.
#
# $$\frac{\partial \mathcal L_k}{\partial W^1_j} =
#   \frac{\partial \mathcal L_k}{\partial t_{2,k}}\;
#   \frac{\partial t_{2,k}}{\partial z_j}\; \frac{\partial z_j}{\partial t_{1,j}}\;
#   \frac{\partial t_{1,j}}{\partial W^1_j}$$
#
# ### 3.1 First rung: from one output to one hidden unit · 1 point
#
# $t_{2,k} = \sum_j z_j W^2_{jk} + b^2_k$. You know $\partial \mathcal L_k / \partial t_{2,k}$ from
# section 2. What is $\partial \mathcal L_k / \partial z_j$?

# %% solution id="dLk_dzj"
def dLk_dzj(W2, y, yhat, j, k):
    """dL_k/dz_j: the loss of output k with respect to hidden unit j  (note, section 3)

    W2 (M, K), y (K,), yhat (K,); unit 0 <= j < M, output 0 <= k < K.  Returns a number.
    """
    ### BEGIN SOLUTION
    return (yhat[k] - y[k]) * W2[j, k]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# If $z_j$ grows by 1, by how much does $t_{2k}$ grow?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Two numbers. What arrives at output k, times the weight
# between the two.</details>
# <details><summary>Hint 3, the shapes</summary>Unit j is a row of W2 (M, K), output k a
# column.</details>

# %% test id="test_dLk_dzj" points=1
"""dL_k/dz_j: from one output back to one hidden unit"""
W2, y = np.array([[1.1, 2.3, -0.8], [0.6, -1.4, 1.7]]), np.array([0.9, 0.2, 0.6])
z = np.array([0.5, 0.2])
yhat = 1 / (1 + np.exp(-z @ W2))


def L0_of_z1(z_1):
    """The loss of output 0, from hidden unit 1."""
    t = z[0] * W2[0, 0] + z_1 * W2[1, 0]
    return np.log(1 + np.exp(t)) - y[0] * t


unit_hints = {
    "the sign, as the note prints it: this points downhill": (y[0] - yhat[0]) * 0.6,
    "W2[k, j] is taken; unit j and output k meet in W2[j, k]": (yhat[0] - y[0]) * 2.3,
    "the weight is missing": yhat[0] - y[0],
    "this sums over the outputs; L_0 is the loss of output 0 alone": ((yhat - y) * W2[1]).sum(),
}
assert_derivative(
    dLk_dzj(W2, y, yhat, 1, 0), L0_of_z1, z[1], "dL_0/dz_1", of="L_0", wrt="z_1", hints=unit_hints
)
### BEGIN HIDDEN TESTS
rng = secret_rng("dLk_dzj")
for M, K in [(4, 2), (2, 3), (3, 3), (1, 5)]:
    W2, z, y = rng.normal(size=(M, K)), rng.uniform(size=M), rng.integers(2, size=K).astype(float)
    yhat = 1 / (1 + np.exp(-z @ W2))
    for j, k in {(0, 0), (M - 1, K - 1), (0, K - 1)}:

        def trusted(z, k=k):
            t = z @ W2[:, k]
            return np.log(1 + np.exp(t)) - y[k] * t

        value = assert_unchanged(dLk_dzj, W2, y, yhat, j, k)
        assert_number(value, numerical_gradient(trusted, z)[j], f"dL_{k}/dz_{j}")
### END HIDDEN TESTS

# %% [markdown]
# ### 3.2 Second rung: through the sigmoid · 1 point
#
# $z_j = \sigma(t_{1,j})$. What is $\partial z_j / \partial t_{1,j}$, the note's $\delta_j$, written
# with $z_j$ alone? $t_1$ is not kept.

# %% solution id="hidden_slope"
def hidden_slope(z):
    """δ_j = dz_j/dt_1j of each hidden unit                (note, section 3)

    z, an array of any shape: σ(t_1).  Returns the same shape.
    """
    ### BEGIN SOLUTION
    return z * (1 - z)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Equation (5) of the note, which you derived in assignment 1: the slope of $\sigma$, in terms of
# $\sigma$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $z$ has been through $\sigma$ already. No exp is needed.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>Entry by entry; 0 where z is 0 or 1, and 1/4 at
# most.</details>

# %% test id="test_hidden_slope" points=1
"""The slope of each hidden unit, from its output"""
t1 = np.array([0.0, 1.0, -2.0])
z = 1 / (1 + np.exp(-t1))
slope_hints = {
    "σ' is taken at z, which has been through σ already": 1 / (2 + np.exp(z) + np.exp(-z)),
    "this is the slope of tanh; here it is a sigmoid": 1 - z**2,
    "a factor is missing: this is 1 - z": 1 - z,
}
assert_derivative(
    hidden_slope(z), lambda t1: 1 / (1 + np.exp(-t1)), t1, "δ", of="each z_j", wrt="its own t_1j",
    upstream=np.ones(3), hints=slope_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("hidden_slope")
for shape in [(4,), (3, 2), (1,)]:
    t1 = 2 * rng.normal(size=shape)
    right = numerical_gradient(lambda t1: (1 / (1 + np.exp(-t1))).sum(), t1)
    z = 1 / (1 + np.exp(-t1))
    assert_array(assert_unchanged(hidden_slope, z), right, "δ", hints={
        "this is the slope of tanh; here it is a sigmoid": 1 - z**2
    })
    single = hidden_slope(z.astype(np.float32))
    assert_array(single, right.astype(np.float32), "δ in float32", atol=1e-6)
### END HIDDEN TESTS

# %% [markdown]
# ### 3.3 Third rung: one term, one column · 1 point
#
# One link is left, $\partial t_{1,j} / \partial W^1_j$ (see 1.1). Multiply the four.

# %% solution id="dW1_term"
def dW1_term(W2, x, z, y, yhat, j, k):
    """dL_k/dW1_j: one output's loss, one unit's weights   (note, section 3)

    W2 (M, K), x (p,), z (M,), y (K,), yhat (K,); unit 0 <= j < M, output 0 <= k < K; one sample.
    Returns (p,).
    """
    ### BEGIN SOLUTION
    return (yhat[k] - y[k]) * W2[j, k] * z[j] * (1 - z[j]) * x
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of the four factors are numbers, and which is
# the only vector?</details>
# <details><summary>Hint 2, the idea</summary>3.1 times 3.2 times the last link, for this j and
# k.</details>
# <details><summary>Hint 3, the shapes</summary>Numbers times x (p,): the shape of one column of
# W1.</details>

# %% test id="test_dW1_term" points=1
"""The gradient of one output's loss with respect to one hidden unit's weights"""
W1 = np.array([[0.2, -1.0, 0.4], [0.1, 0.3, -0.6], [0.0, -0.1, 0.2]])
W2 = np.array([[1.1, 2.3, -0.8], [0.6, -1.4, 1.7], [-0.5, 0.7, 1.9]])  # square: no shape warns
x, y = np.array([1.3, 2.2, 4.1]), np.array([0.9, 0.2, 0.6])
z = 1 / (1 + np.exp(-x @ W1))
yhat = 1 / (1 + np.exp(-z @ W2))


def L0_of_column(column):
    """The loss of output 0, from the weights of hidden unit 1."""
    t = z[0] * W2[0, 0] + W2[1, 0] / (1 + np.exp(-x @ column)) + z[2] * W2[2, 0]
    return np.log(1 + np.exp(t)) - y[0] * t


error, slope = yhat[0] - y[0], z[1] * (1 - z[1])
term_hints = {
    "the sign, as the note prints it: this points downhill": -error * 0.6 * slope * x,
    "the slope δ_j is missing": error * 0.6 * x,
    "W2[k, j] is taken; unit j and output k meet in W2[j, k]": error * 2.3 * slope * x,
    "the weight of W2 is missing": error * slope * x,
    "δ is that of hidden unit 0 here; the unit is j = 1": error * 0.6 * z[0] * (1 - z[0]) * x,
    "σ' is taken at z_j, which has been through σ already": (
        error * 0.6 / (2 + np.exp(z[1]) + np.exp(-z[1])) * x
    ),
}
assert_derivative(
    dW1_term(W2, x, z, y, yhat, 1, 0), L0_of_column, W1[:, 1], "dL_0/dW1_1", of="L_0",
    wrt="column 1 of W1", hints=term_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dW1_term")
for p, M, K in [(3, 4, 2), (1, 2, 3), (4, 3, 3), (2, 1, 5)]:
    params, x = random_params(p, M, K, rng), rng.normal(size=p)
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    z, y = 1 / (1 + np.exp(-x @ W1 - b1)), rng.integers(2, size=K).astype(float)
    yhat, j, k = 1 / (1 + np.exp(-z @ W2 - b2)), M - 1, K - 1

    def trusted(column):
        units = [1 / (1 + np.exp(-x @ (column if i == j else W1[:, i]) - b1[i])) for i in range(M)]
        t = sum(unit * W2[i, k] for i, unit in enumerate(units)) + b2[k]
        return np.log(1 + np.exp(t)) - y[k] * t

    right = numerical_gradient(trusted, W1[:, j])
    value = assert_unchanged(dW1_term, W2, x, z, y, yhat, j, k)
    assert_array(value, right, f"dL_{k}/dW1_{j}")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $$\frac{\partial \mathcal L_k}{\partial W^1_j} = (\hat y_k - y_k)\,
#   \underbrace{\frac{\partial t_{2,k}}{\partial z_j}}_{W^2_{jk}}\;
#   \underbrace{\frac{\partial z_j}{\partial t_{1,j}}}_{\delta_j = z_j (1 - z_j)}\;
#   \underbrace{\frac{\partial t_{1,j}}{\partial W^1_j}}_{x}$$
#
# *Where we differ from print:* the sign, here and in all of section 3. Three slips of the pen besides:
# $y_i$ for $y_0$ in $\mathcal L_0$, $W^1_1$ for the first column $W^1_0$, and at the end
# $W^2 \in \mathbb R^{10 \times 512}$, which is the shape of its transpose.
#
# </details>

# %% [markdown]
# ### 3.4 Fourth rung: all terms, one column · 2 points
#
# Add up the $K$ terms of 3.3. $\delta_j$ and $x$ are the same in all of them: take them out. What is
# left in the bracket is one number. Which operation of two vectors gives it, without a loop?

# %% solution id="dW1_column"
def dW1_column(W2, x, z, y, yhat, j):
    """Column j of dW1, for one sample: all outputs together  (note, section 3)

    W2 (M, K), x (p,), z (M,), y (K,), yhat (K,), 0 <= j < M.  Returns (p,).
    """
    ### BEGIN SOLUTION
    return (yhat - y) @ W2[j] * z[j] * (1 - z[j]) * x
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>The sum over k of products of two numbers: which
# operation of vectors is that?</details>
# <details><summary>Hint 2, the idea</summary>First the number in the bracket, then the slope, then
# x. No loop is needed.</details>
# <details><summary>Hint 3, the shapes</summary>(K,) times (K,) is a number; the result has the
# shape of x.</details>

# %% test id="test_dW1_column" points=2
"""One column of dW1 for one sample: all outputs together"""
W1, x = np.array([[0.25, -1.0], [-0.5, 0.25]]), np.array([1.0, 2.0])
W2, y = np.array([[1.0, 2.0, 4.0], [0.5, -1.0, 2.0]]), np.array([0.0, 1.0, 0.0])
z = 1 / (1 + np.exp(-x @ W1))
yhat = 1 / (1 + np.exp(-z @ W2))


def L_of_column(column):
    """The whole loss, from the weights of hidden unit 0."""
    t = W2[0] / (1 + np.exp(-x @ column)) + z[1] * W2[1]
    return (np.log(1 + np.exp(t)) - y * t).sum()


bracket, slope = ((yhat - y) * W2[0]).sum(), z[0] * (1 - z[0])
column_hints = {
    "the sign, as the note prints it: this points downhill": -bracket * slope * x,
    "the slope δ_j is missing": bracket * x,
    "x is missing, as in the last line of the note's formula": [bracket * slope] * 2,
    "this is the term of output 0 alone: sum over k": (yhat[0] - y[0]) * W2[0, 0] * slope * x,
}
assert_derivative(
    dW1_column(W2, x, z, y, yhat, 0), L_of_column, W1[:, 0], "dW1[:, 0]", of="L",
    wrt="column 0 of W1", hints=column_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dW1_column")
for p, M, K in [(3, 4, 2), (1, 2, 3), (3, 3, 3), (2, 1, 5)]:
    params, x = random_params(p, M, K, rng), rng.normal(size=p)
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    z, y = 1 / (1 + np.exp(-x @ W1 - b1)), rng.integers(2, size=K).astype(float)
    yhat, j = 1 / (1 + np.exp(-z @ W2 - b2)), M - 1

    def trusted(column):
        units = [1 / (1 + np.exp(-x @ (column if i == j else W1[:, i]) - b1[i])) for i in range(M)]
        t = sum(unit * W2[i] for i, unit in enumerate(units)) + b2
        return (np.log(1 + np.exp(t)) - y * t).sum()

    right = numerical_gradient(trusted, W1[:, j])
    hints = {"the slope δ_j is missing": right / (z[j] * (1 - z[j]))}
    if M == K:
        hints["column j of W2 is taken; unit j has row j"] = (
            (yhat - y) @ W2[:, j] * z[j] * (1 - z[j]) * x
        )
    value = assert_unchanged(dW1_column, W2, x, z, y, yhat, j)
    assert_array(value, right, f"dW1[:, {j}]", hints=hints)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$\frac{\partial \mathcal L}{\partial W^1_j}
#   = (\hat y_0 - y_0) W^2_{j0}\, \delta_j\, x + \dots
#   + (\hat y_{K-1} - y_{K-1}) W^2_{j,K-1}\, \delta_j\, x
#   = \Bigl[ (\hat y - y) \cdot W^2_{j\,\bullet} \Bigr]\, \delta_j\; x$$
#
# *Where we differ from print:* the note loses the $x$ in its last form.
#
# </details>

# %% [markdown]
# ### 3.5 Fifth rung: all columns, one sample · 4 points
#
# Write the bracket of 3.4 for every $j$ at once: a row of $M$ numbers, one matrix product. Multiply
# by the slopes, entry by entry. What you have then is $\partial \mathcal L / \partial t_1$, and it
# is $db^1$ already. Each of its numbers multiplies the same $x$.
#
# This is where the note ends, with a check of the sizes. (It drops the bias "for simplicity", so
# $db^1$ is ours. Its $x$ is a column in this formula; in code it is `(p,)`.)

# %% solution id="hidden_one"
def hidden_one(W2, x, z, y, yhat):
    """dW1 and db1, for one sample                         (note, section 3)

    W2 (M, K), x (p,), z (M,), y (K,), yhat (K,).  Returns the pair dW1 (p, M), db1 (M,).
    """
    ### BEGIN SOLUTION
    db1 = (yhat - y) @ W2.T * z * (1 - z)
    return np.outer(x, db1), db1
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Row j of W2 times the error, for all j: which matrix
# product is that, and what is transposed?</details>
# <details><summary>Hint 2, the idea</summary>Finish the row of M numbers; the outer product comes
# last.</details>
# <details><summary>Hint 3, the shapes</summary>(K,) times (K, M) is (M,); (p, 1) times (1, M) is
# (p, M), the shape of W1.</details>

# %% test id="test_hidden_one" points=4
"""dW1 and db1 for one sample"""
W1, x = np.array([[0.25, -1.0], [-0.5, 0.25]]), np.array([1.0, 2.0])
W2, y = np.array([[1.0, 2.0, 4.0], [0.5, -1.0, 2.0]]), np.array([0.0, 1.0, 0.0])
z = 1 / (1 + np.exp(-x @ W1))
yhat = 1 / (1 + np.exp(-z @ W2))


def L_of_hidden_layer(W1, b1):
    """The loss of one sample, from the hidden layer's parameters."""
    t = 1 / (1 + np.exp(-x @ W1 - b1)) @ W2
    return (np.log(1 + np.exp(t)) - y * t).sum()


pair = hidden_one(W2, x, z, y, yhat)
assert_several(pair, 2, "dW1 and db1")
dz = ((yhat - y) * W2).sum(axis=1)
db1_hints = {
    "the sign, as the note prints it: this points downhill": -dz * z * (1 - z),
    "the slopes δ are missing": dz,
    "half of the slope is missing: this has z in the place of δ": dz * z,
    "σ' is taken at z, which has been through σ already": dz / (2 + np.exp(z) + np.exp(-z)),
}
assert_derivative(
    pair[1], lambda b1: L_of_hidden_layer(W1, b1), np.zeros(2), "db1", of="L", wrt="b1",
    hints=db1_hints,
)  # fmt: skip
dW1_hints = {text: np.outer(x, wrong) for text, wrong in db1_hints.items()}
dW1_hints["it is the transpose: inputs run down the rows"] = np.outer(dz * z * (1 - z), x)
assert_derivative(
    pair[0], lambda W1: L_of_hidden_layer(W1, np.zeros(2)), W1, "dW1 with p = M", of="L", wrt="W1",
    hints=dW1_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("hidden_one")
for p, M, K in [(3, 4, 2), (1, 2, 3), (3, 3, 3), (2, 1, 5)]:
    params, x = random_params(p, M, K, rng), rng.normal(size=p)
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    z, y = 1 / (1 + np.exp(-x @ W1 - b1)), rng.integers(2, size=K).astype(float)
    yhat = 1 / (1 + np.exp(-z @ W2 - b2))

    def trusted(W1, b1, W2=W2, b2=b2, x=x, y=y):
        t = 1 / (1 + np.exp(-x @ W1 - b1)) @ W2 + b2
        return (np.log(1 + np.exp(t)) - y * t).sum()

    right = numerical_gradient(lambda W1: trusted(W1, b1), W1)
    right_b = numerical_gradient(lambda b1: trusted(W1, b1), b1)
    hints = {"the slopes δ are missing": W2 @ (yhat - y)}
    if M == K:
        hints["the transpose of W2 is missing"] = (yhat - y) @ W2 * z * (1 - z)
    dW1, db1 = assert_unchanged(hidden_one, W2, x, z, y, yhat)
    assert_array(db1, right_b, "db1", hints=hints)
    assert_array(dW1, right, "dW1", hints={"it is the transpose": right.T})
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box</summary>
#
# $$db^1 = \bigl((\hat y - y)\, W^{2T}\bigr) \circ \delta, \qquad
#   dW^1 = x^T\, db^1, \qquad \delta = z \circ (1 - z)$$
#
# </details>

# %% [markdown]
# ### 3.6 Top of the ladder: the rung that the note leaves to you · 7 points
#
# In section 2 a batch of outer products became one matrix product. Do it once more. Everything that
# was a vector for one sample is a matrix now, with a row for each sample.

# %% solution id="hidden_gradients"
def hidden_gradients(W2, X, Z, Y, Yhat):
    """dW1 and db1 of a batch, without a loop              (completes section 3)

    W2 (M, K), X (N, p), Z (N, M), Y (N, K), Yhat (N, K).
    Returns the pair dW1 (p, M), db1 (M,).
    """
    ### BEGIN SOLUTION
    dT1 = (Yhat - Y) @ W2.T
    dT1 *= Z
    dT1 *= 1 - Z
    return X.T @ dT1, dT1.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>In 3.5, which vectors become matrices with one row
# for each sample, and what stays as it is?</details>
# <details><summary>Hint 2, the idea</summary>
#
# First $dL/dt_1$, (N, M), for each hidden unit and each sample. Then what you did with Z and the
# errors in 2.4, with X.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(N, K)(K, M) → (N, M); (p, N)(N, M) → (p, M).
# Whatever has an N in its shape is not finished.</details>

# %% test id="test_hidden_gradients" points=7
"""dW1 and db1 of a batch without a loop over the samples"""
W1, X = np.array([[0.25, -1.0], [-0.5, 0.25]]), np.array([[1.0, 2.0], [0.0, 1.0]])
W2, Y = np.array([[1.0, 2.0, 4.0], [0.5, -1.0, 2.0]]), np.array([[0.0, 1.0, 0.0], [1.0, 0, 0]])
Z = 1 / (1 + np.exp(-X @ W1))
Yhat = 1 / (1 + np.exp(-Z @ W2))


def L_of_hidden_layer(W1, b1):
    """The loss of the batch, from the hidden layer's parameters."""
    T = 1 / (1 + np.exp(-X @ W1 - b1)) @ W2
    return (np.log(1 + np.exp(T)) - Y * T).sum()


pair = hidden_gradients(W2, X, Z, Y, Yhat)
assert_several(pair, 2, "dW1 and db1")
dZ = np.einsum("nk,jk->nj", Yhat - Y, W2)
whole = np.einsum("ni,nj->ij", X, dZ * Z * (1 - Z))
dW1_hints = {
    "the sign, as the note prints it: this points downhill": -whole,
    "this is the mean over the samples; the loss is the sum": whole / 2,
    "the slopes are missing": np.einsum("ni,nj->ij", X, dZ),
    "it is the transpose: inputs run down the rows": whole.T,
    "the sum runs over the inputs: a transpose is missing": X @ (dZ * Z * (1 - Z)),
}
assert_derivative(
    pair[0], lambda W1: L_of_hidden_layer(W1, np.zeros(2)), W1, "dW1 with N = p = M", of="L",
    wrt="W1", hints=dW1_hints,
)  # fmt: skip
whole = (dZ * Z * (1 - Z)).sum(axis=0)
db1_hints = {
    "the sign: this points downhill": -whole,
    "this is the mean over the samples; the loss is the sum": whole / 2,
    "the slopes are missing": dZ.sum(axis=0),
}
assert_derivative(
    pair[1], lambda b1: L_of_hidden_layer(W1, b1), np.zeros(2), "db1", of="L", wrt="b1",
    hints=db1_hints,
)  # fmt: skip
assert_vectorised(
    hidden_gradients,
    lambda n: (W2, np.ones((n, 2)), np.full((n, 2), 0.5), np.ones((n, 3)), np.full((n, 3), 0.5)),
)
### BEGIN HIDDEN TESTS
rng = secret_rng("hidden_gradients")
for N, p, M, K in [(6, 4, 3, 5), (1, 3, 2, 4), (7, 2, 5, 2), (3, 3, 3, 3)]:
    params, X = random_params(p, M, K, rng), rng.normal(size=(N, p))
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    Z, Y = 1 / (1 + np.exp(-X @ W1 - b1)), rng.integers(2, size=(N, K)).astype(float)
    Yhat = 1 / (1 + np.exp(-Z @ W2 - b2))

    def trusted(W1, b1, W2=W2, b2=b2, X=X, Y=Y):
        T = 1 / (1 + np.exp(-X @ W1 - b1)) @ W2 + b2
        return (np.log(1 + np.exp(T)) - Y * T).sum()

    right = numerical_gradient(lambda W1: trusted(W1, b1), W1)
    right_b = numerical_gradient(lambda b1: trusted(W1, b1), b1)
    dW1, db1 = assert_unchanged(hidden_gradients, W2, X, Z, Y, Yhat)
    hints = {"the slopes are missing": X.T @ ((Yhat - Y) @ W2.T)}
    if N > 1:
        hints["this is the mean over the samples; the loss is the sum"] = right / N
    assert_array(dW1, right, f"dW1, N = {N}", hints=hints)
    assert_array(db1, right_b, f"db1, N = {N}")
    strided = hidden_gradients(W2, np.repeat(X, 2, axis=1)[:, ::2], np.asfortranarray(Z), Y, Yhat)
    assert_array(strided[0], right, "dW1 of arrays that are not contiguous")
X, Z = rng.normal(size=(64, p)), rng.uniform(size=(64, M))
Y, Yhat = rng.integers(2, size=(64, K)).astype(float), rng.uniform(size=(64, K))
### END HIDDEN TESTS

# %% manual [markdown] id="from_one_to_many" points=4
# **In your own words.** (a) The note stops at $dW^1$ for one sample. Let $D$ hold
# $\partial \mathcal L / \partial t_1$ with a sample in each row. Show, with indices, that $X^T D$ is
# the sum of the matrices for the single samples, and why row $n$ of $D$ depends on sample $n$ alone.
# (b) The product $X^T D$ does not do fewer multiplications than the loop over samples. Why is it
# faster all the same? Name two reasons.
#
# ### BEGIN SOLUTION
# (a) $D = \bigl((\hat Y - Y) W^{2T}\bigr) \circ Z \circ (1 - Z)$. For sample $n$ the note's result has the entries $x_{ni} d_{nj}$, where $d_{nj}$ is entry $(n,
# j)$ of $D$: $d_n = ((\hat y_n - y_n) W^{2T}) \circ z_n \circ (1 - z_n)$ uses row $n$ of each
# matrix only, so stacking the samples as rows changes nothing. The loss is a sum over samples, so
# the gradient is $\sum_n x_{ni} d_{nj} = \sum_n (X^T)_{in} d_{nj} = (X^T D)_{ij}$.
#
# (b) One call of a compiled routine in place of $N$ turns of a Python loop. And memory: the loop
# writes and reads the whole $3072 \times 512$ matrix, 12.6 MB, for every sample, so that it waits
# for memory, while the matrix product keeps a tile of the result in the cache and adds all $N$
# contributions there. (Also: vector instructions with several multiplications at once, several
# cores.)
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: the loss is a sum over samples, so the gradients add up. 1 point: the index sum is
# recognised as a product with $X^T$, with the sum over $n$ in the right place. 1 point for each of
# two valid reasons out of: interpreter or call overhead, memory traffic and cache, vector
# instructions or cores. "numpy is faster" alone earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# <details><summary>The box</summary>
#
# $$dW^1 = X^T \Bigl( \bigl((\hat Y - Y)\, W^{2T}\bigr) \circ Z \circ (1 - Z) \Bigr)$$
#
# $db^1$ is the sum over the samples of the same bracket. The note stops before this line; its
# derivation is question (a).
#
# </details>
#
# ### What this equation says
#
# A weight learns from what went in times what came back. $X^T D$ pairs, for every input and every
# hidden unit, the input's values over the batch with the unit's $\partial \mathcal L / \partial
# t_1$: where the two tend to have the same sign, the weight between them is too large. One product
# of matrices is $N$ such observations added up, and one step of learning.

# %% [markdown]
# ## 4 · All in one pass · 4 points · 14 minutes
#
# Training needs the loss and all four gradients together. Compute every quantity once: besides the
# forward pass you need $E$, $D$ and three more matrix products. That makes five in all; everything
# else is cheap next to them.
#
# You may call what you wrote above; then a mistake up there costs its points here, too. Or write
# the formulas out.

# %% solution id="loss_and_gradient"
def loss_and_gradient(params, X, Y):
    """(L, gradient), summed over the batch                (note, sections 2 and 3, completed)

    params: W1 (p, M), b1 (M,), W2 (M, K), b2 (K,); X (N, p); Y (N, K), zeros and ones.
    Returns the pair: a number, and a dict with the keys and shapes of params.
    """
    ### BEGIN SOLUTION
    Z, T = forward(params, X)
    E = sigmoid(T)
    E -= Y  # dL/dT
    D = E @ params["W2"].T
    D *= Z
    D *= 1 - Z  # dL/dt1
    gradient = {"W1": X.T @ D, "b1": D.sum(axis=0), "W2": Z.T @ E, "b2": E.sum(axis=0)}
    return loss(T, Y), gradient
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of your functions need Ŷ, and which
# T?</details>
# <details><summary>Hint 2, the idea</summary>You have all the parts: forward, sigmoid, loss and two
# functions for the gradients. Call each once.</details>
# <details><summary>Hint 3, the shapes</summary>Nothing with an N in its shape leaves this
# function.</details>

# %% test id="test_loss_and_gradient" points=4
"""The loss and all four gradients of a batch"""
toy = {
    "W1": np.log([[1.0, 3.0], [3.0, 1 / 3]]),
    "b1": np.log([1.0, 2.0]),
    "W2": np.log([[1.0, 9.0], [4.0, 1.0]]),
    "b2": np.log([3.0, 1.0]),
}
X_toy, Y_toy = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 1.0]])
q = np.array([3 * 4**0.4, 9**0.75])  # exp T of both samples; Z is (3/4, 2/5)
E = np.array([q / (1 + q) - [1, 0], q / (1 + q) - [1, 1]])
D = np.array([3 / 16, 6 / 25]) * np.array([E[:, 1] * np.log(9), E[:, 0] * np.log(4)]).T
right = {
    "b2": E.sum(axis=0),
    "W2": np.outer([3 / 4, 2 / 5], E.sum(axis=0)),
    "b1": D.sum(axis=0),
    "W1": np.outer([0, 1], D.sum(axis=0)),
}
pair = loss_and_gradient(toy, X_toy, Y_toy)
assert_several(pair, 2, "the loss and the gradient")
L, gradient = pair
assert_keys(gradient, toy, "the gradient")
right_L = 2 * np.log(1 + q).sum() - np.log(q[0] ** 2 * q[1])
q_again = np.exp(q / (1 + q))
L_hints = {
    "this is the mean; L is the sum": right_L / 2,
    "loss was given Ŷ = σ(T); it takes T": (
        2 * np.log(1 + q_again).sum() - np.log(q_again[0] ** 2 * q_again[1])
    ),
    "the terms (1 - y) log(1 - ŷ) are missing": right_L - np.log(1 + q[1]),
}
assert_number(L, right_L, "L", hints=L_hints)
for name, array in right.items():
    gradient_hints = {
        "this is the mean over the samples; the loss is the sum": array / 2,
        "the sign, as the note prints it: this points downhill": -array,
    }
    assert_array(gradient[name], array, f"d{name}", hints=gradient_hints)
assert_vectorised(loss_and_gradient, lambda n: (toy, np.ones((n, 2)), np.ones((n, 2))))
### BEGIN HIDDEN TESTS
def trusted(params, X, Y):
    T = 1 / (1 + np.exp(-X @ params["W1"] - params["b1"])) @ params["W2"] + params["b2"]
    size = np.where(T.real > 0, T, -T)
    return (np.where(T.real > 0, T, 0) - Y * T + np.log(1 + np.exp(-size))).sum()


rng = secret_rng("loss_and_gradient")
for N, p, M, K in [(6, 4, 3, 5), (1, 3, 2, 4), (7, 2, 5, 2), (3, 3, 3, 3)]:
    params, X = random_params(p, M, K, rng), rng.normal(size=(N, p))
    Y = rng.integers(2, size=(N, K)).astype(float)
    single = {name: array.astype(np.float32) for name, array in params.items()}
    large = {**params, "W2": 1000 * params["W2"]}
    Z = 1 / (1 + np.exp(-X @ params["W1"] - params["b1"]))
    sure = (Z @ large["W2"] + large["b2"] > 0).astype(float)
    sure[0, 0] = 1 - sure[0, 0]  # one large output is wrong; two might cancel to rounding
    _, of_single = loss_and_gradient(single, X.astype(np.float32), Y.astype(np.float32))
    L, gradient = assert_unchanged(loss_and_gradient, params, X, Y)
    with np.errstate(over="ignore"):
        large_L, of_large = loss_and_gradient(large, X, sure)
    assert_number(L, trusted(params, X, Y), f"L, N = {N}")
    assert_number(large_L, trusted(large, X, sure), "L of outputs near ±1000")
    for name in ("b2", "W2", "b1", "W1"):
        right = numerical_gradient(
            lambda value, name=name: trusted({**params, name: value}, X, Y), params[name]
        )
        mean = {"this is the mean over the samples; the loss is the sum": right / N}
        assert_array(gradient[name], right, f"d{name}, N = {N}", hints=mean if N > 1 else {})
        assert_array(of_single[name], right.astype(np.float32), f"d{name} in float32")
        right = numerical_gradient(
            lambda value, name=name: trusted({**large, name: value}, X, sure), large[name]
        )
        assert_array(of_large[name], right, f"d{name} of outputs near ±1000")
X, Y = rng.normal(size=(64, p)), rng.integers(2, size=(64, K)).astype(float)
### END HIDDEN TESTS

# %% [markdown]
# Your gradients on the wires of a small network, a batch of one sample: two outputs, each with its own
# question. One that is not right is red, with the right one next to it. Drag a label: which derivatives
# change their sign?

# %% experiment id="drag_the_network"
from mlpkit import explorables as explore

small, x, y = random_params(2, 3, 2, np.random.default_rng(1)), np.array([1.0, -0.5]), np.ones(2)
_, mine = loss_and_gradient(small, x[None], y[None])
explore.backward_pass({**small, "x": x, "y": y}, wrong=mine)

# %% [markdown]
# ### The data, and a check at full size
#
# If CIFAR-10 has been downloaded (`datasets.fetch_cifar10()` does that, 170 MB), the cells below
# use its first 1300 photographs. Otherwise they draw images of the same shape from a seed: 3072
# numbers each, ten classes.
#
# The checker then compares slopes along random directions, for all 1.6 million weights, with a few
# dozen evaluations of your loss. (If your loss uses np.abs, which drops the imaginary part, the
# checker falls back on finite differences and confirms fewer digits.)

# %% experiment id="images"
try:
    images, labels = datasets.fetch_cifar10(
        n_samples=1300, download_if_missing=False, return_X_y=True
    )
    source = "CIFAR-10"
except datasets.DatasetError:
    images, labels = datasets.make_cifar_like(1300, random_state=0)
    source = "images drawn from a seed"
(images,) = datasets.standardise(images)
targets = datasets.one_hot(labels, 10)
print(f"{source}: {images.shape}, {targets.shape}")

check_gradient(
    lambda params: loss(forward(params, images[:128])[1], targets[:128]),
    lambda params: loss_and_gradient(params, images[:128], targets[:128])[1],
    random_params(3072, 512, 10, np.random.default_rng(0)),
)

# %% [markdown]
# ### What the matrix form is worth
#
# The gradients of a batch at full size, computed twice: by your functions for one sample in a loop,
# and by your functions for the batch. The forward pass is left out. **Before you run it:** what do you
# expect at $N = 1$, and at $N = 128$?

# %% experiment id="figure_loop_matrix"
"""Figure: CPU time for each sample, in a loop and in matrix products"""


def with_loop(W2, X, Z, Y, Yhat):
    """The gradients with respect to W1 and W2, added up sample by sample."""
    dW1 = 0
    for x, z, y, yhat in zip(X, Z, Y, Yhat):
        dW1 = dW1 + hidden_one(W2, x, z, y, yhat)[0]
    return dW1, dW2_loop(Z, Y, Yhat)


def with_matrices(W2, X, Z, Y, Yhat):
    """The same for the whole batch at once."""
    return hidden_gradients(W2, X, Z, Y, Yhat), output_gradients(Z, Y, Yhat)


def milliseconds(gradients, N):
    """What one sample of a batch of N costs, in CPU time: all cores count, waiting does not."""
    arguments = params["W2"], images[:N], Z[:N], targets[:N], Yhat[:N]
    began = time.process_time()
    gradients(*arguments)
    return 1e3 * (time.process_time() - began) / N


params, sizes = random_params(3072, 512, 10, np.random.default_rng(0)), [2**k for k in range(11)]
Z, T = forward(params, images[: sizes[-1]])
Yhat = sigmoid(T)
# The best of a few rounds through all sizes, so that a busy moment of the machine spoils none.
rounds = [
    [milliseconds(with_loop, N) for N in sizes[:8]]
    + [milliseconds(with_matrices, N) for N in sizes]
    for _ in range(6)
]
best = np.min(rounds, axis=0)
loop, matrix = best[:8], best[8:]
ratio = loop[7] / matrix[7]

fig, ax = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
ax.loglog(sizes[:8], loop, "s--", color="#D55E00", label="loop over the samples")
ax.loglog(sizes, matrix, "o-", color="#0072B2", label="matrix products")
ax.annotate("", (128, loop[7]), (128, matrix[7]), arrowprops={"arrowstyle": "<->", "color": "0.4"})
middle = np.sqrt(loop[7] * matrix[7])
ax.text(140, middle, f"{ratio:.0f} times cheaper\nat the note's 128", color="0.3", va="center")
ax.set_xticks(sizes, sizes)
ax.yaxis.set_major_locator(plt.LogLocator(subs=[1, 3]))
ax.yaxis.set_major_formatter("{x:g}")
ax.minorticks_off()
ax.set_ylim(top=8 * max(loop))
ax.set_xlabel("samples in a batch, N")
ax.set_ylabel("CPU milliseconds per sample")
ax.set_title("In a matrix product a sample costs less the more there are")
ax.legend(frameon=False, loc="upper right")
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# In the loop every sample costs the same: it writes a matrix of 12.6 MB, which is then read, added
# and thrown away. The matrix product passes over that memory once for the whole batch. The cost of
# one sample falls until arithmetic is nearly all that is left, and from there larger batches bring
# little. Whether they teach more is the next question. (At $N = 1$ numpy's `@` may be slower than
# np.outer: its fast path does not cover a product with an inner size of 1.)

# %% [markdown]
# ## 5 · Training in batches · 6 points · 15 minutes
#
# ### 5.1 Cutting the data up · 2 points
#
# In each epoch, one pass over all the data, the samples are shuffled and dealt out in batches.
# 1300 samples make ten batches of 128 and one of 20. **The last, smaller one is not dropped:** its
# samples count as much as any.

# %% solution id="minibatches"
def minibatches(N, batch_size, rng):
    """The numbers 0 ... N-1 in random order, cut into batches  (note, section 2.1)

    N > 0, batch_size > 0, rng: Generator.
    Returns a list of integer arrays (batch_size,); the last one may be shorter, none is empty.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(N)
    return [order[first : first + batch_size] for first in range(0, N, batch_size)]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>At which places does a new batch begin?</details>
# <details><summary>Hint 2, the idea</summary>One permutation, then slices of it. A slice that
# runs past the end is simply shorter.</details>
# <details><summary>Hint 3, the shapes</summary>N = 10 in batches of 4: lengths 4, 4, 2.</details>

# %% test id="test_minibatches" points=2
"""Batches: every sample once, shuffled, the last batch smaller but there"""
def dealt_order(N, batch_size, rng):
    batches = minibatches(N, batch_size, rng)
    kind = type(batches).__name__
    assert kind == "list", (
        f"expected a list of arrays, you returned a {kind}.\nNext: collect the batches in a list."
    )
    full, rest = divmod(N, batch_size)
    wanted = [batch_size] * full + [rest] * (rest > 0)
    lengths = [len(batch) for batch in batches]
    assert not rest or lengths != wanted[:-1], (
        f"N = {N} in batches of {batch_size}: lengths {lengths}, expected {wanted}: "
        "the last, smaller batch was dropped.\nNext: let the last slice be shorter, and keep it."
    )
    assert lengths == wanted, (
        f"N = {N} in batches of {batch_size}: lengths {lengths}, expected {wanted}.\n"
        "Next: begin a batch at 0, batch_size, 2 batch_size, ... and stop before N."
    )
    order = np.concatenate(batches)
    assert_array(np.sort(order), np.arange(N), "all indices, sorted")
    return list(order)


rng = np.random.default_rng(5)
first, second = dealt_order(10, 4, rng), dealt_order(10, 4, rng)
in_order = "the samples come in order.\nNext: shuffle them; rng.permutation draws an order."
assert first != list(range(10)), in_order
assert first != second, (
    "two epochs have the same order.\nNext: draw a new one from rng at each call."
)
### BEGIN HIDDEN TESTS
rng = secret_rng("minibatches")
for N, batch_size in [(12, 4), (1, 128), (7, 7), (7, 1), (130, 128), (127, 128), (50, 16)]:
    order = dealt_order(N, batch_size, rng)
assert order != sorted(order), in_order
blocks = minibatches(60, 6, rng)
assert any(max(batch) - min(batch) > 5 for batch in blocks), (
    "every batch holds neighbours: the batches are shuffled, not the samples.\n"
    "Next: draw an order of all samples first, then cut it."
)
same = [dealt_order(40, 9, np.random.default_rng(3)) for _ in range(2)]
assert same[0] == same[1], (
    "two calls with equal generators gave two orders.\nNext: take all randomness from rng."
)
### END HIDDEN TESTS

# %% [markdown]
# ### 5.2 Stochastic gradient descent with batches · 4 points
#
# A step for each batch $B$, along the mean gradient of its samples:
#
# $$\theta \leftarrow \theta - \frac{\gamma}{|B|} \sum_{n \in B}
#   \frac{\partial \mathcal L_n}{\partial \theta}$$
#
# $|B|$ is the size of *this* batch. If the last one, of 20, were divided by 128, its step would be
# less than a sixth of what it should be. (The note's loss is a sum. Dividing keeps $\gamma$
# meaningful when the batch size changes.)
#
# The batches come from a function, so that this stub does not depend on the one before. To watch the
# training, add up the losses that the steps compute anyway.

# %% solution id="sgd"
def sgd(objective, params, X, Y, batches, step_size, epochs):
    """θ ← θ - γ/|B| Σ_{n in B} dL_n/dθ, batch after batch  (note, section 2.1)

    objective(params, X_rows, Y_rows) returns (L, gradient), summed over these rows; params: dict
    of arrays, not to be changed in place; batches() returns a new list of index arrays for each
    epoch; X (N, p), Y (N, K).
    Returns the pair (params, losses): params after the last step, a dict; losses (epochs,), for
    each epoch the sum of the losses of its batches divided by N.
    """
    ### BEGIN SOLUTION
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        for rows in batches():
            L, gradient = objective(params, X[rows], Y[rows])
            scale = step_size / len(rows)
            params = {name: array - scale * gradient[name] for name, array in params.items()}
            losses[epoch] += L / len(X)
    return params, losses
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How often is batches() called, and how often
# objective?</details>
# <details><summary>Hint 2, the idea</summary>An index array takes the same rows out of X and out of
# Y. Each step makes a new dict.</details>
# <details><summary>Hint 3, the shapes</summary>X[rows] is (len(rows), p). The gradient has the keys
# and shapes of params.</details>

# %% test id="test_sgd" points=4
"""Mini-batch descent: a step for every batch, along the mean over that batch"""
def assert_sgd(epochs_of_batches, N, start, step_size, rng):
    """Check sgd on a least-squares problem against a replay of the same steps."""
    X, Y = rng.normal(size=(N, len(start["W"]))), rng.normal(size=(N, 2))

    def objective(params, x, y):
        error = x @ params["W"] + params["b"] - y
        return (error**2).sum() / 2, {"W": x.T @ error, "b": error.sum(axis=0)}

    coming = iter(epochs_of_batches)
    epochs = len(epochs_of_batches)
    pair = assert_unchanged(sgd, objective, start, X, Y, lambda: next(coming), step_size, epochs)
    assert_several(pair, 2, "params and losses")
    params, losses = pair

    def replay(divisor, epochs_of_batches=epochs_of_batches):
        values, seen = start, []
        for batches in epochs_of_batches:
            seen.append(0.0)
            for rows in batches:
                L, gradient = objective(values, X[rows], Y[rows])
                seen[-1] += L / N
                values = {k: v - step_size / divisor(rows) * gradient[k] for k, v in values.items()}
        return values, np.array(seen)

    right, right_losses = replay(len)
    largest = max(len(rows) for batches in epochs_of_batches for rows in batches)
    wrong = {
        "uphill: this is θ + γ/|B| times the gradient": replay(lambda rows: -len(rows)),
        "the gradient is not divided by |B|, the size of the batch": replay(lambda rows: 1),
        "the gradient is divided by N, not by the size of the batch": replay(lambda rows: N),
        "the last, smaller batch is divided by the size of the full ones": replay(
            lambda rows: largest
        ),
    }
    assert_keys(params, start, "params")
    again = [epochs_of_batches[0]] * epochs
    wrong["every epoch has the batches of the first one; call batches() in each"] = replay(len, again)
    for name in start:
        hints = {text: values[name] for text, (values, _) in wrong.items()}
        assert_array(params[name], right[name], f"{name} after the last step", hints=hints)
    assert_array(losses, right_losses, "losses")


start = {"W": np.array([[1.0, 0.0], [0.0, 1.0]]), "b": np.array([1.0, -1.0])}
two_epochs = [
    [np.array([3, 0]), np.array([4, 1]), np.array([2])],
    [np.array([1, 2]), np.array([0, 4]), np.array([3])],
]
assert_sgd(two_epochs, 5, start, 0.25, np.random.default_rng(0))
### BEGIN HIDDEN TESTS
rng = secret_rng("sgd")
for N, size, p, epochs in [(9, 4, 3, 3), (1, 1, 1, 2), (6, 6, 2, 2), (5, 2, 4, 1)]:
    start = {"W": rng.normal(size=(p, 2)), "b": rng.normal(size=2)}
    dealt = [np.array_split(rng.permutation(N), range(size, N, size)) for _ in range(epochs)]
    assert_sgd(dealt, N, start, 0.1, rng)
### END HIDDEN TESTS

# %% [markdown]
# ### Which batch size?
#
# The network at full size, from the same start, on the 1300 images, with batches of 16, of 128 and
# of all 1300. Each has the best of the step sizes 0.05, 0.1, 0.2, 0.4 and 0.8 (on the images from
# the seed). The left panel counts epochs, the right one seconds of CPU time. **Before you run it:**
# which curve will be lowest in which?

# %% experiment id="figure_batch_size"
"""Figure: the loss with batches of 16, 128 and 1300"""


def train(batch_size, step_size, epochs):
    """Seconds of CPU time and loss after each epoch."""
    rng = np.random.default_rng(1)
    trained, spent, seen = random_params(3072, 512, 10, np.random.default_rng(0)), [], []
    began = time.process_time()
    for _ in range(epochs):
        trained, losses = sgd(
            loss_and_gradient,
            trained,
            images,
            targets,
            lambda: minibatches(len(images), batch_size, rng),
            step_size,
            1,
        )
        spent.append(time.process_time() - began)
        seen.append(losses[0])
    return spent, seen


fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
for batch_size, step_size, epochs, colour, style in [
    (16, 0.4, 6, "#E69F00", "^-"),
    (128, 0.8, 14, "#0072B2", "o-"),
    (1300, 0.2, 20, "#D55E00", "s-"),
]:
    spent, losses = train(batch_size, step_size, epochs)
    axes[0].semilogy(range(1, epochs + 1), losses, style, color=colour, ms=4, label=batch_size)
    axes[1].semilogy(spent, losses, style, color=colour, ms=4)
axes[0].set(xlabel="epochs", ylabel="loss per image", title="The race, timed in epochs")
axes[1].set(xlabel="CPU seconds", title="The same race, in CPU seconds")
axes[0].legend(frameon=False, title="batch size")
for ax in axes:
    ax.yaxis.set_major_formatter("{x:g}")
    ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# Within an epoch small batches learn most: 82 steps of 16 against one step with everything. But
# each step, however few its samples, reads and writes all 1.6 million weights and their gradient,
# and in CPU time 128 comes out ahead of 16. The full batch is behind in both panels. The note's
# 128 is no magic number: at that size a sample costs little more than in any larger batch.

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *Another hidden layer.* Let $z = \tanh(t_1)$ in the place of the sigmoid. What is
#    $\partial z / \partial t_1$, written with `z`?
# 2. *Weighted classes.* Class $k$ counts $c_k$ times: $\mathcal L = \sum_k c_k \mathcal L_k$. What is
#    $dW^2$ of a batch? Write it with `Z`, `Y`, `Yhat` and `c` `(K,)`.
# 3. *Counting.* How many multiplications does $X^T D$ take, for `X` `(N, p)` and `D` `(N, M)`? And how
#    many numbers does the loop over samples write, if every sample's matrix is made and then added?

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: slope(z) -> like z; dW2(Z, Y, Yhat, c) -> (M, K); counts(N, p, M) -> the pair
    (multiplications, numbers written: each sample's matrix once, and the sum once for each sample).
    """
    ### BEGIN SOLUTION
    return [
        lambda z: 1 - z**2,
        lambda Z, Y, Yhat, c: Z.T @ ((Yhat - Y) * c),
        lambda N, p, M: (N * p * M, 2 * N * p * M),
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against the forward pass, and against counting."""
    slope, weighted, counts = on_paper()
    t1, rng = np.array([0.5, -1.0, 2.0]), np.random.default_rng(0)
    right = numerical_gradient(lambda t1: np.tanh(t1).sum(), t1)
    assert_array(slope(np.tanh(t1)), right, "problem 1")
    Z, W2, c = rng.uniform(size=(4, 3)), rng.normal(size=(3, 2)), np.array([1.0, 5.0])
    Y = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    assert_derivative(
        weighted(Z, Y, sigmoid(Z @ W2), c),
        lambda W2: (c * (np.log(1 + np.exp(Z @ W2)) - Y * (Z @ W2))).sum(),
        W2, "problem 2", of="L", wrt="W2",
    )  # fmt: skip
    for N, p, M in [(1, 1, 1), (2, 3, 4), (5, 1, 2)]:
        products, written = 0, 0
        for _ in range(N):
            products += np.ones((p, M)).size
            written += np.ones((p, M)).size + np.ones((p, M)).size
        assert tuple(counts(N, p, M)) == (products, written), (
            f"problem 3: not for N = {N}, p = {p}, M = {M}; write the loops out and count."
        )


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - **Start with a column.** When a matrix gradient is not clear, take the weights of one unit; what
#   depends on nothing else is easy. Then put the columns side by side.
# - **A sum of outer products is a matrix product.** $\sum_n x_n^T d_n = X^T D$ carries a whole
#   derivation from one sample to a batch. The multiplications are the same; the memory traffic is
#   not.
# - **Shapes settle the transposes.** $N$ must go away, and it can only do so in the middle.
# - **A gradient points uphill.** $\hat Y - Y$. A formula with the opposite sign trains nothing; the
#   loss climbs at once, which is at least easy to notice.
# - **A batch of middling size** has most of the speed of large products and many of the steps of
#   small ones. Shuffle, keep the last one, and divide by its own size.
#
# **Further reading.** Zhe Li, *Gradient of Sigmoid Cross Entropy* (2018), the note itself, sections 2
# and 3; [CS231n, *Vector, matrix and tensor
# derivatives*](https://cs231n.stanford.edu/vecDerivs.pdf) (columns first, as here); Goodfellow,
# Bengio and Courville, [*Deep Learning*, chapter 8.1.3 on
# minibatches](https://www.deeplearningbook.org/contents/optimization.html); Goh, [*Why momentum
# really works*](https://distill.pub/2017/momentum/), its last section on noisy gradients.
#
# **Next:** assignment 6 leaves layers behind and runs the same recursion over any graph.
