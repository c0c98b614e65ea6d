# %% [markdown]
# # 3 · ReLU, weight decay, and a derivative that does not exist
#
# Qianyue Hao's note *Deduction of Gradients in Neutral Network* (2020) is short: a hidden layer of
# ReLU units, a softmax, an L2 penalty, and four gradients in nine numbered equations. It is written
# for a batch, one sample in each row, as most code is. Its four gradients are chains of up to six
# lines; you derive them line by line, and see where the print goes wrong. On the way you meet two
# things the note passes over: what the penalty does to the shape of a decision, and what happens at
# $D = 0$, where ReLU has two slopes and its gradient is a convention.
#
# **Time** about 100 minutes. **Points** 37. **You need first:** assignment 2.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 Forward | 13 | 5 |
# | 2 The loss | 11 | 5 |
# | 3 The ladder: back to the scores | 16 | 5 |
# | 4 The ladder: through ReLU | 9 | 3 |
# | 5 The top: four gradients | 30 | 11 |
# | 6 What the penalty does | 8 | 3 |
# | 7 At the kink, and near it | 13 | 5 |
#
# **How it works.** A stub says what goes in and what must come out. Replace its last two lines,
# then run the test below it: a ✓ means that it is right, otherwise it says what is wrong. Tests and
# the code of figures are folded away, for they show answers: run them as they are. Stuck? Open the
# hints one at a time. The grader runs the same tests with other numbers. What takes all samples is to
# work on whole arrays: a test fails a loop over the samples.
#
# Sections 3, 4 and 5 are a *ladder*, as in assignments 1 and 2: each rung is one line of the note's
# chain, found by you from the forward pass. A test hands the rung the right values of the earlier
# ones. The line as the note prints it, with its derivation and its misprints, is closed below each
# test.

# %% [markdown]
# ## The note's symbols
#
# ![One hidden layer: x goes through W1 and b1 to D, through ReLU to h, through W2 and b2 to c, through
# the softmax to q; q of the true class m and the penalty of W1 and W2 make the loss
# L.](figure:network)
#
# | note | meaning | in code | shape |
# |:--|:--|:--|:--|
# | $N$ | batch size | `N` | number |
# | | inputs, hidden units, classes | `p`, `H`, `K` | numbers |
# | $x$ | the batch, a sample in each row | `X` | `(N, p)` |
# | $m$ | the true class of each sample, from 0 | `m` | `(N,)`, integers |
# | $\delta_m$ | 1 at position $m$, else 0 | `delta` | `(N, K)` |
# | $W_1, b_1$ | into the hidden layer | `params["W1"]`, `params["b1"]` | `(p, H)`, `(H,)` |
# | $W_2, b_2$ | into the output | `params["W2"]`, `params["b2"]` | `(H, K)`, `(K,)` |
# | $D = xW_1 + b_1$ | hidden units before ReLU | `D` | `(N, H)` |
# | $h$ | hidden units after ReLU | `h` | `(N, H)` |
# | $c = hW_2 + b_2$ | scores | `c` | `(N, K)` |
# | $q$ | softmax of $c$; $q_m$ is the probability of the true class | `q` | `(N, K)`; `(N,)` |
# | $\mathbb{1}[D \ge 0]$ | 1 where it holds, else 0 | `D >= 0` | `(N, H)` |
# | $\alpha$ | weight of the L2 penalty | `alpha` | number |
# | $\partial L/\partial c$ and so on | derivatives | `dc`, `dh`, `dD` | as `c`, `h`, `D` |
#
# Samples are rows here and weights are on the right: $xW_1$, not $Wx$ as in assignment 2. Both
# are common. The shape rule of assignment 1 holds in both.

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

import warnings

import matplotlib.pyplot as plt
import numpy as np

from mlpkit import check_gradient, datasets, numerical_gradient, plotting
from mlpkit.testing import (
    assert_array,
    assert_derivative,
    assert_number,
    assert_unchanged,
    assert_vectorised,
    secret_rng,
)

# numpy only warns when a number overflows or is divided by 0. Here it stops and says where.
# Matrix products are left out: on some machines they warn of numbers that are not there.
warnings.simplefilter("error", RuntimeWarning)
warnings.filterwarnings("ignore", ".* encountered in matmul", RuntimeWarning)


def random_params(p, H, K, rng):
    """Random W1 (p, H), b1 (H,), W2 (H, K), b2 (K,) in a dict."""
    return {
        "W1": rng.normal(size=(p, H)) * np.sqrt(2 / p),
        "b1": 0.1 * rng.normal(size=H),
        "W2": rng.normal(size=(H, K)) * np.sqrt(2 / H),
        "b2": 0.1 * rng.normal(size=K),
    }


# %% [markdown]
# ## 1 · Forward · 5 points · 13 minutes
#
# ### 1.1 Two layers, one function · 1 point
#
# Both layers do the same to what comes in, so write it once.
#
# $$D = xW_1 + b_1 \tag{5}$$
# $$c = hW_2 + b_2 \tag{3}$$

# %% solution id="affine"
def affine(x, W, b):
    """x W + b, for every row of x                         (note, equations 5 and 3)

    x (N, p), W (p, H), b (H,).  Returns (N, H).
    """
    ### BEGIN SOLUTION
    return x @ W + b
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which index is summed over?</details>
# <details><summary>Hint 2, the idea</summary>A matrix product, and numpy adds b to every row by
# itself.</details>
# <details><summary>Hint 3, the shapes</summary>(N, p) times (p, H) is (N, H); (H,) is lined up with
# the last axis.</details>

# %% test id="test_affine" points=1
"""A layer: x W + b"""
x_toy = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0], [2.0, 0.5, -1.0]])
W_toy = np.array([[1.0, 3.0, -2.0], [2.0, -1.0, 0.5], [0.0, 1.0, 4.0]])
b_toy = np.array([0.5, -1.0, 2.0])
right = np.array([[5.5, 0.0, 1.0], [-1.5, 1.0, 5.5], [3.5, 3.5, -5.75]])
layer_hints = {
    "b is missing": right - b_toy,
    "b is added to the columns; each unit has its own bias": right - b_toy + b_toy[:, None],
    "b is added to the first row alone; every row is a sample and gets it": (
        right - [[0.0], [1.0], [1.0]] * b_toy
    ),
    "b is added to the last row alone; every row is a sample and gets it": (
        right - [[1.0], [1.0], [0.0]] * b_toy
    ),
    "this is x Wᵀ: samples are rows here, and W is used as it is": x_toy @ W_toy.T + b_toy,
}
assert_array(affine(x_toy, W_toy, b_toy), right, "x W + b", hints=layer_hints)
assert_vectorised(affine, lambda n: (np.ones((n, 3)), np.ones((3, 2)), np.ones(2)))
### BEGIN HIDDEN TESTS
rng = secret_rng("affine")
for N, p, H in [(5, 3, 4), (1, 4, 2), (6, 1, 3), (3, 3, 3)]:
    x, W, b = rng.normal(size=(N, p)), rng.normal(size=(p, H)), rng.normal(size=H)
    right = np.array(
        [[b[j] + sum(row[i] * W[i, j] for i in range(p)) for j in range(H)] for row in x]
    )
    assert_array(assert_unchanged(affine, x, W, b), right, "x W + b")
single = affine(x.astype(np.float32), W.astype(np.float32), b.astype(np.float32))
assert_array(single, right.astype(np.float32), "x W + b in float32")
strided = affine(np.repeat(x, 2, axis=1)[:, ::2], np.asfortranarray(W), b)
assert_array(strided, right, "x W + b of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.2 ReLU · 1 point
#
# The simplest nonlinearity there is. A unit is either off, or passes its input on unchanged.
#
# $$h = \mathrm{ReLU}(D) = \max(D, 0) \tag{4}$$

# %% solution id="relu"
def relu(D):
    """h = ReLU(D): D where it is positive, else 0         (note, equation 4)

    D (N, H).  Returns h (N, H).
    """
    ### BEGIN SOLUTION
    return np.maximum(D, 0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How many numbers should come out: one, one a row, or
# one for each entry?</details>
# <details><summary>Hint 2, the idea</summary>Each entry is compared with 0, on its own.</details>
# <details><summary>Hint 3, the shapes</summary>(N, H) in, (N, H) out, and D stays as it
# is.</details>

# %% test id="test_relu" points=1
"""ReLU: what is positive stays, the rest is 0"""
D_toy = np.array([[0.25, -2.0, 0.0], [-0.5, 3.0, -4.0]])
relu_hints = {
    "this is the absolute value": np.abs(D_toy),
    "this is 1 where D > 0, the slope of ReLU": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
    "this keeps what is negative": np.minimum(D_toy, 0),
    "one number for each column is left; np.maximum goes entry by entry, np.max does not": [0.25, 3.0, 0.0],
    "what is above 1 is cut off; ReLU has no upper end": np.clip(D_toy, 0, 1),
}
assert_array(assert_unchanged(relu, D_toy), np.array([[0.25, 0.0, 0.0], [0.0, 3.0, 0.0]]), "h", hints=relu_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("relu")
for shape in [(4, 3), (1, 5), (6, 1)]:
    D = rng.normal(size=shape)
    right = np.array([[d if d > 0 else 0.0 for d in row] for row in D])
    assert_array(assert_unchanged(relu, D), right, "h")
assert_array(relu(1000 * D.astype(np.float32)), 1000 * right.astype(np.float32), "h in float32")
assert_array(relu(np.repeat(D, 2, axis=1)[:, ::2]), right, "h of a D that is not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.3 Softmax · 3 points
#
# The softmax of assignment 2, now for every row of a batch.
#
# $$q = \mathrm{softmax}(c), \qquad q_{nk} = \frac{\exp c_{nk}}{\sum_j \exp c_{nj}} \tag{2}$$
#
# A row of scores near 1000 must not overflow, and in the same batch there may be a row near
# $-1000$, which must not become 0/0.

# %% solution id="softmax"
def softmax(c):
    """q = softmax(c), for every row                       (note, equation 2)

    c (N, K), of any size: rows near 1000 and -1000 in one batch.  Returns q (N, K).
    """
    ### BEGIN SOLUTION
    e = np.exp(c - c.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What becomes of q when the same number is added to
# all scores of a row?</details>
# <details><summary>Hint 2, the idea</summary>Nothing. So subtract a number that makes the largest
# exponential of the row 1. Each row has its own.</details>
# <details><summary>Hint 3, the shapes</summary>A maximum and a sum for each row, kept as (N, 1) so
# that they fit against (N, K): keepdims.</details>

# %% test id="test_softmax" points=3
"""Softmax of each row, for scores of any size"""
q_toy = np.array([[0.125, 0.25, 0.625], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
e_toy = q_toy * [[8], [10], [5]]
e_shifted = q_toy / q_toy.max(axis=1, keepdims=True)  # each row shifted by its maximum
softmax_hints = {
    "each column was divided by its sum; the rows are the samples": e_toy / e_toy.sum(axis=0),
    "this is divided by the sum over the whole batch": e_toy / e_toy.sum(),
    "the row sums are lined up with the columns: keep them as a column, keepdims=True": (
        e_shifted / e_shifted.sum(axis=1)
    ),
    "the row sums meet the columns: keep them as a column, keepdims=True": (
        e_toy / e_toy.sum(axis=1)
    ),
    "the row sums are missing: this is exp(c)": e_toy,
}
assert_array(softmax(np.log(e_toy)), q_toy, "q", hints=softmax_hints)
try:
    q_far = softmax(np.log(e_toy) + [[1000], [0], [-1000]])
except RuntimeWarning as warning:
    raise AssertionError(
        f"q of rows near 1000, 0 and -1000: {warning}.\n"
        "Likely cause: exp of a large score, or one shift for all rows: then the row near -1000 "
        "has only zeros to divide.\n"
        "Next: shift each row by a number of its own before exp."
    ) from None
assert_array(q_far, q_toy, "q of rows near 1000, 0 and -1000")
assert_vectorised(softmax, lambda n: (np.ones((n, 3)),))
far = np.array([[2000.0, 0.0], [0.0, 2000.0]])  # a shift by the mean or the minimum overflows
assert_array(softmax(far), np.eye(2), "q of scores far apart in one row")
### BEGIN HIDDEN TESTS
rng = secret_rng("softmax")
for N, K in [(5, 3), (1, 4), (6, 2), (3, 3)]:
    c = rng.normal(size=(N, K))
    right = np.array([[np.exp(s) / sum(np.exp(t) for t in row) for s in row] for row in c])
    assert_array(assert_unchanged(softmax, c), right, "q")
    shifts = rng.choice([-1000, 1000], size=(N, 1))
    assert_array(softmax(c + shifts), right, "q of rows near 1000 and -1000")
assert_array(softmax(c.astype(np.float32)), right.astype(np.float32), "q in float32")
assert_array(softmax(np.asfortranarray(c)), right, "q of a c that is not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · The loss · 5 points · 11 minutes
#
# ### 2.1 The penalty · 1 point
#
# Large weights cost something, whether they are needed or not. $\|W\|^2$ is the sum of the squares of all entries.
# The 1/2 is there to be cancelled by the derivative. Biases are not penalised.
#
# $$\frac{\alpha}{2}\bigl(\|W_1\|^2 + \|W_2\|^2\bigr)$$

# %% solution id="penalty"
def penalty(W1, W2, alpha):
    """(α/2) (‖W1‖² + ‖W2‖²)                               (note, in equation 1)

    W1 (p, H), W2 (H, K), alpha a number.  Returns a number.
    """
    ### BEGIN SOLUTION
    return alpha / 2 * ((W1**2).sum() + (W2**2).sum())
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>By how much does the penalty grow when all weights
# double?</details>
# <details><summary>Hint 2, the idea</summary>No square root anywhere: a norm squared is just a sum
# of squares.</details>
# <details><summary>Hint 3, the shapes</summary>Two matrices of any shapes in, one number
# out.</details>

# %% test id="test_penalty" points=1
"""The penalty: alpha/2 times the sum of all squared weights"""
penalty_hints = {
    "the factor 1/2 is missing": 1.3 * 37.25,
    "the norms are not squared": 0.65 * (np.sqrt(14) + np.sqrt(23.25)),
    "W2 is missing": 0.65 * 14,
    "W1 is missing": 0.65 * 23.25,
    "alpha is missing": 18.625,
}
W1_toy, W2_toy = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[4.0], [-2.5], [1.0]])
spectral = sum(np.linalg.norm(W, 2) ** 2 for W in (W1_toy, W2_toy))
penalty_hints["this is norm(W, 2), the largest singular value; ‖W‖² adds all squares"] = 0.65 * spectral
assert_number(penalty(W1_toy, W2_toy, 1.3), 24.2125, "the penalty", hints=penalty_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("penalty")
for p, H, K in [(3, 4, 2), (1, 1, 2)]:
    W1, W2, alpha = rng.normal(size=(p, H)), rng.normal(size=(H, K)), rng.uniform(0.1, 2)
    right = alpha * sum(w * w for w in [*W1.flat, *W2.flat]) / 2
    assert_number(assert_unchanged(penalty, W1, W2, alpha), right, "the penalty")
assert_number(penalty(W1, W2, 0.0), 0.0, "the penalty with alpha = 0")
### END HIDDEN TESTS

# %% [markdown]
# ### 2.2 The loss of a batch · 4 points
#
# The note writes the loss of one sample, and puts $1/N$ into the gradients. So the loss of a batch
# is the mean of the samples' own losses, plus the penalty, once:
#
# $$L = -\frac1N \sum_{n=1}^{N} \log q_{n,m_n}
#       + \frac{\alpha}{2}\bigl(\|W_1\|^2 + \|W_2\|^2\bigr) \tag{1}$$
#
# A probability $q_m$ can be smaller than the smallest number of float64. Its logarithm is an ordinary
# number all the same, so do not compute it from $q$.

# %% solution id="loss"
def loss(params, X, m, alpha):
    """L = -(1/N) Σ_n log q_m + (α/2) (‖W1‖² + ‖W2‖²)      (note, equations 1 to 5)

    params: W1 (p, H), b1 (H,), W2 (H, K), b2 (K,); X (N, p); m (N,), integers 0 <= m < K;
    alpha a number.  Returns a number. Scores of any size: 1000 must not overflow.
    """
    ### BEGIN SOLUTION
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    D = X @ W1 + b1
    c = np.where(D.real > 0, D, 0) @ W2 + b2  # .real lets complex-step checks through
    c = c - c.real.max(axis=1, keepdims=True)
    log_q = c - np.log(np.exp(c).sum(axis=1, keepdims=True))
    squares = (W1**2).sum() + (W2**2).sum()
    return -log_q[np.arange(len(m)), m].mean() + alpha / 2 * squares
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What is $\log q$, written with $c$ and without a quotient?
# </details>
#
# <details><summary>Hint 2, the idea</summary>The logarithm of a quotient is a difference, and log
# undoes one exp. The other one is a log-sum-exp, which wants the maximum of its row taken out
# first. You may call what you wrote above; then a mistake there costs its points here
# too.</details>
# <details><summary>Hint 3, the shapes</summary>(N, p) → (N, H) → (N, K); two index arrays of length
# N pick one entry from each row; the mean is one number, and so is the penalty.</details>

# %% test id="test_loss" points=4
"""The loss of a batch: the mean of -log q_m, plus the penalty"""
toy = {
    "W1": np.array([[1.0, -2.0, 1.0], [2.0, 1.0, -1.0]]),
    "b1": np.array([0.0, 1.0, -2.0]),
    "W2": np.log(2) * np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
    "b2": np.log([1.0, 3.0]),
}
X_toy, m_toy = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), np.array([0, 1, 1])
# D is (1, -1, -1), (2, 2, -3) and (0, 1, -2); exp c is (2, 3), (4, 12) and (1, 6)
data, squares = -np.log(2 / 5 * 12 / 16 * 6 / 7) / 3, 12 + 4 * np.log(2) ** 2
loss_hints = {
    "this is the sum over the samples; L is their mean": 3 * data + 0.1 * squares,
    "the penalty is divided by N; it counts once": data + 0.1 * squares / 3,
    "the penalty is counted for every sample": data + 0.3 * squares,
    "the penalty is missing": data,
    "the factor 1/2 of the penalty is missing": data + 0.2 * squares,
    "the biases are penalised too": data + 0.1 * (squares + 5 + np.log(3) ** 2),
    "the sign of log q_m: L begins with -log q_m": -data + 0.1 * squares,
    "the norms in the penalty are not squared": data + 0.1 * (np.sqrt(12) + 2 * np.log(2)),
    "log_q[:, m] takes every class of m from every row; each row has one class": (
        -np.log([[2 / 5, 3 / 5, 3 / 5], [1 / 4, 3 / 4, 3 / 4], [1 / 7, 6 / 7, 6 / 7]]).mean()
        + 0.1 * squares
    ),
}
assert_number(loss(toy, X_toy, m_toy, 0.2), data + 0.1 * squares, "L", hints=loss_hints)
large = {**toy, "W2": 2000 * toy["W2"]}
try:
    loss_far = loss(large, X_toy, np.array([1, 1, 1]), 0.0)
except RuntimeWarning as warning:
    raise AssertionError(
        f"L with scores near 1000: {warning}.\n"
        "Likely cause: the logarithm of a probability q_m that was rounded to 0, or exp of a large "
        "score.\n"
        "Next: compute log q from c by a subtraction, not from q."
    ) from None
right = (2000 * np.log(2) - np.log(3) + np.log(4 / 3)) / 3  # the third sample adds nothing
assert_number(loss_far, right, "L with scores near 1000")
assert_vectorised(loss, lambda n: (toy, np.tile(X_toy, (n, 1))[:n], np.tile(m_toy, n)[:n], 0.2))
### BEGIN HIDDEN TESTS
def trusted_loss(params, X, m, alpha):
    total = 0.0
    for x, k in zip(X, m, strict=True):
        D = x @ params["W1"] + params["b1"]
        c = np.where(D.real > 0, D, 0) @ params["W2"] + params["b2"]
        total = total + np.log(np.exp(c - c.real.max()).sum()) + c.real.max() - c[k]
    return total / len(m) + alpha / 2 * sum((params[name] ** 2).sum() for name in ("W1", "W2"))


rng = secret_rng("loss")
for N, p, H, K in [(6, 4, 3, 5), (1, 3, 2, 4), (7, 2, 5, 2), (4, 3, 4, 4)]:
    params, X = random_params(p, H, K, rng), rng.normal(size=(N, p))
    m, alpha = rng.integers(K, size=N), rng.uniform(0.1, 1)
    right, plain = trusted_loss(params, X, m, alpha), trusted_loss(params, X, m, 0.0)
    hints = {
        "this is the sum over the samples; L is their mean": right + (N - 1) * plain,
        "the penalty is divided by N; it counts once": plain + (right - plain) / N,
    }
    assert_number(assert_unchanged(loss, params, X, m, alpha), right, "L", hints=hints)
    assert_number(loss(params, X, m, 0.0), plain, "L with alpha = 0")
    single = {name: array.astype(np.float32) for name, array in params.items()}
    value = loss(single, X.astype(np.float32), m, alpha)
    assert_number(value, np.float32(right), "L in float32")
    large = {**params, "W2": 1000 * params["W2"]}
    low = (np.maximum(X @ params["W1"] + params["b1"], 0) @ params["W2"]).argmin(axis=1)
    value = loss(large, X, low, 0.0)  # the true class is the one that is believed least
    assert_number(value, trusted_loss(large, X, low, 0.0), "L with scores near 1000")
strided = np.repeat(X, 2, axis=1)[:, ::2]
assert_number(loss(params, strided, m, alpha), right, "L of an X that is not contiguous")
X, m = rng.normal(size=(64, p)), rng.integers(K, size=64)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The ladder: back to the scores · 5 points · 16 minutes
#
# Each of the note's four gradients begins with the same three lines, written out four times: from
# the loss to $q_m$, from $q_m$ to the scores, and both together. In this section and the next, every
# row is the derivative of its *own* sample's loss, $-\log q_m$. The mean over the batch comes in
# section 5.
#
# ### 3.1 First rung: the probability of the true class · 1 point
#
# The loss of a sample looks at one entry of its row of $q$. How fast does it change with that entry?

# %% solution id="dL_dq_m"
def dL_dq_m(q, m):
    """∂L/∂q_m: the derivative of -log q_m, for every row   (note, in equations 6 to 9)

    q (N, K), probabilities above 0; m (N,), integers 0 <= m < K.  Returns (N,).
    """
    ### BEGIN SOLUTION
    return -1 / q[np.arange(len(m)), m]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which entry of each row does the loss look
# at?</details>
# <details><summary>Hint 2, the idea</summary>Pick N entries with two index arrays: the rows 0, 1, 2
# ... and their classes.</details>
# <details><summary>Hint 3, the shapes</summary>q[:, m] would be (N, N); one number a row is
# wanted.</details>

# %% test id="test_dL_dq_m" points=1
"""The derivative of -log q_m with respect to q_m"""
q_toy, m_toy = np.array([[0.25, 0.75], [0.5, 0.5], [0.2, 0.8]]), np.array([0, 1, 1])
dq_hints = {
    "the sign: the logarithm has a minus in front": [4.0, 2.0, 1.25],
    "this is log q_m, not its derivative": np.log([0.25, 0.5, 0.8]),
    "q[:, m] takes every class of m from every row; each row has one class": (
        -1 / q_toy[:, m_toy]
    ),
}
assert_derivative(
    dL_dq_m(q_toy, m_toy), lambda q_m: -np.log(q_m).sum(), q_toy[[0, 1, 2], m_toy], "∂L/∂q_m",
    of="-log q_m", wrt="q_m, in each row", hints=dq_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dq_m")
for N, K in [(5, 3), (1, 4), (6, 2)]:
    q, m = rng.dirichlet(np.ones(K), size=N), rng.integers(K, size=N)
    rows = range(N)
    by_q = numerical_gradient(lambda q, m=m, rows=rows: -np.log(q[rows, m]).sum(), q)
    assert_array(assert_unchanged(dL_dq_m, q, m), by_q[rows, m], "∂L/∂q_m")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The first line, with its derivation</summary>
#
# The derivative of $\log u$ is $1/u$, and there is a minus in front:
#
# $$\frac{\partial L}{\partial q_m} = -\frac{1}{q_m}$$
# </details>

# %% [markdown]
# ### 3.2 Second rung: through the softmax · 2 points
#
# All scores of a row influence $q_m$. How does it change with the true score $c_m$, and how with any
# other? Differentiate $q_m = \exp c_m / \sum_j \exp c_j$ twice, then find one expression for both
# cases: $\delta_m$ will help.

# %% solution id="dq_m_dc"
def dq_m_dc(q, m):
    """∂q_m/∂c: the true class's probability by each score (note, in equations 6 to 9)

    q (N, K), the softmax of c; m (N,), integers 0 <= m < K.  Returns (N, K).
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(m))
    delta = np.zeros(q.shape)
    delta[rows, m] = 1
    return q[rows, m][:, None] * (delta - q)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What must each row sum to, if a common shift of the
# scores changes nothing? And which sign must the entry of the true class have?</details>
# <details><summary>Hint 2, the idea</summary>
#
# The quotient rule once for $c_m$, once for another $c_k$. Both results are $q_m$ times something,
# and the two somethings differ by a 1. Build $\delta_m$ first: a 1 in each row, as wide as $q$ is.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>
#
# $q_m$ is (N,) and multiplies rows of (N, K): it must be a column (N, 1).
# </details>

# %% test id="test_dq_m_dc" points=2
"""The derivative of the true class's probability with respect to every score"""
q_toy, m_toy = np.array([[0.25, 0.25, 0.5], [0.2, 0.7, 0.1]]), np.array([0, 1])
q_m_toy, difference = np.array([[0.25], [0.7]]), [[0.75, -0.25, -0.5], [-0.2, 0.3, -0.1]]
dc_hints = {
    "the sign: δ_m comes first": -q_m_toy * difference,
    "the factor q_m is missing": difference,
    "δ_m is missing": -q_m_toy * q_toy,
    "this is q_m (1 - q_m), the entry of the true class, in every entry": (
        np.tile(q_m_toy * (1 - q_m_toy), (1, 3))
    ),
    "this is q (δ_m - q): the factor is q_m, the same for the whole row": q_toy * difference,
    "this is q (1 - q): the derivative of each probability with respect to its own score": (
        q_toy * (1 - q_toy)
    ),
}
c_toy = np.log(q_toy)
assert_derivative(
    dq_m_dc(q_toy, m_toy),
    lambda c: (np.exp(c[range(2), m_toy]) / np.exp(c).sum(axis=1)).sum(), c_toy, "∂q_m/∂c",
    of="q_m", wrt="the scores c of its row", hints=dc_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dq_m_dc")
for N, K in [(5, 3), (1, 4), (6, 2), (3, 3)]:
    c, m = rng.normal(size=(N, K)), rng.integers(K, size=N)
    q = np.exp(c) / np.exp(c).sum(axis=1, keepdims=True)
    right = np.array([
        numerical_gradient(lambda c, k=k: np.exp(c[k]) / np.exp(c).sum(), row)
        for row, k in zip(c, m, strict=True)
    ])
    assert_array(assert_unchanged(dq_m_dc, q, m), right, "∂q_m/∂c")
single = dq_m_dc(q.astype(np.float32), m)
assert_array(single, right.astype(np.float32), "∂q_m/∂c in float32")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The second line, with its derivation</summary>
#
# Write $S = \sum_j \exp c_j$, so $q_m = \exp c_m / S$ and $\partial S/\partial c_k = \exp c_k$. Then
#
# $$\frac{\partial q_m}{\partial c_k} = \frac{[k = m] \exp c_m}{S} - \frac{\exp c_m \exp c_k}{S^2}
#   = q_m \bigl([k = m] - q_k\bigr), \qquad\text{or}\qquad
#   \frac{\partial q_m}{\partial c} = q_m\,(\delta_m - q).$$
#
# The true score raises $q_m$, all others lower it. This is one row of the softmax's Jacobian;
# assignment 4 has the rest of it.
#
# *What is wrong in print:* in front of this line the note has $\frac{\partial L}{\partial q} \circ$.
# One number for each row is meant, $\frac{\partial L}{\partial q_m}$. Entry by entry only the true
# class would be left.
# </details>

# %% [markdown]
# ### 3.3 Third rung: both together · 2 points
#
# Multiply your two lines on paper. What cancels? Write what is left, not the product: a probability
# that was rounded to 0 must not be divided by.

# %% solution id="dL_dc"
def dL_dc(q, m):
    """∂L/∂c: the derivative of -log q_m, for every row     (note, in equations 6 to 9)

    q (N, K), the softmax of c, 0 and 1 included; m (N,), integers 0 <= m < K.
    Returns dc (N, K).
    """
    ### BEGIN SOLUTION
    dc = q.copy()
    dc[np.arange(len(m)), m] -= 1
    return dc
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What is the derivative for a sample that is predicted perfectly, $q = \delta_m$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# 3.1 divides by $q_m$, and 3.2 multiplies by it. What is left differs from $q$ in one entry of
# each row; work on an array that is yours.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(N, K) in, (N, K) out. dc = q does not make a new
# array.</details>

# %% test id="test_dL_dc" points=2
"""The derivative of -log q_m with respect to every score"""
q_toy, m_toy = np.array([[0.25, 0.25, 0.5], [0.2, 0.7, 0.1]]), np.array([0, 1])
c_toy, right = np.log(q_toy), np.array([[-0.75, 0.25, 0.5], [0.2, -0.3, 0.1]])
scores_hints = {
    "the sign: q comes first": -right,
    "this is divided by N; here every row is a sample's own": right / 2,
    "δ_m is missing: this is q": q_toy,
}
assert_derivative(
    assert_unchanged(dL_dc, q_toy, m_toy), lambda c: (np.log(np.exp(c).sum(axis=1)) - c[range(2), m_toy]).sum(),
    c_toy, "∂L/∂c", of="-log q_m", wrt="the scores c of its row", hints=scores_hints,
)  # fmt: skip
q_sure = np.array([[0.0, 1.0], [1.0, 0.0]])
try:
    dc_sure = dL_dc(q_sure, np.array([0, 0]))
except RuntimeWarning as warning:
    raise AssertionError(
        f"∂L/∂c where one q_m is 0: {warning}.\n"
        "Likely cause: it is the product of 3.1 and 3.2, which divides by q_m.\n"
        "Next: cancel on paper, and write what is left."
    ) from None
assert_array(dc_sure, np.array([[-1.0, 1.0], [0.0, 0.0]]), "∂L/∂c where q holds 0 and 1")
assert_vectorised(dL_dc, lambda n: (np.full((n, 4), 0.25), np.arange(n) % 4))
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dc")
for N, K in [(5, 3), (1, 4), (6, 2), (3, 3)]:
    c, m = rng.normal(size=(N, K)), rng.integers(K, size=N)
    q = np.exp(c) / np.exp(c).sum(axis=1, keepdims=True)
    right = numerical_gradient(
        lambda c, m=m, N=N: (np.log(np.exp(c).sum(axis=1)) - c[range(N), m]).sum(), c
    )
    assert_array(assert_unchanged(dL_dc, q, m), right, "∂L/∂c", hints={"the sign": -right})
single = dL_dc(q.astype(np.float32), m)
assert_array(single, right.astype(np.float32), "∂L/∂c in float32")
assert_array(dL_dc(np.asfortranarray(q), m), right, "∂L/∂c of a q that is not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The third line, with its derivation</summary>
#
# $$\frac{\partial L}{\partial c} = -\frac{1}{q_m}\,q_m\,(\delta_m - q) = q - \delta_m$$
#
# Prediction minus label again: the box of assignment 2, met from another side. The note prints it
# correctly.
# </details>

# %% [markdown]
# ## 4 · The ladder: through ReLU · 3 points · 9 minutes
#
# ### 4.1 Fourth rung: back through the output weights · 1 point
#
# $c = hW_2 + b_2$, and every $h_j$ is in every score of its row. In assignment 2 the same step had the
# weights on the left. What is it with samples as rows?

# %% solution id="dL_dh"
def dL_dh(dc, W2):
    """∂L/∂h from ∂L/∂c, for every row                      (note, in equations 6 and 7)

    dc (N, K), W2 (H, K).  Returns dh (N, H).
    """
    ### BEGIN SOLUTION
    return dc @ W2.T
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# $h_j$ is in every score, and the K derivatives that come back add up. Over which index is that
# sum?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Over the classes: they must be the inner
# dimension.</details>
# <details><summary>Hint 3, the shapes</summary>(N, K) times (K, H) is (N, H).</details>

# %% test id="test_dL_dh" points=1
"""Back through the output weights: dL/dh from dL/dc"""
dc_toy, W2_toy = np.array([[1.0, -2.0], [0.5, 0.25]]), np.array([[1.0, 2.0], [3.0, 5.0]])
back_hints = {"this is ∂L/∂c W2: the transpose of W2 is missing": dc_toy @ W2_toy}
assert_derivative(  # a loss that is a straight line in c has this ∂L/∂c everywhere
    dL_dh(dc_toy, W2_toy), lambda h: (dc_toy * (h @ W2_toy)).sum(), np.zeros((2, 2)),
    "∂L/∂h with H = K", of="L", wrt="h", hints=back_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dh")
for N, H, K in [(5, 3, 4), (1, 4, 2), (6, 1, 3), (3, 3, 3)]:
    h, W2, m = rng.normal(size=(N, H)), rng.normal(size=(H, K)), rng.integers(K, size=N)
    c = h @ W2
    dc = np.exp(c) / np.exp(c).sum(axis=1, keepdims=True) - np.eye(K)[m]
    right = numerical_gradient(
        lambda h, W2=W2, m=m: (
            np.log(np.exp(h @ W2).sum(axis=1)) - (h @ W2)[range(len(m)), m]
        ).sum(),
        h,
    )
    assert_array(assert_unchanged(dL_dh, dc, W2), right, "∂L/∂h")
single = dL_dh(dc.astype(np.float32), W2.astype(np.float32))
assert_array(single, right.astype(np.float32), "∂L/∂h in float32")
assert_array(dL_dh(dc, np.asfortranarray(W2)), right, "∂L/∂h of a W2 that is not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The line, with its derivation</summary>
#
# $c_k = \sum_j h_j (W_2)_{jk} + b_k$, so $\partial c_k/\partial h_j = (W_2)_{jk}$, and the paths through
# all scores add up: $\partial L/\partial h_j = \sum_k \frac{\partial L}{\partial c_k} (W_2)_{jk}$.
#
# $$\frac{\partial L}{\partial h} = \frac{\partial L}{\partial c}\,W_2^T$$
# </details>

# %% [markdown]
# ### 4.2 Fifth rung: through ReLU · 2 points
#
# $h = \max(D, 0)$, entry by entry. What is its slope where $D$ is positive, what where it is negative,
# and what does that do to $\partial L/\partial h$? (A unit is often called a *gate*, open or closed.)
#
# At $D = 0$ itself any value from 0 to $\partial L/\partial h$ is accepted; section 7 says why.

# %% solution id="dL_dD"
def dL_dD(D, dh):
    """∂L/∂D from ∂L/∂h, for every row                      (note, in equations 6 and 7)

    D (N, H), the hidden units before ReLU; dh (N, H).  Returns dD (N, H).
    """
    ### BEGIN SOLUTION
    return (D >= 0) * dh
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which of the two arrays says where a unit is on: $D$ or $\partial L/\partial h$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A comparison gives True and False, and numpy
# multiplies with them as with 1 and 0.</details>
# <details><summary>Hint 3, the shapes</summary>(N, H) with (N, H), entry by entry; nothing is
# summed.</details>

# %% test id="test_dL_dD" points=2
"""Back through ReLU: dL/dD from dL/dh"""
D_toy, dh_toy = np.array([[2.0, -1.0, 0.5, -3.0]]), np.array([[3.0, 4.0, -5.0, -6.0]])
gate_hints = {
    "the gate is missing: this is ∂L/∂h": dh_toy,
    "∂L/∂h decides here; it is D that opens the gate": [[3.0, 4.0, 0.0, 0.0]],
    "∂L/∂h went through ReLU itself; D opens the gate, whatever its sign": [[3.0, 0.0, 0.0, 0.0]],
    "this is h ∘ ∂L/∂h: the slope is 1 or 0, not the value": [[6.0, 0.0, -2.5, 0.0]],
    "the gate is the wrong way round": [[0.0, 4.0, 0.0, -6.0]],
    "where the unit is off the slope is 0, not -1": [[3.0, -4.0, -5.0, 6.0]],
}
assert_derivative(
    dL_dD(D_toy, dh_toy), lambda D: np.where(D.real > 0, D, 0), D_toy, "∂L/∂D",
    of="L", wrt="D", hints=gate_hints, upstream=dh_toy,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dD")
for N, H in [(5, 3), (1, 4), (6, 1)]:
    D, dh = rng.normal(size=(N, H)), rng.normal(size=(N, H))
    right = numerical_gradient(lambda D, dh=dh: (np.where(D.real > 0, D, 0) * dh).sum(), D)
    assert_array(assert_unchanged(dL_dD, D, dh), right, "∂L/∂D")
    assert_array(dL_dD(1e-9 * D, dh), right, "∂L/∂D where D is small")
    single = dL_dD(D.astype(np.float32), dh.astype(np.float32))
    assert_array(single, right.astype(np.float32), "∂L/∂D in float32")
kink = dL_dD(np.array([[0.0, 1.0]]), np.array([[3.0, 5.0]]))
assert_array(kink[:, 1:], np.array([[5.0]]), "∂L/∂D next to a unit at 0")
between = 0 <= kink[0, 0] <= 3
assert between, f"at D = 0 return something from 0 to ∂L/∂h = 3; you returned {kink[0, 0]}"
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The line, with its derivation</summary>
#
# The slope of ReLU is 1 where the unit is on and 0 where it is off. So the derivative passes, or it
# does not:
#
# $$\frac{\partial L}{\partial D} = \mathbb{1}[D \ge 0] \circ \frac{\partial L}{\partial h}$$
#
# *What is doubtful in print:* at $D = 0$ the note lets it pass. That is a convention, not a derivative.
# </details>

# %% [markdown]
# ## 5 · The top: four gradients · 11 points · 30 minutes
#
# ### 5.1 The penalty's part · 1 point
#
# $L$ has two parts, and their derivatives add. First the short one: what is the derivative of
# $\frac{\alpha}{2}\|W\|^2$ with respect to $W$? Mind the shape rule; the note did not.

# %% solution id="penalty_gradient"
def penalty_gradient(W, alpha):
    """The derivative of (α/2) ‖W‖² with respect to W      (note, in equations 6 and 8)

    W (p, H), alpha a number.  Returns (p, H).
    """
    ### BEGIN SOLUTION
    return alpha * W
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which terms of the sum of squares contain the entry $W_{ij}$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# The derivative of $w^2/2$, for each entry.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(p, H) in, (p, H) out: one derivative for each
# weight.</details>

# %% test id="test_penalty_gradient" points=1
"""The derivative of the penalty with respect to the weights"""
W_toy = np.array([[1.0, -2.0], [0.0, 2.0], [4.0, -1.0]])
decay_hints = {
    "the 2 from the square cancels against the 1/2": 0.6 * W_toy,
    "this is half of it: the 1/2 cancels against the 2 from the square": 0.15 * W_toy,
    "α ‖W‖, as the note prints it, is one number; each weight has its own": np.full(
        (3, 2), 0.3 * np.sqrt(26)
    ),
    "this is α times the sign of each weight, the derivative of an absolute value": (
        0.3 * np.sign(W_toy)
    ),
    "alpha is missing": W_toy,
}
decay = penalty_gradient(W_toy, 0.3)
assert np.ndim(decay) != 0, (
    "the derivative with respect to W is one number.\nLikely cause: α ‖W‖, as the note prints it.\n"
    "Next: one derivative for each weight, in the shape of W."
)
assert_derivative(
    decay, lambda W: 0.15 * (W**2).sum(), W_toy, "the penalty's gradient",
    of="(α/2) ‖W‖²", wrt="W", hints=decay_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("penalty_gradient")
for p, H in [(3, 4), (1, 1), (5, 2)]:
    W, alpha = rng.normal(size=(p, H)), rng.uniform(0.1, 2)
    right = numerical_gradient(lambda W, a=alpha: a / 2 * (W**2).sum(), W)
    assert_array(assert_unchanged(penalty_gradient, W, alpha), right, "the penalty's gradient")
assert_array(penalty_gradient(W, 0.0), np.zeros(W.shape), "it, with alpha = 0")
### END HIDDEN TESTS

# %% [markdown]
# ### 5.2 Weights · 2 points
#
# Both layers compute $\text{below} \cdot W + b$, so one function serves (6) and (8). Each *sample*
# contributes an outer product, as in 3.5 of assignment 2, now with rows. The loss is the *mean* over
# the samples, plus the penalty, once. What is $\partial L/\partial W$? No loop.

# %% solution id="weight_gradient"
def weight_gradient(below, error, W, alpha):
    """∂L/∂W of a layer, data and penalty                  (note, equations 6 and 8, first line)

    below (N, p), what the layer got: x or h; error (N, H), the derivative with respect to what it
    gave: ∂L/∂D or ∂L/∂c, a row for each sample; W (p, H); alpha a number.  Returns dW (p, H).
    """
    ### BEGIN SOLUTION
    return below.T @ error / len(below) + alpha * W
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of the two terms knows about the
# samples?</details>
# <details><summary>Hint 2, the idea</summary>The transposed product adds up N outer products. Only
# that sum is divided by N.</details>
# <details><summary>Hint 3, the shapes</summary>(p, N) times (N, H) is (p, H), and so is
# W.</details>

# %% test id="test_weight_gradient" points=2
"""The gradient with respect to the weights of a layer"""
below = np.array([[1.0, 2.0, 0.0, 1.0], [3.0, -1.0, 1.0, 0.0], [1.0, 1.0, 2.0, -1.0]])
error = np.array([[2.0, 0.0], [-4.0, 6.0], [-2.0, 0.0]])
W_toy = np.array([[10.0, -20.0], [30.0, 40.0], [-10.0, 20.0], [40.0, -30.0]])
data = np.array([[-4.0, 6.0], [2.0, -2.0], [-8 / 3, 2.0], [4 / 3, 0.0]])
dW_hints = {
    "1/N is missing: the sum over the batch has to be averaged": 3 * data + 0.3 * W_toy,
    "the penalty is divided by N too; it counts once": data + 0.1 * W_toy,
    "the penalty is missing: + α W": data,
    "the penalty is doubled: the derivative of (α/2) w² is α w": data + 0.6 * W_toy,
    "the penalty is halved: the derivative of (α/2) w² is α w": data + 0.15 * W_toy,
    "the penalty has the wrong sign": data - 0.3 * W_toy,
    "this adds the penalty (α/2) w² itself; its derivative is α w": data + 0.15 * W_toy**2,
    "α ‖W‖, as the note prints it, is one number; each weight has its own α w": (
        data + 0.3 * np.sqrt(6000)
    ),
}
assert_derivative(  # a loss that is a straight line in what the layer gives, plus the penalty
    weight_gradient(below, error, W_toy, 0.3),
    lambda W: (error * (below @ W)).sum() / 3 + 0.15 * (W**2).sum(), W_toy, "∂L/∂W",
    of="L", wrt="W", hints=dW_hints,
)  # fmt: skip
assert_vectorised(weight_gradient, lambda n: (np.ones((n, 4)), np.ones((n, 2)), W_toy, 0.3))
### BEGIN HIDDEN TESTS
rng = secret_rng("weight_gradient")
for N, p, H in [(5, 3, 4), (1, 4, 2), (6, 1, 3), (3, 3, 3)]:
    below, W = rng.normal(size=(N, p)), rng.normal(size=(p, H))
    error, alpha = rng.normal(size=(N, H)), rng.uniform(0.1, 1)
    right = numerical_gradient(  # a loss that is linear in the scores has this error everywhere
        lambda W, x=below, e=error, a=alpha, N=N: (
            sum(e[n] @ (x[n] @ W) for n in range(N)) / N + a / 2 * (W**2).sum()
        ),
        W,
    )
    data = right - alpha * W
    hints = {
        "1/N is missing": N * data + alpha * W,
        "the penalty is divided by N too; it counts once": data + alpha * W / N,
    }
    value = assert_unchanged(weight_gradient, below, error, W, alpha)
    assert_array(value, right, "∂L/∂W", hints=hints)
    assert_array(weight_gradient(below, error, W, 0.0), data, "∂L/∂W with alpha = 0")
single = weight_gradient(below.astype(np.float32), error.astype(np.float32), W, alpha)
assert_array(single, right.astype(np.float32), "∂L/∂W in float32")
strided = weight_gradient(np.asfortranarray(below), np.repeat(error, 2, axis=0)[::2], W, alpha)
assert_array(strided, right, "∂L/∂W of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The boxes (6) and (8), first lines, with their derivation</summary>
#
# Sample $n$ contributes $x_n^T \frac{\partial L}{\partial D_n}$, the outer product of what came in and
# the derivative with respect to what went out. The sum of $N$ outer products is a matrix product:
#
# $$\frac{\partial L}{\partial W_1} = \frac1N\, x^T \frac{\partial L}{\partial D} + \alpha W_1 \tag{6}$$
# $$\frac{\partial L}{\partial W_2} = \frac1N\, h^T \frac{\partial L}{\partial c} + \alpha W_2 \tag{8}$$
#
# *What is wrong in print:* the note has $\alpha\|W_1\|$ and $\alpha\|W_2\|$, a number, the same for
# every weight, and enters it in the first line of both chains. The derivative of $\frac\alpha2 w^2$ is
# $\alpha w$: each weight is pulled towards 0, in proportion to itself.
# </details>

# %% [markdown]
# ### 5.3 Biases · 2 points
#
# One row $b$ is added to every row of the batch. What is $\partial L/\partial b$, if row $n$ of `error`
# is the derivative of sample $n$'s own loss with respect to its own row?

# %% solution id="bias_gradient"
def bias_gradient(error):
    """∂L/∂b of a layer                                    (note, equations 7 and 9, first line)

    error (N, H), ∂L/∂D or ∂L/∂c, a row for each sample.  Returns db (H,).
    """
    ### BEGIN SOLUTION
    return error.mean(axis=0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How many numbers has b, and how many has the
# error?</details>
# <details><summary>Hint 2, the idea</summary>A sum divided by N has a shorter name.</details>
# <details><summary>Hint 3, the shapes</summary>Axis 0 runs over the samples; it is the one
# that goes away.</details>

# %% test id="test_bias_gradient" points=2
"""The gradient with respect to the biases of a layer"""
error = np.array([[2.0, 0.0, 1.6], [-4.0, 6.0, 0.7]])
db_hints = {
    "1/N is missing": [-2.0, 6.0, 2.3],
    "this is the mean over the units; the samples are the rows": [1.2, 0.9],
    "each sample still has its row: the sum over the samples is missing": error / 2,
}
assert_derivative(
    bias_gradient(error), lambda b: (error * (np.ones((2, 1)) * b)).sum() / 2, np.zeros(3), "∂L/∂b",
    of="L", wrt="b", hints=db_hints,
)  # fmt: skip
assert_vectorised(bias_gradient, lambda n: (np.ones((n, 3)),))
### BEGIN HIDDEN TESTS
rng = secret_rng("bias_gradient")
for N, H in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    error = rng.normal(size=(N, H))
    right = np.array([sum(error[n, j] for n in range(N)) / N for j in range(H)])
    hints = {"1/N is missing": N * right}
    assert_array(assert_unchanged(bias_gradient, error), right, "∂L/∂b", hints=hints)
single = bias_gradient(error.astype(np.float32))
assert_array(single, right.astype(np.float32), "∂L/∂b in float32")
assert_array(bias_gradient(np.asfortranarray(error)), right, "∂L/∂b of an error not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The boxes (7) and (9), first lines, with their derivation</summary>
#
# A bias is used once for each sample, so its derivatives add up, and the mean divides by $N$:
#
# $$\frac{\partial L}{\partial b_1} = \frac1N \sum_{n=1}^{N} \frac{\partial L}{\partial D_n} \tag{7}$$
# $$\frac{\partial L}{\partial b_2} = \frac1N \sum_{n=1}^{N} \frac{\partial L}{\partial c_n} \tag{9}$$
#
# *What is wrong in print:* the note has no sum. $\frac1N\frac{\partial L}{\partial D}$ alone is a matrix
# of $N$ rows, and $b_1$ is a vector. It enters in the first line and stays to the last.
# </details>

# %% [markdown]
# ### 5.4 The top: all four gradients · 6 points
#
# You have every line of (6) to (9). Go forward once, keep $D$ and $h$, and go back.

# %% solution id="gradients"
def gradients(params, X, m, alpha):
    """All four gradients of the loss                       (note, equations 6 to 9, last line)

    params: W1 (p, H), b1 (H,), W2 (H, K), b2 (K,); X (N, p); m (N,), integers 0 <= m < K;
    alpha a number.  Returns a dict with the keys and shapes of params.
    """
    ### BEGIN SOLUTION
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    N = len(X)
    D = X @ W1 + b1
    h = np.maximum(D, 0)
    c = h @ W2 + b2
    q = np.exp(c - c.max(axis=1, keepdims=True))
    q /= q.sum(axis=1, keepdims=True)
    dc = q
    dc[np.arange(N), m] -= 1
    dc /= N
    dD = (dc @ W2.T) * (D >= 0)
    return {
        "W1": X.T @ dD + alpha * W1,
        "b1": dD.sum(axis=0),
        "W2": h.T @ dc + alpha * W2,
        "b2": dc.sum(axis=0),
    }
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which two arrays of the forward pass do you meet
# again on the way back?</details>
# <details><summary>Hint 2, the idea</summary>You have a function for each step. Calling them
# takes ten short lines; then a mistake up there costs its points here too. Written out, it does
# not.</details>
# <details><summary>Hint 3, the shapes</summary>dc (N, K), dh and dD (N, H). Nothing that is
# returned has an N in its shape.</details>

# %% test id="test_gradients" points=6
"""All four gradients of the loss, without a loop over the samples"""
log2 = np.log(2)
toy = {
    "W1": np.array([[1.0, -2.0, 1.0], [2.0, 1.0, -1.0]]),
    "b1": np.array([0.0, 1.0, -2.0]),
    "W2": log2 * np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
    "b2": np.log([1.0, 3.0]),
}
X_toy, m_toy = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]), np.array([0, 1, 0])
alpha = 0.1
# D is (1, -1, -1), (2, 2, -3) and (4, 3, -4): the third unit is off;
# q is (2/5, 3/5), (1/4, 3/4) and (2/5, 3/5); what the data adds, worked out on paper:
data = {
    "W1": log2 * np.array([[-0.6, 0.0, 0.0], [-0.95, 0.95, 0.0]]) / 3,
    "b1": log2 * np.array([-0.95, 0.35, 0.0]) / 3,
    "W2": np.array([[-2.5, 2.5], [-1.3, 1.3], [0.0, 0.0]]) / 3,
    "b2": np.array([-0.95, 0.95]) / 3,
}
ungated = {
    "W1": log2 * np.array([[-0.6, 0.6, -1.2], [-0.95, 0.95, -1.9]]) / 3,
    "b1": log2 * np.array([-0.95, 0.95, -1.9]) / 3,
}
found = assert_unchanged(gradients, toy, X_toy, m_toy, alpha)
assert type(found) is dict and set(found) == set(toy), "return a dict with W1, b1, W2 and b2"
for name in ("b2", "W2", "b1", "W1"):
    weight = alpha * toy[name]  # what the penalty would add
    decay = weight if name in ("W1", "W2") else 0.0
    gradient_hints = {
        "1/N is missing: the sum over the batch has to be averaged": 3 * data[name] + decay,
        "the sign: q - δ_m": -data[name] + decay,
        "1/N is there twice": data[name] / 3 + decay,
    }
    if name in ("W1", "W2"):
        gradient_hints |= {
            "the penalty is missing: + α W": data[name],
            "the penalty is doubled: the derivative of (α/2) w² is α w": data[name] + 2 * weight,
            "the penalty is divided by N too; it counts once": data[name] + weight / 3,
            "α ‖W‖, as the note prints it, is one number; each weight has its own α w": (
                data[name] + alpha * np.sqrt((toy[name] ** 2).sum())
            ),
        }
    else:
        gradient_hints["the biases are not penalised"] = data[name] + weight
    if name in ungated:
        gradient_hints["the gate 1[D >= 0] is missing"] = ungated[name] + decay
    assert_array(found[name], data[name] + decay, f"∂L/∂{name}", hints=gradient_hints)
assert_vectorised(gradients, lambda n: (toy, np.tile(X_toy, (n, 1))[:n], np.tile(m_toy, n)[:n], 0.2))
### BEGIN HIDDEN TESTS
def trusted_loss(params, X, m, alpha):
    total = 0.0
    for x, k in zip(X, m, strict=True):
        D = x @ params["W1"] + params["b1"]
        c = np.where(D.real > 0, D, 0) @ params["W2"] + params["b2"]
        total = total + np.log(np.exp(c - c.real.max()).sum()) + c.real.max() - c[k]
    return total / len(m) + alpha / 2 * sum((params[name] ** 2).sum() for name in ("W1", "W2"))


rng = secret_rng("gradients")
for N, p, H, K in [(6, 4, 3, 5), (1, 3, 2, 4), (7, 2, 5, 2), (4, 3, 3, 3)]:
    params, X = random_params(p, H, K, rng), rng.normal(size=(N, p))
    m, alpha = rng.integers(K, size=N), rng.uniform(0.1, 1)
    found = assert_unchanged(gradients, params, X, m, alpha)
    single = {name: array.astype(np.float32) for name, array in params.items()}
    of_single = gradients(single, X.astype(np.float32), m, alpha)
    for name in ("b2", "W2", "b1", "W1"):
        right = numerical_gradient(
            lambda value, name=name: trusted_loss({**params, name: value}, X, m, alpha),
            params[name],
        )
        decay = alpha * params[name] if name in ("W1", "W2") else 0.0
        hints = {
            "1/N is missing": N * (right - decay) + decay,
            "the penalty is divided by N too; it counts once": right - decay + decay / N,
        }
        assert_array(found[name], right, f"∂L/∂{name}, N = {N}", hints=hints)
        single_right = right.astype(np.float32)  # samples may cancel, and digits with them: atol
        assert_array(of_single[name], single_right, f"∂L/∂{name} in float32", atol=1e-6)
on = {name: abs(array) for name, array in params.items()}  # and so is every unit, for X >= 0
large, X_on = {**on, "W2": 1000 * params["W2"]}, np.asfortranarray(abs(X))
scores = (X_on[0] @ on["W1"] + on["b1"]) @ large["W2"] + on["b2"]
low = np.full(len(X), scores.argmin())  # one class for all: nothing cancels between the samples
found = gradients(large, X_on, low, 0.0)
for name in ("b2", "W2", "b1", "W1"):
    right = numerical_gradient(
        lambda value, name=name: trusted_loss({**large, name: value}, X_on, low, 0.0), large[name]
    )
    assert_array(found[name], right, f"∂L/∂{name} with scores near 1000")
X, m = rng.normal(size=(64, p)), rng.integers(K, size=64)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The boxes (6) to (9), last lines</summary>
#
# Every line put into the one before it:
#
# $$\frac{\partial L}{\partial W_1} = \frac1N\, x^T \Bigl\{\mathbb{1}[xW_1 + b_1 \ge 0] \circ
#   \bigl[(q - \delta_m) W_2^T\bigr]\Bigr\} + \alpha W_1, \qquad
# \frac{\partial L}{\partial W_2} = \frac1N\, h^T (q - \delta_m) + \alpha W_2,$$
#
# and the means over the batch of $\{\dots\}$ and of $q - \delta_m$ for $b_1$ and $b_2$. *What is wrong
# in print*, besides $\alpha\|W\|$ and the missing sums: the braces begin before $x^T$. The ReLU must act
# first: $x^T\,\mathbb{1}[\cdot]$ has no row for a sample any more.
# </details>
#
# ### What this equation says
#
# Open the box first. For each sample, $q - \delta_m$ says how wrong its scores are. $W_2^T$ carries that
# back to the hidden units; the indicator keeps it for the units that were on and erases it for the
# others, so a sample teaches only the units it switched on. $x^T$ multiplies what is left with the
# inputs and, in the same product, adds up the batch. Then, without looking at the data at all,
# $\alpha W_1$ pulls every weight towards 0. Training ends where the two balance.
#
# Your gradients on the wires of a small network, for one sample without a penalty. One that is not right is
# red, with the right one next to it. Drag the input until a hidden unit switches off, and see what it still
# learns.

# %% experiment id="drag_the_network"
from mlpkit import explorables as explore

small, x, m = random_params(2, 3, 2, np.random.default_rng(4)), np.array([1.0, 0.5]), 1
mine = gradients(small, x[None], np.array([m]), 0.0)
explore.backward_pass({**small, "x": x, "y": m}, wrong=mine)

# %% [markdown]
# Now check your own gradients against your own loss, on real digits, as in assignment 1.

# %% experiment id="check_on_digits"
digits = datasets.load_digits()
images, classes = digits.data / 16, digits.target  # 1797 images of 64 pixels, from 0 to 1
network = random_params(64, 100, 10, np.random.default_rng(1))
check_gradient(
    lambda params: loss(params, images, classes, 1e-3),
    lambda params: gradients(params, images, classes, 1e-3),
    network,
)

# %% [markdown]
# ## 6 · What the penalty does · 3 points · 8 minutes
#
# Eighty points of two half moons, with so much noise that they overlap; a hundred hidden units;
# three values of $\alpha$. Above each picture: the error rate on the eighty points, and on 2000 fresh
# ones. **Before you run it:** where will $\alpha = 0$ do best, on the points it has seen or on the fresh
# ones? And at $\alpha = 0.3$, what shape will the boundary have?

# %% experiment id="figure_boundary"
"""Figure: the decision boundary for three α"""


def predict(params, X):
    h = relu(affine(X, params["W1"], params["b1"]))
    return affine(h, params["W2"], params["b2"]).argmax(axis=1)


def train(params, X, m, alpha, steps=3000):
    """Full-batch descent with momentum, as in assignment 2: alpha 0.1, gamma 2."""
    phi = {name: np.zeros(array.shape) for name, array in params.items()}
    for _ in range(steps):
        gradient = gradients(params, X, m, alpha)
        phi = {name: 0.9 * phi[name] + 0.1 * gradient[name] for name in params}
        params = {name: params[name] - 2 * phi[name] for name in params}
    return params


moons, sides = datasets.make_moons(n_samples=80, noise=0.35, random_state=1)
fresh_moons, fresh_sides = datasets.make_moons(n_samples=2000, noise=0.35, random_state=100)
start = random_params(2, 100, 2, np.random.default_rng(0))

figure, panels = plt.subplots(1, 3, figsize=(8, 3.5), sharey=True, layout="constrained")
figure.suptitle("A little penalty helps on fresh points, much of it hurts everywhere")
for axes, alpha in zip(panels, [0.0, 0.003, 0.3], strict=True):
    trained = train(start, moons, sides, alpha)
    plotting.decision_boundary(lambda X, net=trained: predict(net, X), moons, sides, ax=axes)
    seen = np.mean(predict(trained, moons) != sides)
    fresh = np.mean(predict(trained, fresh_moons) != fresh_sides)
    axes.set_title(f"α = {alpha:g}\nerror {seen:.0%} seen, {fresh:.0%} fresh", fontsize=11)
    axes.get_legend().remove()
for axes in panels[1:]:
    axes.set_ylabel("")
plt.show()

# %% [markdown]
# With $\alpha = 0$ the boundary makes a detour for single points, and pays for it on fresh ones.
# With $\alpha = 0.3$ the weights are too small to curve it at all. In between it follows the moons and
# ignores single points.
#
# ### A question · 3 points

# %% manual [markdown] id="dead_unit" points=3
# During training a hidden unit $j$ has got into a state where $D_{nj} < 0$ for *every* sample $n$
# of the training set. Such a unit is called dead. Use (6), (7) and (8) with $\alpha > 0$: what are
# the gradients for its weights in $W_1$, its bias in $b_1$, and its weights in $W_2$? What does
# gradient descent then do to these numbers, and can the unit come back to life? Four to six
# sentences.
#
# ### BEGIN SOLUTION
# The indicator is 0 in every row, so nothing comes through from the data: column $j$ of
# $\partial L/\partial W_1$ is $\alpha W_1$ alone, and $\partial L/\partial b_{1,j} = 0$. Since
# $h_{nj} = 0$ for all $n$, row $j$ of $\partial L/\partial W_2$ is $\alpha W_2$ alone too. So both
# sets of weights shrink by the factor $1 - \gamma\alpha$ with every step of size $\gamma$, and the
# bias stays where it is. The weights vanish, and $D_{nj}$ tends to $b_{1,j}$. If the bias is
# negative the unit stays dead forever. If it is positive, the unit opens again as soon as the
# weights have shrunk enough; without the penalty ($\alpha = 0$) nothing would move at all.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: the data part of all three gradients is 0 (indicator 0 for W1 and b1, h = 0 for W2); what is
# left is αW for the weights and nothing for the bias.
#
# 1 point: the weights shrink geometrically (by 1 - γα a step), the bias stays.
#
# 1 point: D tends to the bias, so the sign of b decides: negative stays dead, positive comes back.
# ### END MARK SCHEME

# %% [markdown]
# ## 7 · At the kink, and near it · 5 points · 13 minutes
#
# ### 7.1 Two slopes · 2 points
#
# At $D = 0$ ReLU has a corner. Go to the right and the loss changes with slope
# $\partial L/\partial h$; go to the left and it does not change. Both *one-sided* derivatives
# exist. They differ, so there is no derivative, and $\mathbb{1}[D \ge 0]$ is a convention: the note
# takes the right-hand one. PyTorch takes the left-hand one, $\mathbb{1}[D > 0]$. Networks train with
# either.

# %% solution id="one_sided"
def one_sided(D, dh):
    """Left and right derivative of the loss at each D     (note, 1[D >= 0] in equations 6 and 7)

    D (N, H), zeros included; dh (N, H), ∂L/∂h.  Returns the pair (left, right), each (N, H):
    the slope on the side of smaller D, and that on the side of larger D.
    """
    ### BEGIN SOLUTION
    return (D > 0) * dh, (D >= 0) * dh
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Where is the unit on, a hair to the left of 0 and a
# hair to the right?</details>
# <details><summary>Hint 2, the idea</summary>Off the kink both are what 4.2 gives. They differ only
# in whether 0 counts as on.</details>
# <details><summary>Hint 3, the shapes</summary>Two arrays (N, H), in a tuple, left first.</details>

# %% test id="test_one_sided" points=2
"""The left and the right derivative at a kink"""
D_toy, dh_toy = np.array([[2.0, 0.0, -1.0, 0.0]]), np.array([[3.0, 4.0, 5.0, -6.0]])
pair = one_sided(D_toy, dh_toy)
assert type(pair) is tuple and len(pair) == 2, "return the pair (left, right)"
left, right = np.array([[3.0, 0.0, 0.0, 0.0]]), np.array([[3.0, 4.0, 0.0, -6.0]])
assert_array(pair[0], left, "left", hints={"left and right are swapped": right})
assert_array(pair[1], right, "right", hints={"this is the left derivative": left})
### BEGIN HIDDEN TESTS
rng = secret_rng("one_sided")
for N, H in [(5, 3), (1, 4), (6, 1)]:
    D = rng.integers(-1, 2, size=(N, H)) * rng.uniform(0.05, 2, size=(N, H))
    D[0, 0] = 0.05  # close to the kink, and on
    dh = rng.normal(size=(N, H))
    step = 1 / 64  # ReLU is straight on either side, so one step is exact
    on = np.maximum(D, 0)
    left, right = ((np.maximum(D + t, 0) - on) / t * dh for t in (-step, step))
    pair = assert_unchanged(one_sided, D, dh)
    assert_array(pair[0], left, "left")
    assert_array(pair[1], right, "right")
### END HIDDEN TESTS

# %% [markdown]
# It is not as rare as it sounds: start with $b_1 = 0$ and show the network a black image. Then
# $D = 0$ in every unit of that row. A good checker says so instead of calling a right gradient
# wrong.

# %% experiment id="check_on_a_kink"
black = np.vstack([np.zeros(64), images[:9]])
on_kink = {**network, "b1": np.zeros(100)}
check_gradient(
    lambda params: loss(params, black, classes[:10], 1e-3),
    lambda params: gradients(params, black, classes[:10], 1e-3),
    on_kink,
)

# %% [markdown]
# ### 7.2 The step that is still safe · 3 points
#
# Far more often a kink is merely near, and that is what fools finite differences. A central
# difference looks at the loss at $\theta + td$ and $\theta - td$. If a unit switches in between, it
# averages two slopes and is simply wrong.
#
# Along a direction $d$ every entry of $D$ moves on a straight line: with the weights
# $W_1 + tV$ and biases $b_1 + tv$ it is $D + t\,(xV + v)$. So you can say beforehand which step is
# the first to reach a kink:
#
# $$t^* = \min_{n,j}\ \left|\frac{D_{nj}}{\dot D_{nj}}\right|, \qquad \dot D = xV + v,$$
#
# where entries that do not move are left out.

# %% solution id="safe_step"
def safe_step(D, change):
    """t* = min |D / Ḋ|: how far one can go, either way, before a unit switches

    D (N, H), the hidden units before ReLU; change (N, H), Ḋ, zeros allowed: D moves to
    D + t change.  Returns a number; np.inf if nothing moves.
    """
    ### BEGIN SOLUTION
    moving = change != 0
    return np.min(np.abs(D[moving] / change[moving]), initial=np.inf)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>At which t does D + t Ḋ become 0, and does it matter
# whether that t is negative?</details>
# <details><summary>Hint 2, the idea</summary>First choose the entries that move, then divide. The
# minimum of nothing needs a value of its own.</details>
# <details><summary>Hint 3, the shapes</summary>A mask (N, H) picks a vector; the minimum is one
# number.</details>

# %% test id="test_safe_step" points=3
"""The largest step, either way, before a unit switches"""
D_toy, change = np.array([[3.0, -2.0], [0.5, 4.0]]), np.array([[0.0, 1.0], [1.6, -1.0]])
step_hints = {
    "a central difference goes both ways: t = -0.3125 counts as well": 2.0,
    "this is the smallest |D|, whatever its speed": 0.5,
    "this is the smallest D / Ḋ with its sign; take the absolute value": -4.0,
    "this is the smallest -D / Ḋ with its sign; take the absolute value": -0.3125,
    "this is the largest |D / Ḋ|; a unit switches at the smallest": 4.0,
    "this is |Ḋ / D|": 0.0,
}
try:
    found_step = safe_step(D_toy, change)
    never = safe_step(D_toy, 0 * change)
except RuntimeWarning as warning:
    raise AssertionError(
        f"t*: {warning}.\n"
        "Likely cause: an entry that does not move was divided by its speed, 0.\n"
        "Next: choose the moving entries with a mask, then divide."
    ) from None
assert_number(found_step, 0.3125, "t*", hints=step_hints)
assert float(never) == np.inf, f"if nothing moves, t* is np.inf; you returned {never}"
### BEGIN HIDDEN TESTS
rng = secret_rng("safe_step")
for N, H in [(5, 3), (1, 4), (6, 1), (1, 1)]:
    D, change = rng.normal(size=(N, H)), rng.normal(size=(N, H))
    right = min(abs(D[n, j] / change[n, j]) for n in range(N) for j in range(H))
    assert_number(assert_unchanged(safe_step, D, change), right, "t*")
    value = safe_step(np.pad(D, 1), np.pad(change, 1))  # a border at 0 that does not move
    assert_number(value, right, "t* with entries that do not move")
    D[0, 0] = 0.0
    assert_number(safe_step(D, change), 0.0, "t* on a kink")
### END HIDDEN TESTS

# %% [markdown]
# How near is near? The network for the digits has $1797 \cdot 100$ entries of $D$. One random
# direction, central differences with steps from $10^{-10}$ to $10^{-1}$, and your $t^*$. **Before you
# run it:** is $t^*$ larger or smaller than $10^{-5}$, the step that many recipes recommend?

# %% experiment id="figure_kink"
"""Figure: the error of a central difference against its step, and t*"""
rng = np.random.default_rng(5)
direction = {name: rng.normal(size=array.shape) for name, array in network.items()}
slope = sum(
    (array * direction[name]).sum()
    for name, array in gradients(network, images, classes, 1e-3).items()
)


def along(t):
    moved = {name: array + t * direction[name] for name, array in network.items()}
    return loss(moved, images, classes, 1e-3)


steps = np.geomspace(1e-10, 1e-1, 73)
errors = [abs((along(t) - along(-t)) / (2 * t) / slope - 1) for t in steps]
limit = safe_step(
    affine(images, network["W1"], network["b1"]),
    affine(images, direction["W1"], direction["b1"]),
)
BLUE, ORANGE = plotting.COLOURS[:2]
figure, axes = plt.subplots(figsize=(7.5, 3.8), layout="constrained")
axes.loglog(steps, errors, color=BLUE, marker="o", markersize=3)
axes.axvline(limit, color=ORANGE, linestyle="--")
axes.text(limit * 0.85, 3e-2, f"your t* = {limit:.1e}", color=ORANGE, ha="right")
axes.text(8e-4, 3e-6, "units switch on the way", ha="center")
axes.text(6e-10, 5e-10, "rounding", ha="center")
axes.set(xlabel="step t of the central difference", ylabel="relative error of the slope")
axes.set_title("One kink crossed, and six digits are gone")
plt.show()

# %% [markdown]
# Left of $t^*$ the error falls as the step grows, because rounding is divided by a larger $t$. At
# $t^*$ the first of 179 700 entries switches, and to its right a central difference has five digits
# at best: even at $10^{-5}$, which many recipes recommend. The checker you used above moves by
# $10^{-30}$ in the imaginary direction. The real part stays where it is, and so no kink is ever
# crossed.

# %% [markdown]
# The same on a single ReLU at $x = 0.0004$, to drag: three ways to a numerical derivative, and the step $h$.
# **Before you touch it:** the kink lies at 0. From which $h$ on does the central difference see it, and
# which of the three never does?

# %% experiment id="drag_the_step"
from mlpkit import explorables as explore

explore.step_h("relu", x=0.0004, h=1e-3)

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *Leaky ReLU.* With $h = D$ for $D > 0$ and $h = 0.1\,D$ otherwise, what is $\partial L/\partial D$?
#    Write it with `D` and `dh`.
# 2. *Another penalty.* Some pull weights towards given values $V$ (those of a network trained before):
#    $\frac\alpha2\|W - V\|^2.$ Where is its gradient 0, and what is it? Write it with `W`, `V`, `alpha`.
# 3. *Weight decay alone.* Suppose the data part of the gradient is 0, as for a dead unit. By what
#    factor has a weight shrunk after $r$ steps of size $\gamma$? Write it with `gamma`, `alpha`, `r`.

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: dD(D, dh) -> (N, H); decay(W, V, alpha) -> as W; factor(gamma, alpha, r) -> a
    number.
    """
    ### BEGIN SOLUTION
    return [
        lambda D, dh: np.where(D > 0, 1.0, 0.1) * dh,
        lambda W, V, alpha: alpha * (W - V),
        lambda gamma, alpha, r: (1 - gamma * alpha) ** r,
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against derivatives of the forward pass, and against descent itself."""
    leaky, towards, factor = on_paper()
    D, dh = np.array([[2.0, -1.0, 0.5]]), np.array([[3.0, 4.0, -5.0]])
    assert_derivative(
        leaky(D, dh), lambda D: np.where(D.real > 0, D, 0.1 * D), D, "problem 1", of="L", wrt="D",
        upstream=dh,
    )  # fmt: skip
    assert_derivative(
        towards(D, dh, 0.3), lambda W: 0.15 * ((W - dh) ** 2).sum(), D, "problem 2",
        of="the penalty", wrt="W",
    )  # fmt: skip
    for gamma, alpha, r in [(0.5, 0.3, 4), (2.0, 0.01, 9)]:
        w = 1.0
        for _ in range(r):
            w -= gamma * alpha * w
        assert_number(factor(gamma, alpha, r), w, f"problem 3, γ = {gamma}, α = {alpha}, r = {r}")


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - A layer is `x @ W + b`; going backward it gives $x^T\cdot$ error to its weights, the mean error to
#   its biases, and error $\cdot\,W^T$ to the layer before. (6) and (8) are one formula, and so are (7)
#   and (9).
# - Softmax and logarithm cancel: $q - \delta_m$, as in assignments 1 and 2.
# - ReLU passes a derivative or stops it. $D$ decides, never the derivative itself.
# - The penalty adds $\alpha W$, once for the batch, and leaves the biases alone. It makes decisions
#   smoother, and it goes on shrinking the weights of a unit that is dead.
# - At a kink there are two slopes and no gradient. Near one, finite differences are wrong, and the
#   larger the network, the nearer the next kink.
#
# **Further reading.** Qianyue Hao, *Deduction of Gradients in Neutral Network* (2020), the note itself;
# [CS231n on activation functions](https://cs231n.github.io/neural-networks-1/#actfun) and on
# [gradient checks](https://cs231n.github.io/neural-networks-3/#gradcheck), kinks included; Goodfellow,
# Bengio and Courville, *Deep Learning*, chapters
# [6.3](https://www.deeplearningbook.org/contents/mlp.html) on ReLU and
# [7.1](https://www.deeplearningbook.org/contents/regularization.html) on the penalty.
#
# **Next**, `04_deep_mlp`: as many layers as you like, and what becomes of the gradient on its way
# through them.
