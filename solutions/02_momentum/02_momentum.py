# %% [markdown]
# # 2 · One hidden layer, and descent with momentum
#
# Justin Domke's note *Details on neural network derivative computations for HW2* (2017) covers a
# network with one hidden layer in five boxed derivatives, and its training in two iterations.
# You derive the boxes one step at a time, for one sample. Then you write the same for a whole data
# set at once, train without and with momentum, and see where the speed comes from.
#
# **Time** about 120 minutes. **Points** 40. **You need first:** assignment 1; the chain rule; `@`,
# `.T` and broadcasting in numpy.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 The predictor | 4 | 1 |
# | 2 The loss | 5 | 2 |
# | 3 The ladder: five boxes, one sample | 43 | 12 |
# | 4 All samples at once | 22 | 10 |
# | 5 Gradient descent | 6 | 2 |
# | 6 Momentum | 12 | 5 |
# | 7 Why it is faster: a quadratic | 15 | 4 |
# | 8 Digits, and a question | 13 | 4 |
#
# **How it works.** A stub says what goes in and what must come out. Replace its last two lines,
# then run the test below it: a ✓ means that it is right, otherwise it says what is wrong. Tests and
# the code of figures are folded away, for they show answers: run them as they are. Stuck? Open the
# hints one at a time. The grader runs the same tests with other numbers.
#
# Section 3 is a *ladder*, as in assignment 1. Each rung asks for one derivative of the forward
# pass, one line of code; its docstring gives shapes, not the formula. A test hands the rung the
# right values of the earlier ones, so a wrong rung costs its own points only. "On the wires", at
# the end of the ladder, draws a wrong number of yours in red, whichever rungs are done. The note's
# box, with its derivation, is closed below each test: open it afterwards, or when the hints did not
# help.

# %% [markdown]
# ## The note's symbols
#
# ![One hidden layer: x goes through W and b to s, through tanh to h, through V and c to f, and meets
# the class y in the loss L.](figure:network)
#
# | note | meaning | in code | shape |
# |:--|:--|:--|:--|
# | $p, M, K$ | inputs, hidden units, classes | `p, M, K` | numbers |
# | $N$ | samples | `N` | number |
# | $x$ | one sample | `x` | `(p,)` |
# | $y$ | its class, **counted from 0** in code | `y` | integer |
# | | all samples, one in each row; their classes | `X`, `y` | `(N, p)`, `(N,)` |
# | $W, b$ | weights and biases into the hidden layer | `params["W"]`, `params["b"]` | `(M, p)`, `(M,)` |
# | $V, c$ | weights and biases into the output | `params["V"]`, `params["c"]` | `(K, M)`, `(K,)` |
# | $s = b + Wx$, $h = \sigma(s)$ | hidden units before and after $\sigma = \tanh$ | `s`, `h` | `(M,)` |
# | $f = c + Vh$ | outputs, one for each class | `f` | `(K,)` |
# | $\hat e_y$ | 1 at position $y$, else 0 | `e_y` | `(K,)` |
# | $g(f)$ | softmax of $f$ | `g` | `(K,)` |
# | $dL/df,\ dL/dh,\ dL/ds$ | derivatives of the loss | `df, dh, ds` | as `f, h, s` |
# | $R(\theta)$ | risk: the loss summed over the data set | `R` | number |
# | $\theta$ | all of $W, b, V, c$ in one long vector | `theta` | `(P,)` |
# | $\phi$ | smoothed gradient | `phi` | `(P,)` |
# | $\gamma, \alpha$ | step size, weight of the new gradient | `gamma, alpha` | numbers |
#
# The shape rule of assignment 1 holds: `dV` has the shape of `V`.

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

from mlpkit import check_gradient, datasets, momentum, numerical_gradient, plotting
from mlpkit.testing import (
    assert_array,
    assert_derivative,
    assert_number,
    assert_unchanged,
    assert_vectorised,
    secret_rng,
)

# %% [markdown]
# Three helpers. The network lives in a dict; descent wants one vector $\theta$. `pack` and
# `unpack` go from one to the other.

# %% given id="helpers"
def random_params(p, M, K, rng):
    """Small random W (M, p), b (M,), V (K, M), c (K,) in a dict."""
    return {
        "W": rng.normal(size=(M, p)) / np.sqrt(p),
        "b": 0.1 * rng.normal(size=M),
        "V": rng.normal(size=(K, M)) / np.sqrt(M),
        "c": 0.1 * rng.normal(size=K),
    }


def pack(params):
    """W, b, V, c one after the other in one vector theta (P,)."""
    return np.concatenate([params[name].ravel() for name in "WbVc"])


def unpack(theta, p, M, K):
    """The dict that theta (P,) was packed from."""
    W, b, V, c = np.split(theta, np.cumsum([M * p, M, K * M]))
    return {"W": W.reshape(M, p), "b": b, "V": V.reshape(K, M), "c": c}


# %% [markdown]
# ## 1 · The predictor · 1 point · 4 minutes
#
# A linear map, a nonlinearity, a linear map. Without the nonlinearity in the middle two linear maps
# would be one linear map, and the hidden layer would be useless.
#
# $$f(x) = c + V\,\sigma(b + Wx), \qquad \sigma = \tanh$$

# %% solution id="predict"
def predict(params, x):
    """f(x) = c + V σ(b + W x)                             (note, section 2)

    params: W (M, p), b (M,), V (K, M), c (K,); x (p,).  Returns f (K,).
    """
    ### BEGIN SOLUTION
    h = np.tanh(params["b"] + params["W"] @ x)
    return params["c"] + params["V"] @ h
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# In which order do $W$, $b$, $\sigma$, $V$ and $c$ act on $x$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Work from the inside out, and give the hidden units a
# name of their own.</details>
# <details><summary>Hint 3, the shapes</summary>(M, p) times (p,) is (M,): b fits. (K, M) times
# (M,) is (K,): c fits.</details>

# %% test id="test_predict" points=1
"""The predictor: f = c + V σ(b + W x)"""
toy = {
    "W": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
    "b": np.arctanh([0.5, -0.5, 0.25]) - [1.0, 2.0, 3.0],
    "V": np.array([[2.0, 0.0, 4.0], [0.0, 4.0, 0.0]]),
    "c": np.array([1.0, 3.0]),
}  # at x = (1, 2) the hidden units are 0.5, -0.5, 0.25
assert_array(
    predict(toy, np.array([1.0, 2.0])),
    np.array([3.0, 1.0]),
    "f(x)",
    hints={"c is missing": [2.0, -2.0], "c is subtracted": [1.0, -5.0]},
)
### BEGIN HIDDEN TESTS
rng = secret_rng("predict")
for p, M, K in [(6, 1, 2), (1, 2, 3), (3, 5, 4)]:
    params, x = random_params(p, M, K, rng), rng.normal(size=p)
    W, b, V, c = (params[name] for name in "WbVc")
    s = [b[j] + sum(W[j, i] * x[i] for i in range(p)) for j in range(M)]
    right = np.array([c[k] + sum(V[k, j] * np.tanh(s[j]) for j in range(M)) for k in range(K)])
    hints = {
        "the bias b is missing inside σ": c + V @ np.tanh(W @ x),
        "the nonlinearity σ is missing": c + V @ (b + W @ x),
        "σ is applied before b is added": c + V @ (b + np.tanh(W @ x)),
        "σ is applied to the output too": np.tanh(c + V @ np.tanh(b + W @ x)),
    }
    assert_array(assert_unchanged(predict, params, x), right, "f(x)", hints=hints)
single = {name: array.astype(np.float32) for name, array in params.items()}
assert_array(predict(single, x.astype(np.float32)), right.astype(np.float32), "f(x) in float32")
strided = {name: np.repeat(array, 2, axis=-1)[..., ::2] for name, array in params.items()}
assert_array(predict(strided, x), right, "f(x) of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · The loss · 2 points · 5 minutes
#
# The outputs are scores, one for each class. The **softmax** turns them into probabilities: exponentials
# are positive, and divided by their sum they sum to 1. With two classes it is the sigmoid of the
# difference of the scores. The loss is minus the logarithm of the probability of the true class,
#
# $$L = -\log \frac{\exp f_y}{\sum_k \exp f_k}, \qquad\text{that is,}$$
# $$L(y, f) = -f_y + \log \sum_{k=1}^{K} \exp f_k .$$
#
# *Where we differ from print:* the note has $\log \sum_k f_k$, without the exponential.
# That cannot be meant, since its own $dL/df$ is the derivative of the formula above.
#
# One trap is left. Inputs that nobody scaled, or large weights, make scores of 1000, and $\exp 1000$
# is infinite in floating point. The loss itself is an ordinary number.

# %% solution id="loss"
def loss(y, f):
    """L(y, f) = -f_y + log Σ_k exp f_k                    (note, section 3, with exp)

    y integer, 0 <= y < K; f (K,), of any size: 1000 must not overflow.  Returns a number.
    """
    ### BEGIN SOLUTION
    largest = f.max()
    return largest + np.log(np.exp(f - largest).sum()) - f[y]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What happens to L when the same number is added to
# every score?</details>
# <details><summary>Hint 2, the idea</summary>Nothing. So you may shift the scores before exp sees
# them. Which shift makes the largest exponential harmless?</details>
# <details><summary>Hint 3, the shapes</summary>f is (K,), its maximum, the sum and f[y] are single
# numbers. Mind that the shift must be undone, or be applied to f[y] too.</details>

# %% test id="test_loss" points=2
"""The loss: log-sum-exp minus the score of the class, for scores of any size"""
f = np.log([1.25, 1.75, 5.0])  # exp f adds up to 8
loss_hints = {
    "the sign of f_y: L = -f_y + log Σ exp f_k": np.log(8 * 5),
    "exp is missing inside the sum (as the note prints it)": np.log(f.sum()) - f[2],
    "f_y is missing": np.log(8),
    "L has the wrong sign": -np.log(8 / 5),
    "the maximum was subtracted before exp and never added back": np.log(8 / 5) - np.log(5),
    "the class is counted from 1 here; y is counted from 0": np.log(8 / 1.75),
    "the logarithms are summed; take the logarithm of the sum": f[0] + f[1],
    "the sum leaves out its last term, here that of the class y; it is over all k": np.log(3 / 5),
}
assert_number(loss(2, f), np.log(8 / 5), "L(y=2, f)", hints=loss_hints)
assert_number(loss(0, f + 1000), np.log(6.4), "L of scores near 1000")
assert_number(loss(1, np.array([1000.0, 0.0])), 1000.0, "L of the scores (1000, 0)")
far = np.array([2000.0, 0.0])  # a shift by the mean overflows
assert_number(loss(1, far), 2000.0, "L of scores far apart")
### BEGIN HIDDEN TESTS
rng = secret_rng("loss")
for K in (2, 3, 7):
    f, y = rng.normal(size=K), int(rng.integers(K))
    right = np.log(sum(np.exp(f_k - f[y]) for f_k in f))
    assert_number(assert_unchanged(loss, y, f), right, "L(y, f)")
    assert_number(loss(y, f - 1000), right, "L of scores near -1000")
assert_number(loss(y, np.repeat(f, 2)[::2]), right, "L of an array that is not contiguous")
assert_number(loss(y, f.astype(np.float32)), np.float32(right), "L in float32")
assert_number(loss(0, np.array([1000.0, 0.0])), 0.0, "L of the scores (1000, 0), y = 0")
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The ladder: five boxes, one sample · 12 points · 43 minutes
#
# Backpropagation goes from the loss back to the input. At each quantity of the forward pass you ask
# how the loss depends on it, and answer with what you know about the next one:
#
# $$L \;\to\; \frac{dL}{df} \;\to\; \frac{dL}{dh} \;\to\; \frac{dL}{ds}, \qquad
# \text{and on the way}\quad \frac{dL}{dc},\ \frac{dL}{dV},\ \frac{dL}{db},\ \frac{dL}{dW}.$$
#
# In code `df` holds $dL/df$, `dh` holds $dL/dh$, and so on.
#
# ### 3.1 First rung: the logarithm of the sum · 1 point
#
# $L = -f_y + \log\sum_k \exp f_k$ has two terms; the second is the hard one. What is its derivative
# with respect to each score $f_j$? You have met the result: it has a name. As in section 2, scores of
# 1000 must not overflow.

# %% solution id="dlogsum_df"
def dlogsum_df(f):
    """The derivative of log Σ_k exp f_k with respect to each score    (note, section 4.1, g)

    f (K,), of any size: 1000 must not overflow.  Returns (K,).
    """
    ### BEGIN SOLUTION
    e = np.exp(f - f.max())
    return e / e.sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What is the derivative of $\log u$? And how fast does the sum of exponentials change with $f_j$
# alone?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# The outer derivative is one over the sum, the inner one is $\exp f_j$. Adding one number to all
# scores leaves this quotient as it is.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>exp of (K,) is (K,), its sum is a number. Work on
# an array that is yours: f belongs to the caller.</details>

# %% test id="test_dlogsum_df" points=1
"""The derivative of log-sum-exp with respect to each score"""
f_toy = np.log([2.0, 5.0, 1.0])
logsum_hints = {
    "the inner derivative exp f_j is missing": np.full(3, 1 / 8),
    "the numerator is 1; exp f_j belongs there, shifted as below": np.full(3, 5 / 8),
    "the outer derivative is missing: log u has the derivative 1/u": [2.0, 5.0, 1.0],
    "this is f over the sum of f; the exponentials are missing": f_toy / f_toy.sum(),
}
assert_derivative(
    assert_unchanged(dlogsum_df, f_toy), lambda f: np.log(np.exp(f).sum()), f_toy, "d log Σ exp f / df",
    of="log Σ exp f", wrt="f", hints=logsum_hints,
)  # fmt: skip
assert_array(dlogsum_df(np.array([1000.0, 0.0])), np.array([1.0, 0.0]), "the derivative near 1000")
far = np.array([2000.0, 0.0])  # a shift by the mean overflows
assert_array(dlogsum_df(far), np.array([1.0, 0.0]), "the derivative for scores far apart")
### BEGIN HIDDEN TESTS
rng = secret_rng("dlogsum_df")
for K in (2, 4, 7):
    f = rng.normal(size=K)
    right = numerical_gradient(lambda f: np.log(np.exp(f).sum()), f)
    assert_array(assert_unchanged(dlogsum_df, f), right, "d log Σ exp f / df")
    assert_array(dlogsum_df(f - 1000), right, "the derivative for scores near -1000")
assert_array(dlogsum_df(np.repeat(f, 2)[::2]), right, "the derivative, f not contiguous")
assert_array(dlogsum_df(f.astype(np.float32)), right.astype(np.float32), "it, in float32")
### END HIDDEN TESTS

# %% [markdown]
# ### 3.2 The first box: $dL/df$ · 1 point
#
# Now the whole of $L$. The term $-f_y$ contains one score only. How does it change what you have?

# %% solution id="dL_df"
def dL_df(y, f):
    """dL/df: the derivative of L with respect to the outputs  (note, box 1, section 4.1)

    y integer, 0 <= y < K; f (K,), of any size: 1000 must not overflow.  Returns df (K,).
    """
    ### BEGIN SOLUTION
    g = np.exp(f - f.max())
    g /= g.sum()
    g[y] -= 1
    return g
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What do the K numbers of $dL/df$ add up to?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# With respect to which score does $-f_y$ have a derivative at all? The other entries of 3.1 stay as
# they are. You may call what you wrote there; then a mistake in it costs its point here too.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>What 3.1 gives is (K,); one of its
# entries changes by 1, and df is (K,) again.</details>

# %% test id="test_dL_df" points=1
"""dL/df: the derivative of the loss with respect to the outputs"""
e_y, g = np.array([0.0, 0.0, 1.0]), np.array([1.0, 2.0, 5.0]) / 8
df_hints = {
    "ê_y has the wrong sign: this is ê_y + g(f)": e_y + g,
    "this is g(f) alone: ê_y is missing": g,
    "the class y alone has an entry; L changes with every score": [0.0, 0.0, -3 / 8],
    "the sign: this is ê_y - g(f)": e_y - g,
    "the class is counted from 1 here; y is counted from 0": g - [0.0, 1.0, 0.0],
}
df = assert_unchanged(dL_df, 2, np.log([1.0, 2.0, 5.0]))
assert_derivative(
    df, lambda f: np.log(np.exp(f).sum()) - f[2], np.log([1.0, 2.0, 5.0]), "dL/df",
    of="L", wrt="f", hints=df_hints,
)  # fmt: skip
at_largest = {"1 is taken away at the largest score; ê_y has it at the class y": [0.0, 0.0]}
df = dL_df(1, np.array([1000.0, 0.0]))
assert_array(df, np.array([1.0, -1.0]), "dL/df near 1000", hints=at_largest)
far = np.array([2000.0, 0.0])  # a shift by the mean overflows
assert_array(dL_df(1, far), np.array([1.0, -1.0]), "dL/df of scores far apart")
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_df")
for K in (2, 4, 7):
    f, y = rng.normal(size=K), int(rng.integers(K))
    right = numerical_gradient(lambda f, y=y: np.log(np.exp(f).sum()) - f[y], f)
    assert_array(assert_unchanged(dL_df, y, f), right, "dL/df")
    assert_array(dL_df(y, f - 1000), right, "dL/df of scores near -1000")
assert_array(dL_df(y, np.repeat(f, 2)[::2]), right, "dL/df of an array that is not contiguous")
assert_array(dL_df(y, f.astype(np.float32)), right.astype(np.float32), "dL/df in float32")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $$\frac{\partial}{\partial f_j} \log\sum_k \exp f_k = \frac{\exp f_j}{\sum_k \exp f_k} = g(f)_j,
# \qquad \frac{\partial(-f_y)}{\partial f_j} = -(\hat e_y)_j ,$$
#
# $$\boxed{\frac{dL}{df} = -\hat e_y + g(f)}$$
#
# It is prediction minus label, as in assignment 1, with the class as a unit vector $\hat e_y$ and the
# softmax for the prediction: descent lowers every wrong score in proportion to its probability, and
# raises the true one by the probability it still lacks.
# </details>

# %% [markdown]
# ### 3.3 The output biases: $dL/dc$ · 1 point
#
# $f = c + Vh$. How does $f$ move when $c$ moves, and so, how does $L$?

# %% solution id="dL_dc"
def dL_dc(df):
    """dL/dc from dL/df                                    (note, box 2, section 4.2)

    df (K,).  Returns dc (K,).
    """
    ### BEGIN SOLUTION
    return df
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# By how much does $f_k$ change when $c_k$ grows by $\epsilon$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# Write $df/dc$ as a matrix, $f_k$ in row $k$ and $c_j$ in column $j$. Which entries are not 0?
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(K,) in, (K,) out; nothing is summed.</details>

# %% test id="test_dL_dc" points=1
"""dL/dc, from dL/df"""
df, Vh = np.array([0.25, -0.75, 0.5]), np.array([1.0, 0.0, -1.0])
assert_derivative(  # a loss that is a straight line in f has this dL/df everywhere
    dL_dc(df), lambda c: df @ (c + Vh), np.zeros(3), "dL/dc", of="L", wrt="c",
    hints={"the sign: f grows with c": -df, "c and Vh add; Vh does not enter": df * Vh},
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dc")
for K, M in [(2, 3), (5, 1)]:
    V, h, c, y = rng.normal(size=(K, M)), rng.normal(size=M), rng.normal(size=K), K - 1
    df = np.exp(c + V @ h) / np.exp(c + V @ h).sum() - np.eye(K)[y]
    right = numerical_gradient(
        lambda c, V=V, h=h, y=y: np.log(np.exp(c + V @ h).sum()) - (c + V @ h)[y], c
    )
    assert_array(assert_unchanged(dL_dc, df), right, "dL/dc")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $f_k$ grows by exactly as much as $c_k$, and no other output moves: the Jacobian $df/dc$ is the
# identity matrix.
#
# $$\boxed{\frac{dL}{dc} = \frac{dL}{df}}$$
# </details>

# %% [markdown]
# ### 3.4 One output weight: $\partial L/\partial V_{kj}$ · 1 point
#
# A matrix of derivatives is easiest entry by entry. $V_{kj}$ appears once in the whole forward pass.
# Where? And what is the derivative of $L$ with respect to it?

# %% solution id="dL_dV_entry"
def dL_dV_entry(df, h, k, j):
    """∂L/∂V_kj, for one entry of V                          (note, box 3, section 4.3)

    df (K,), h (M,); k and j are the row and the column of the entry.  Returns a number.
    """
    ### BEGIN SOLUTION
    return df[k] * h[j]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Write out $f_0$, $f_1$, ... Which of them contain $V_{kj}$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# One of them does, and there $V_{kj}$ is multiplied by one hidden unit. The derivative of L by
# that output, times the derivative of the output by $V_{kj}$.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>One entry of df and one entry of h: a
# number.</details>

# %% test id="test_dL_dV_entry" points=1
"""The derivative of L with respect to one entry of V"""
df_toy, h_toy, V_toy = np.array([1.0, -2.0, 4.0]), np.array([0.7, 3.1]), np.ones((3, 2))


def with_entry(value, k, j):
    """L where V_kj is value: a loss that is a straight line in f."""
    V = V_toy.astype(type(value))
    V[k, j] = value
    return df_toy @ (V @ h_toy)


for k, j in (1, 0), (2, 1):
    entry_hints = {
        "h is missing: V_kj is multiplied by it in f_k": df_toy[k],
        "dL/df is missing: L depends on V_kj through f_k": h_toy[j],
        "h is that of another unit; V_kj is multiplied by h_j": df_toy[k] * h_toy[1 - j],
        "this sums over the outputs; V_kj is in one of them": df_toy.sum() * h_toy[j],
    }
    if k == 1:
        exchanged = "k and j are exchanged: k, the row of V, counts the outputs"
        entry_hints = {exchanged: df_toy[j] * h_toy[k]} | entry_hints
    assert_derivative(
        dL_dV_entry(df_toy, h_toy, k, j), lambda value, k=k, j=j: with_entry(complex(value), k, j), 1.0,
        f"∂L/∂V_{k}{j}", of="L", wrt=f"V_{k}{j}", hints=entry_hints,
    )  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dV_entry")
for K, M in [(3, 1), (4, 4), (2, 5)]:
    V, h, c, y = rng.normal(size=(K, M)), rng.normal(size=M), rng.normal(size=K), K - 1
    df = np.exp(c + V @ h) / np.exp(c + V @ h).sum() - np.eye(K)[y]
    right = numerical_gradient(
        lambda V, c=c, h=h, y=y: np.log(np.exp(c + V @ h).sum()) - (c + V @ h)[y], V
    )
    for k, j in rng.permutation(list(np.ndindex(K, M)))[:4].tolist():
        value = assert_unchanged(dL_dV_entry, df, h, k, j)
        assert_number(value, right[k, j], f"∂L/∂V_{k}{j}")
### END HIDDEN TESTS

# %% [markdown]
# ### 3.5 All of them: $dL/dV$ · 2 points
#
# Row $k$, column $j$ of the result is 3.4. Which product of two vectors has all these products in one
# matrix? No loop.

# %% solution id="dL_dV"
def dL_dV(df, h):
    """dL/dV: all entries of 3.4 in one matrix              (note, box 3, section 4.3)

    df (K,), h (M,).  Returns dV (K, M).
    """
    ### BEGIN SOLUTION
    return np.outer(df, h)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which entry of $dV$ is $dL/df_0$ times $h_2$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A column times a row. numpy's vectors are neither:
# say which one is which, or find the function that is named after the product.</details>
# <details><summary>Hint 3, the shapes</summary>(K, 1) times (1, M) is (K, M), the shape of
# V.</details>

# %% test id="test_dL_dV" points=2
"""dL/dV, all entries at once"""
df, h = np.array([1.0, -2.0, 4.0]), np.array([0.5, 3.0])
right = np.array([[0.5, 3.0], [-1.0, -6.0], [2.0, 12.0]])
dV_hints = {"it is the transpose, h (dL/df)ᵀ: swap the factors": right.T}
assert_derivative(
    dL_dV(df, h), lambda V: df @ (V @ h), np.ones((3, 2)), "dL/dV", of="L", wrt="V", hints=dV_hints
)
assert_array(dL_dV(h, h), np.array([[0.25, 1.5], [1.5, 9.0]]), "dL/dV with K = M")
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dV")
for K, M in [(3, 1), (4, 4), (2, 5)]:
    V, h, c, y = rng.normal(size=(K, M)), rng.normal(size=M), rng.normal(size=K), K - 1
    df = np.exp(c + V @ h) / np.exp(c + V @ h).sum() - np.eye(K)[y]
    right = numerical_gradient(
        lambda V, c=c, h=h, y=y: np.log(np.exp(c + V @ h).sum()) - (c + V @ h)[y], V
    )
    dV_hints = {"it is the transpose, h (dL/df)ᵀ: swap the factors": right.T}
    assert_array(assert_unchanged(dL_dV, df, h), right, "dL/dV", hints=dV_hints)
single = dL_dV(df.astype(np.float32), h.astype(np.float32))
assert_array(single, right.astype(np.float32), "dL/dV in float32")
strided = dL_dV(np.repeat(df, 2)[::2], np.repeat(h, 2)[::2])
assert_array(strided, right, "dL/dV of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $f_k = c_k + \sum_j V_{kj} h_j$, so $\partial f_k/\partial V_{kj} = h_j$, and
# $\partial L/\partial V_{kj} = \frac{dL}{df_k}\, h_j$. All products of an entry of one vector and an
# entry of another are an outer product, a column times a row:
#
# $$\boxed{\frac{dL}{dV} = \frac{dL}{df}\, h^T}$$
# </details>

# %% [markdown]
# ### 3.6 The hidden units: $dL/dh$ · 1 point
#
# Unlike an entry of $V$, a hidden unit $h_j$ is in *every* output. So there are $K$ paths from $h_j$
# to $L$. What do you do with them? Find one entry first, then all of them with one product.

# %% solution id="dL_dh"
def dL_dh(V, df):
    """dL/dh from dL/df                                    (note, section 4.4)

    V (K, M), df (K,).  Returns dh (M,).
    """
    ### BEGIN SOLUTION
    return V.T @ df
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# With which weight does $h_j$ enter $f_k$? Forward, V takes M numbers to K. What takes K numbers
# to M?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Where a quantity is used several times, its derivatives
# add up. Sum over the outputs: the first index of V is the one that goes away.</details>
# <details><summary>Hint 3, the shapes</summary>(M, K) times (K,) is (M,), the shape of
# h.</details>

# %% test id="test_dL_dh" points=1
"""dL/dh, from dL/df"""
V, df = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -2.0])
dh_hints = {
    "this is V dL/df: the transpose of V is missing": V @ df,
    "this multiplies entry by entry; a sum over the outputs is a product with @, not *": V.T * df,
}
assert_derivative(
    dL_dh(V, df), lambda h: df @ (V @ h), np.zeros(2), "dL/dh with K = M",
    of="L", wrt="h", hints=dh_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dh")
for K, M in [(3, 3), (4, 1), (2, 5)]:
    V, h, c, y = rng.normal(size=(K, M)), rng.normal(size=M), rng.normal(size=K), K - 1
    df = np.exp(c + V @ h) / np.exp(c + V @ h).sum() - np.eye(K)[y]
    right = numerical_gradient(
        lambda h, V=V, c=c, y=y: np.log(np.exp(c + V @ h).sum()) - (c + V @ h)[y], h
    )
    assert_array(assert_unchanged(dL_dh, V, df), right, "dL/dh")
single = dL_dh(V.astype(np.float32), df.astype(np.float32))
assert_array(single, right.astype(np.float32), "dL/dh in float32")
strided = dL_dh(np.asfortranarray(V), np.repeat(df, 2)[::2])
assert_array(strided, right, "dL/dh of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The line of section 4.4, with its derivation</summary>
#
# $\partial f_k/\partial h_j = V_{kj}$, and the paths through all outputs add up:
# $\frac{dL}{dh_j} = \sum_k V_{kj} \frac{dL}{df_k}$. The sum runs over the *first* index of $V$: it is
# the transpose that is multiplied.
#
# $$\frac{dL}{dh} = V^T \frac{dL}{df}$$
# </details>

# %% [markdown]
# ### 3.7 Through tanh: $dL/ds$ · 1 point
#
# $h_j = \tanh s_j$: each unit on its own. What is the slope of tanh, and what does it do to
# $dL/dh$? (As with the sigmoid, the slope can be written with the value, $\tanh s$.)

# %% solution id="dL_ds"
def dL_ds(s, dh):
    """dL/ds from dL/dh                                    (note, section 4.4)

    s (M,), the hidden units before σ; dh (M,).  Returns ds (M,).
    """
    ### BEGIN SOLUTION
    return (1 - np.tanh(s) ** 2) * dh
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Where is the slope of tanh 1, and where is it
# nearly 0?</details>
# <details><summary>Hint 2, the idea</summary>tanh is a quotient of sinh and cosh; the derivative of
# the quotient leaves 1 minus the square of something. The slope is taken at s, the value before the
# tanh, not at h.</details>
# <details><summary>Hint 3, the shapes</summary>(M,) with (M,), entry by entry: nothing is
# summed.</details>

# %% test id="test_dL_ds" points=1
"""dL/ds, from dL/dh"""
s, dh = np.arctanh([0.0, 0.5, -0.8]), np.array([2.0, 4.0, -10.0])  # slopes 1, 0.75, 0.36
ds_hints = {
    "σ' is missing: this is dL/dh": dh,
    "σ' is taken at h = σ(s); it belongs at s": (1 - np.tanh(np.tanh(s)) ** 2) * dh,
    "this is σ(s) ⊙ dL/dh: σ in the place of σ'": np.tanh(s) * dh,
    "this is (1 - s²) ⊙ dL/dh: s in the place of tanh s": (1 - s**2) * dh,
    "tanh is not squared: the slope is 1 - tanh² s": (1 - np.tanh(s)) * dh,
    "h (1 - h) is the slope of the sigmoid; h is tanh s here": (
        np.tanh(s) * (1 - np.tanh(s)) * dh
    ),
}
assert_derivative(
    dL_ds(s, dh), lambda s: np.tanh(s), s, "dL/ds", of="L", wrt="s", hints=ds_hints, upstream=dh
)
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_ds")
for M in (1, 4, 6):
    s, dh = rng.normal(size=M), rng.normal(size=M)
    right = numerical_gradient(lambda s, dh=dh: np.tanh(s) @ dh, s)
    assert_array(assert_unchanged(dL_ds, s, dh), right, "dL/ds")
single = dL_ds(s.astype(np.float32), dh.astype(np.float32))
assert_array(single, right.astype(np.float32), "dL/ds in float32")
strided = dL_ds(np.repeat(s, 2)[::2], dh)
assert_array(strided, right, "dL/ds of an array that is not contiguous")
with np.errstate(over="ignore"):  # 1/cosh² overflows on the way to the right value
    flat = dL_ds(np.array([1000.0, 0.0, -1000.0]), np.array([1.0, 2.0, 3.0]))
assert_array(flat, np.array([0.0, 2.0, 0.0]), "dL/ds at s = 1000, 0, -1000")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The line of section 4.4, with its derivation</summary>
#
# $\tanh = \sinh/\cosh$, so $\tanh' = (\cosh^2 - \sinh^2)/\cosh^2 = 1 - \tanh^2$. No unit depends on the
# $s$ of another, so the product is entry by entry:
#
# $$\frac{dL}{ds} = \sigma'(s) \odot \frac{dL}{dh}, \qquad \sigma'(s) = 1 - \tanh^2 s$$
#
# A unit far out, where tanh is flat, has a slope near 0 and learns almost nothing.
# </details>

# %% [markdown]
# ### 3.8 The hidden biases: $dL/db$ · 1 point
#
# $s = b + Wx$, so you know what $dL/db$ is once you know $dL/ds$ (3.3 again). Write it from the
# parameters, the sample and $dL/df$.
#
# You may call what you wrote above. Then a mistake up there costs its points here too; everything
# written out does not.

# %% solution id="dL_db"
def dL_db(params, x, df):
    """dL/db from dL/df, through V and σ                   (note, box 4, section 4.5)

    params: W (M, p), b (M,), V (K, M), c (K,); x (p,); df (K,).  Returns db (M,).
    """
    ### BEGIN SOLUTION
    h = np.tanh(params["b"] + params["W"] @ x)
    return (1 - h**2) * (params["V"].T @ df)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which two rungs lead from $dL/df$ to $dL/ds$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>First compute s or h, then multiply the slope of 3.7 by
# the derivative of 3.6.</details>
# <details><summary>Hint 3, the shapes</summary>b is (M,): one number for each hidden unit, not a
# column (M, 1).</details>

# %% test id="test_dL_db" points=1
"""dL/db, from dL/df"""
toy = {
    "W": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
    "b": np.arctanh([0.5, -0.8, 0.0]) - [1.0, 2.0, 3.0],
    "V": np.array([[1.0, 2.0, 3.0], [5.0, 2.0, 4.0]]),
    "c": np.array([1.0, 3.0]),
}  # at x = (1, 2) the slopes are 0.75, 0.36, 1
x, df = np.array([1.0, 2.0]), np.array([-1.0, 2.0])
db_hints = {"σ' is missing": [9.0, 2.0, 5.0], "this is h ⊙ (Vᵀ dL/df)": [4.5, -1.6, 0.0]}
assert_derivative(
    dL_db(toy, x, df), lambda b: df @ (toy["V"] @ np.tanh(b + toy["W"] @ x)), toy["b"], "dL/db",
    of="L", wrt="b", hints=db_hints, atol=1e-12,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_db")
for p, M, K in [(3, 5, 4), (4, 3, 3), (5, 1, 2)]:
    params, x, y = random_params(p, M, K, rng), rng.normal(size=p), K - 1
    W, b, V, c = (params[name] for name in "WbVc")
    f = c + V @ np.tanh(b + W @ x)
    df = np.exp(f) / np.exp(f).sum() - np.eye(K)[y]

    def trusted(b, W=W, V=V, c=c, x=x, y=y):
        f = c + V @ np.tanh(b + W @ x)
        return np.log(np.exp(f).sum()) - f[y]

    right = numerical_gradient(trusted, b)
    hints = {
        "σ' is missing": V.T @ df,
        "σ' is taken at h; it belongs at b + W x": (
            (1 - np.tanh(np.tanh(b + W @ x)) ** 2) * (V.T @ df)
        ),
        "b is missing inside σ'": (1 - np.tanh(W @ x) ** 2) * (V.T @ df),
    }
    assert_array(assert_unchanged(dL_db, params, x, df), right, "dL/db", hints=hints)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $b$ is added to $Wx$, so $dL/db = dL/ds = \sigma'(s) \odot dL/dh$, with $dL/dh = V^T\,dL/df$:
#
# $$\boxed{\frac{dL}{db} = \sigma'(b + Wx) \odot \Bigl(V^T \frac{dL}{df}\Bigr)}$$
# </details>

# %% [markdown]
# ### 3.9 The top: the hidden weights, $dL/dW$ · 3 points
#
# $W_{ji}$ appears once, in $s_j$, multiplied by $x_i$: the situation of 3.4 and 3.5, one layer down.

# %% solution id="dL_dW"
def dL_dW(params, x, df):
    """dL/dW from dL/df, through V and σ                   (note, box 5, section 4.5)

    params: W (M, p), b (M,), V (K, M), c (K,); x (p,); df (K,).  Returns dW (M, p).
    """
    ### BEGIN SOLUTION
    h = np.tanh(params["b"] + params["W"] @ x)
    ds = (1 - h**2) * (params["V"].T @ df)
    return np.outer(ds, x)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What takes the place of $dL/df$ in 3.5, and what that of $h$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Finish the vector first. The outer product comes
# last.</details>
# <details><summary>Hint 3, the shapes</summary>(M, 1) times (1, p) is (M, p), the shape of
# W.</details>

# %% test id="test_dL_dW" points=3
"""dL/dW, from dL/df"""
toy = {
    "W": np.array([[1.0, 0.0], [0.0, 1.0]]),
    "b": np.arctanh([0.5, -0.8]) - [1.0, 2.0],
    "V": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]),
    "c": np.array([1.0, 3.0, 2.0]),
}  # at x = (1, 2) the slopes are 0.75 and 0.36
x, df = np.array([1.0, 2.0]), np.array([-1.0, 0.0, 1.0])
right = np.array([[3.0, 6.0], [1.8, 3.6]])
dW_hints = {
    "it is the transpose, x (dL/ds)ᵀ: swap the factors": right.T,
    "σ' is missing": [[4.0, 8.0], [5.0, 10.0]],
    "the brackets: σ' scales the columns; multiply it by Vᵀ dL/df first": (
        np.outer([4.0, 5.0], x) * [0.75, 0.36]
    ),
}
assert_derivative(
    dL_dW(toy, x, df), lambda W: df @ (toy["V"] @ np.tanh(toy["b"] + W @ x)), toy["W"],
    "dL/dW with M = p", of="L", wrt="W", hints=dW_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dW")
for p, M, K in [(3, 5, 4), (4, 4, 2), (2, 3, 3), (5, 1, 2)]:
    params, x, y = random_params(p, M, K, rng), rng.normal(size=p), K - 1
    W, b, V, c = (params[name] for name in "WbVc")
    f = c + V @ np.tanh(b + W @ x)
    df = np.exp(f) / np.exp(f).sum() - np.eye(K)[y]

    def trusted(W, b=b, V=V, c=c, x=x, y=y):
        f = c + V @ np.tanh(b + W @ x)
        return np.log(np.exp(f).sum()) - f[y]

    right = numerical_gradient(trusted, W)
    hints = {
        "it is the transpose, x (dL/ds)ᵀ: swap the factors": right.T,
        "σ' is missing": np.outer(V.T @ df, x),
        "σ' is taken at h; it belongs at b + W x": np.outer(
            (1 - np.tanh(np.tanh(b + W @ x)) ** 2) * (V.T @ df), x
        ),
    }
    assert_array(assert_unchanged(dL_dW, params, x, df), right, "dL/dW", hints=hints)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box, with its derivation</summary>
#
# $\partial s_j/\partial W_{ji} = x_i$, so $\partial L/\partial W_{ji} = \frac{dL}{ds_j}\,x_i$: an outer
# product again, of $dL/ds$ (the fourth box) and $x$.
#
# $$\boxed{\frac{dL}{dW} = \Bigl(\sigma'(b + Wx) \odot \Bigl(V^T \frac{dL}{df}\Bigr)\Bigr)\, x^T}$$
#
# *Where we differ from print:* the note's box has no outer brackets. Read from right to left, its
# $\odot$ would multiply a vector by a matrix, and numpy does that without a word when $M = p$.
# </details>
#
# ### What this equation says
#
# Open the box first. Read it from the inside out. $dL/df$ says how wrong each output is. $V^T$ sends
# these errors back through the same weights that carried the hidden units forward, and adds up what
# arrives at each unit. $\sigma'$ multiplies it by how much the unit still reacts; a saturated one lets
# nothing through. Then $x^T$: the weight from input $i$ to unit $j$ gets the error of the unit times
# the input it was multiplied by. A weight learns only if its input was there *and* its unit mattered.
#
# ### On the wires
#
# A network with three hidden units, and *your* derivatives on it. Click a unit to see its rule, drag a
# weight and watch what moves. A number of yours that is not right is red, with the right one next to it:
# the place to look when a rung above fails and you do not see why. Each function gets the right values
# of earlier rungs (`dL`) and of the forward pass (`value`), so what is red is its own mistake. Run it at
# any time: rungs that are not done yet are left out.

# %% experiment id="drag_the_boxes"
from mlpkit import explorables as explore

small, x, y = random_params(2, 3, 2, np.random.default_rng(3)), np.array([1.0, -0.5]), 1
mine = {
    "dL_df": lambda value, dL: dL_df(y, value["f"]),
    "dL_dc": lambda value, dL: dL_dc(dL["f"]),
    "dL_dV": lambda value, dL: dL_dV(dL["f"], value["h"]),
    "dL_dh": lambda value, dL: dL_dh(small["V"], dL["f"]),
    "dL_ds": lambda value, dL: dL_ds(value["s"], dL["h"]),
    "dL_db": lambda value, dL: dL_db(small, x, dL["f"]),
    "dL_dW": lambda value, dL: dL_dW(small, x, dL["f"]),
}
explore.backward_pass({**small, "x": x, "y": y}, wrong=mine)

# %% [markdown]
# ### What an outer product looks like
#
# Row $j$ of $dL/dW$ has one number for each pixel, so it can be drawn as an image. First the eight
# rows for one single digit, then the same rows summed over 200 digits. **Before you run it:** what
# will the eight images of the single digit have in common?

# %% experiment id="digits_data"
digits = datasets.load_digits()
images, labels = digits.data / 16, digits.target  # (1797, 64), from 0 to 1, and (1797,)

# %% experiment id="figure_outer_product"
"""Figure: the rows of dL/dW as images"""
params = random_params(64, 8, 10, np.random.default_rng(1))
pairs = list(zip(images[:200], labels))
dW = [dL_dW(params, x, dL_df(y, predict(params, x))) for x, y in pairs]
_, (above, below) = plt.subplots(2, 1, figsize=(8, 3), layout="constrained")
plotting.weights(dW[3], (8, 8), ax=above, label="dL/dW")
plotting.weights(sum(dW), (8, 8), ax=below, label="dR/dW")
above.set_title(f"One sample, a {labels[3]}: every row is a multiple of it")
below.set_title("Sum over 200 samples: the rows go different ways");

# %% [markdown]
# One sample writes its own picture into every row, strong or faint, in red where $dL/ds_j$ is
# positive and in blue where it is negative. That is what rank one means. Only a sum over different
# samples can send the hidden units different ways.

# %% [markdown]
# ## 4 · All samples at once · 10 points · 22 minutes
#
# The risk adds up the loss of every sample:
#
# $$R(\theta) = \sum_{i=1}^{N} L\bigl(y_i, f(x_i)\bigr).$$
#
# *Where we differ from print:* the note calls it an average but prints the sum. We take the sum,
# as printed. Dividing by $N$ would only rescale the step size.
#
# A Python loop over 1797 digits would spend its time in the loop, not in the arithmetic. So put
# the samples side by side as **columns**: $X^T$ is $(p, N)$. Then every formula of section 3 holds
# as it is, with one column for each sample:
#
# $$S = b + W X^T \ (M, N), \qquad H = \sigma(S) \ (M, N), \qquad F = c + V H \ (K, N).$$
#
# (Rows work as well, with every product the other way round. Choose one and stay with it.)
#
# ### 4.1 The risk · 3 points

# %% solution id="risk"
def risk(params, X, y):
    """R(θ) = Σ_i L(y_i, f(x_i)), without a loop over i    (note, sections 3 and 5)

    params: W (M, p), b (M,), V (K, M), c (K,); X (N, p); y (N,), integers 0 <= y < K.
    Returns a number. Scores of any size: 1000 must not overflow.
    """
    ### BEGIN SOLUTION
    W, b, V, c = (params[name] for name in "WbVc")
    F = V @ np.tanh(W @ X.T + b[:, None]) + c[:, None]  # (K, N)
    F -= F.real.max(axis=0)  # L does not change; .real lets complex-step checks through
    return np.log(np.exp(F).sum(axis=0)).sum() - F[y, np.arange(len(y))].sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>b has M entries and S has M rows and N columns. What
# shape must b have so that numpy adds it to every column?</details>
# <details><summary>Hint 2, the idea</summary>Everything you did to the vector f you now do to each
# column of F: one maximum, one sum, one picked score for each sample. Two index arrays pick N
# entries at once.</details>
# <details><summary>Hint 3, the shapes</summary>(M, p)(p, N) → (M, N); (K, M)(M, N) → (K, N); a
# maximum or a sum over axis 0 leaves (N,).</details>

# %% test id="test_risk" points=3
"""The risk of a data set: the sum of its losses, without a loop over the samples"""
t = np.log(3) / 2  # tanh t = 1/2
toy = {
    "W": np.array([[t, 0.0], [0.0, t]]),
    "b": np.array([t, -t]),
    "V": 2 * np.log(2) * np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
    "c": np.log([1.0, 2.0, 5.0]),
}
X_toy, y_toy = np.array([[0, 1], [-1, 2], [-1, 1], [-2, 1]]), np.array([0, 1, 2, 0])
# exp f is (2, 2, 5), (1, 4, 5), (1, 2, 5) and (1/2, 2, 5)
right = np.log(9 / 2) + np.log(10 / 4) + np.log(8 / 5) + np.log(7.5 / 0.5)
risk_hints = {
    "this is the mean over the samples; R is the sum": right / 4,
    "the last sample is missing": right - np.log(15),
    "the first sample is missing": right - np.log(9 / 2),
    "the sign of f_y: L = -f_y + log Σ exp f_k": right + 2 * np.log(2 * 4 * 5 * 0.5),
}
assert_number(risk(toy, X_toy, y_toy), right, "R(θ)", hints=risk_hints)
shifted = {**toy, "c": toy["c"] + 1000}
assert_number(risk(shifted, X_toy, y_toy), right, "R(θ) with 1000 added to every score")
assert_vectorised(risk, lambda n: (toy, np.tile(X_toy, (n // 4, 1)), np.tile(y_toy, n // 4)))
### BEGIN HIDDEN TESTS
def trusted_risk(params, X, y):
    total = 0.0
    for x, k in zip(X, y, strict=True):
        f = params["c"] + params["V"] @ np.tanh(params["b"] + params["W"] @ x)
        total = total + np.log(np.exp(f - f.real.max()).sum()) + f.real.max() - f[k]
    return total


rng = secret_rng("risk")
for N, p, M, K in [(1, 3, 2, 4), (9, 2, 5, 2), (4, 3, 4, 4), (6, 4, 3, 5)]:
    params, X, y = random_params(p, M, K, rng), rng.normal(size=(N, p)), rng.integers(K, size=N)
    right = trusted_risk(params, X, y)
    hints = {
        "this is the mean over the samples; R is the sum": right / N,
        "the last sample is missing": trusted_risk(params, X[:-1], y[:-1]),
    }
    assert_number(assert_unchanged(risk, params, X, y), right, f"R(θ), N = {N}", hints=hints)
strided = np.repeat(X, 2, axis=1)[:, ::2]
assert_number(risk(params, strided, y), right, "R(θ) of an X that is not contiguous")
single = {name: array.astype(np.float32) for name, array in params.items()}
assert_number(risk(single, X.astype(np.float32), y), np.float32(right), "R(θ) in float32")
large = {**params, "V": 1000 * params["V"], "c": np.append(-1e5, 2000 + params["c"][1:])}
y = np.zeros(N, dtype=int)  # class 0 is far behind in every sample
assert_number(risk(large, X, y), trusted_risk(large, X, y), "R(θ) of scores near 1000")
apart = {  # every score of a sample is 1000 or -1000: one maximum for all leaves sums of zeros
    "W": np.array([[40.0]]), "b": np.zeros(1), "V": np.array([[1000.0], [1000.0]]), "c": np.zeros(2)
}
told = "R(θ) of two samples, one with scores near 1000, one near -1000"
assert_number(risk(apart, np.array([[1.0], [-1.0]]), np.array([0, 1])), 2 * np.log(2), told)
X, y = rng.normal(size=(64, p)), rng.integers(K, size=64)
assert_vectorised(risk, lambda n: (params, X[:n], y[:n]))
### END HIDDEN TESTS

# %% [markdown]
# ### 4.2 Its gradient · 7 points
#
# The derivative of a sum is the sum of the derivatives. So every box gets a sum over the samples in
# front. For $c$ and $b$ that is a sum over columns. For $V$ and $W$ it is a sum of $N$ outer products,
# and you need neither a loop nor an array of $N$ matrices: which single matrix product of $dL/dF$
# $(K, N)$ and $H$ $(M, N)$ has that sum as its result? Write entry $(k, j)$ of the sum on paper first.
#
# The forward pass is paid for anyway, so return the risk along with the gradient.

# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    """The risk R(θ) and its gradient, without a loop       (note, sections 4 and 5)

    params: W (M, p), b (M,), V (K, M), c (K,); X (N, p); y (N,), integers 0 <= y < K.
    Returns the pair (R, gradient): a number, and a dict with the keys and shapes of params.
    """
    ### BEGIN SOLUTION
    W, b, V, c = (params[name] for name in "WbVc")
    samples = np.arange(len(y))
    H = np.tanh(W @ X.T + b[:, None])  # (M, N)
    F = V @ H + c[:, None]  # (K, N)
    F -= F.real.max(axis=0)
    R = -F[y, samples].sum()
    dF = np.exp(F, out=F)  # from here on in place: memory costs as much as arithmetic
    total = dF.sum(axis=0)
    R += np.log(total).sum()
    dF /= total
    dF[y, samples] -= 1
    dV = dF @ H.T
    dS = V.T @ dF  # (M, N), first dL/dH
    slope = np.subtract(1, np.square(H, out=H), out=H)
    dS *= slope
    return R, {"W": dS @ X, "b": dS.sum(axis=1), "V": dV, "c": dF.sum(axis=1)}
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>For one sample you have five boxes. Which of their
# vectors become matrices with one column for each sample?</details>
# <details><summary>Hint 2, the idea</summary>
#
# Go forward as in <code>risk</code> and keep $H$ and $F$. Turn $F$ into $dL/dF$: softmax of each
# column, then subtract 1 at N places. Then go back.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>dF (K, N) with H (M, N) must give (K, M); dS (M, N)
# with X (N, p) must give (M, p). Whatever has an N in its shape is not finished.</details>

# %% test id="test_risk_gradient" points=7
"""The gradient of the risk in W, b, V and c, without a loop over the samples"""
t, q = np.log(3) / 2, 2 * np.log(2)  # tanh t = 1/2
toy = {
    "W": np.array([[t, 0.0], [0.0, t]]),
    "b": np.array([t, -t]),
    "V": q * np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
    "c": np.log([1.0, 2.0, 5.0]),
}
X_toy, y_toy = np.array([[0, 1], [-1, 2], [-1, 1], [0, 0]]), np.array([0, 1, 2, 2])
# exp f is (2, 2, 5), (1, 4, 5), (1, 2, 5) and (2, 1, 5); the gradient, worked out on paper:
right = {
    "c": np.array([-109 / 360, -1 / 360, 11 / 36]),
    "V": np.array([[-19 / 72, -0.075], [25 / 144, -0.3625], [13 / 144, 0.4375]]),
    "b": q * np.array([-41 / 240, 167 / 1440]),
    "W": q * np.array([[-0.225, -31 / 120], [0.2, -77 / 180]]),
}
pair = assert_unchanged(risk_gradient, toy, X_toy, y_toy)
assert type(pair) is tuple and len(pair) == 2, "return the pair (R, gradient)"
R, gradient = pair
assert type(gradient) is dict and set(gradient) == set("WbVc"), "gradient is a dict: W, b, V, c"
assert_number(R, np.log(9 / 2) + np.log(10 / 4) + 2 * np.log(8 / 5), "R(θ)")
hints = {name: {"this is the mean; R is a sum over the samples": right[name] / 4} for name in right}
hints["c"]["the last sample is missing"] = right["c"] - [1 / 4, 1 / 8, -3 / 8]
E = np.array([[2.0, 2.0, 5.0], [1.0, 4.0, 5.0], [1.0, 2.0, 5.0], [2.0, 1.0, 5.0]]) / 5
hints["c"]["the softmax divides by one sum for all samples; divide each column by its own sum"] = (
    E.sum(axis=0) / E.sum() - [1.0, 1.0, 2.0]
)
hints["b"]["σ' is missing on the way to b and W"] = q * right["c"][:2]
for name in "cVbW":
    assert_array(gradient[name], right[name], f"dR/d{name}", hints=hints[name])
_, shifted = risk_gradient({**toy, "c": toy["c"] + 1000}, X_toy, y_toy)
assert_array(shifted["V"], right["V"], "dR/dV with 1000 added to every score")
assert_vectorised(
    risk_gradient, lambda n: (toy, np.tile(X_toy, (n // 4, 1)), np.tile(y_toy, n // 4))
)
### BEGIN HIDDEN TESTS
def trusted_risk(params, X, y):
    F = params["c"] + np.tanh(params["b"] + X @ params["W"].T) @ params["V"].T
    largest = F.real.max(axis=1)
    logsums = np.log(np.exp(F - largest[:, None]).sum(axis=1)) + largest
    return (logsums - F[np.arange(len(y)), y]).sum()


def trusted_gradient(params, X, y):
    return {
        name: numerical_gradient(lambda w, at=name: trusted_risk({**params, at: w}, X, y), array)
        for name, array in params.items()
    }


rng = secret_rng("risk_gradient")
for N, p, M, K in [(1, 3, 2, 4), (5, 2, 3, 2), (3, 3, 4, 4), (4, 4, 3, 5)]:
    params, X, y = random_params(p, M, K, rng), rng.normal(size=(N, p)), rng.integers(K, size=N)
    R, gradient = assert_unchanged(risk_gradient, params, X, y)
    assert_number(R, trusted_risk(params, X, y), "R(θ)")
    right = trusted_gradient(params, X, y)
    for name in "cVbW":
        mean = {"this is the mean over the samples; R is the sum": right[name] / N}
        assert_array(gradient[name], right[name], f"dR/d{name}, N = {N}", hints=mean)
_, of_strided = risk_gradient(params, np.repeat(X, 2, axis=1)[:, ::2], y)
single = {name: array.astype(np.float32) for name, array in params.items()}
_, of_single = risk_gradient(single, X.astype(np.float32), y)
for name in "cVbW":
    assert_array(of_strided[name], right[name], f"dR/d{name} of an X that is not contiguous")
    assert_array(of_single[name], right[name].astype(np.float32), f"dR/d{name} in float32")
large = {**params, "V": 1000 * params["V"], "c": np.append(-1e5, 2000 + params["c"][1:])}
y = np.zeros(N, dtype=int)  # class 0 is far behind in every sample
R, gradient = risk_gradient(large, X, y)
right = trusted_gradient(large, X, y)
assert_number(R, trusted_risk(large, X, y), "R(θ) of scores near 1000")
for name in "cVbW":
    assert_array(gradient[name], right[name], f"dR/d{name} of scores near 1000")
apart = {  # every score of a sample is 1000 or -1000: one maximum for all leaves sums of zeros
    "W": np.array([[40.0]]), "b": np.zeros(1), "V": np.array([[1000.0], [1000.0]]), "c": np.zeros(2)
}
R, gradient = risk_gradient(apart, np.array([[1.0], [-1.0]]), np.array([0, 0]))
told = "of two samples, one with scores near 1000, one near -1000"
assert_number(R, 2 * np.log(2), f"R(θ) {told}")
assert_array(gradient["c"], np.array([-1.0, 1.0]), f"dR/dc {told}")
X, y = rng.normal(size=(64, p)), rng.integers(K, size=64)
assert_vectorised(risk_gradient, lambda n: (params, X[:n], y[:n]))
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The matrix form, with its derivation</summary>
#
# Entry $(k, j)$ of $\sum_i \frac{dL_i}{df_i} h_i^T$ is $\sum_i (dL/dF)_{ki} H_{ji}$: row $k$ of one
# matrix times row $j$ of the other, the definition of a matrix product with a transpose.
#
# $$\frac{dR}{dV} = \sum_{i=1}^{N} \frac{dL_i}{df_i} h_i^T = \frac{dL}{dF}\, H^T, \qquad
# \frac{dR}{dW} = \sum_{i=1}^{N} \frac{dL_i}{ds_i} x_i^T = \frac{dL}{dS}\, X .$$
# </details>
#
# Now check your own gradient against your own loss, on real digits, as in assignment 1.

# %% experiment id="check_on_digits"
check_gradient(
    lambda params: risk(params, images, labels),
    lambda params: risk_gradient(params, images, labels)[1],
    random_params(64, 5, 10, np.random.default_rng(2)),
)

# %% [markdown]
# ## 5 · Gradient descent · 2 points · 6 minutes
#
# The gradient points uphill. Take a step against it, look again, take another.
#
# $$\theta^{r+1} \leftarrow \theta^r - \gamma\, \nabla R(\theta^r)$$
#
# The function to minimise comes in as an argument, `objective`: it takes $\theta$ and returns
# $(R(\theta), \nabla R(\theta))$. So the same few lines serve a bowl in the plane and a network.

# %% solution id="gradient_descent"
def gradient_descent(objective, theta, gamma, steps):
    """θ ← θ - γ ∇R(θ), repeated                           (note, section 5)

    objective(theta) returns (R, gradient), a number and an array (P,); theta (P,) is the start.
    Returns (path, risks): path (steps + 1, P) with the start in row 0 and θ after r steps in
    row r; risks (steps,) with R(θ) before each step.
    """
    ### BEGIN SOLUTION
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        theta = theta - gamma * gradient
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# How many values of $\theta$, and how many values of R, have you seen after three steps?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# One call of the objective a step gives both numbers you need. Keep every $\theta$; a list is fine
# while it grows.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>steps + 1 rows of (P,). If all rows come out equal,
# they are one and the same array, changed again and again by -=.</details>

# %% test id="test_gradient_descent" points=2
"""Gradient descent: the whole path, and the risk before each step"""
curvatures = np.array([1.0, 3.0])  # R = θ₀²/2 + 3 θ₁²/2: each step multiplies θ by 1 - γ (1, 3)


def bowl(theta):
    return 0.5 * curvatures @ theta**2, curvatures * theta


start, powers = np.array([4, -2]), np.arange(4)[:, None]
right = np.array([0.75, 0.25]) ** powers * start
path_hints = {
    "uphill: this is θ + γ ∇R": np.array([1.25, 1.75]) ** powers * start,
    "γ is missing": np.array([0.0, -2.0]) ** powers * start,
    "every row is the last θ: one array, changed in place": np.tile(right[-1], (4, 1)),
}
pair = assert_unchanged(gradient_descent, bowl, start, 0.25, 3)
assert type(pair) is tuple and len(pair) == 2, "return the pair (path, risks)"
assert np.shape(pair[0]) != (2,), "path: you returned only the last θ; keep every θ, start included"
assert_array(pair[0], right, "path", hints=path_hints)
risks = 0.5 * right**2 @ curvatures
late = {"these are the risks after each step; return those before": risks[1:]}
assert_array(pair[1], risks[:-1], "risks", hints=late)
### BEGIN HIDDEN TESTS
rng = secret_rng("gradient_descent")
for curvatures, gamma, steps in [([0.5, 3.0, 9.0], 0.2, 12), ([2.0], 0.1, 1)]:
    bowl = momentum.Quadratic(curvatures, random_state=rng)
    start = rng.normal(size=len(curvatures))
    path, risks = assert_unchanged(gradient_descent, bowl.objective, start, gamma, steps)
    right = momentum.trajectory(bowl, start, gamma, 1.0, steps)
    assert_array(path, right, f"path of {steps} steps", rtol=1e-8)
    right = np.array([bowl.value(theta) for theta in right[:-1]])
    assert_array(risks, right, f"risks of {steps} steps", rtol=1e-8)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · Momentum · 5 points · 12 minutes
#
# In a long narrow valley the gradient points across it. Plain descent bounces from wall to wall and
# crawls along the floor. So follow a running average $\phi$ of the gradients instead: in it the bounces
# cancel, and what is the same in every gradient stays.
#
# $$\phi^{r+1} \leftarrow (1-\alpha)\,\phi^r + \alpha\,\nabla R(\theta^r), \qquad
#   \theta^{r+1} \leftarrow \theta^r - \gamma\,\phi^{r+1}, \qquad \phi^0 = 0$$
#
# **Beware of the name.** Four conventions are in use, and a right answer in one is a wrong answer
# in another. This notebook uses Domke's, the first.
#
# | convention | update | in Domke's symbols |
# |:--|:--|:--|
# | **Domke** | $\phi \leftarrow (1-\alpha)\phi + \alpha g,\quad \theta \leftarrow \theta - \gamma\phi$ | |
# | heavy ball | $v \leftarrow \beta v + g,\quad \theta \leftarrow \theta - \eta v$ | $\beta = 1-\alpha,\ \eta = \gamma\alpha,\ v = \phi/\alpha$ |
# | CS231n | $v \leftarrow \mu v - \eta g,\quad \theta \leftarrow \theta + v$ | $\mu = 1-\alpha,\ \eta = \gamma\alpha,\ v = -\gamma\phi$ |
# | Polyak | $\theta^{r+1} = \theta^r - \eta g^r + \beta(\theta^r - \theta^{r-1})$ | $\beta = 1-\alpha,\ \eta = \gamma\alpha$ |
#
# Three steps by hand, for $R = \theta^2/2$ (so the gradient is $\theta$), $\alpha = 1/4$,
# $\gamma = 1/2$, from $\theta^0 = 1$:
#
# | $r$ | gradient | $\phi$ | $\theta$ |
# |--:|--:|--:|--:|
# | 0 | | 0 | 1 |
# | 1 | 1 | 0.25 | 0.875 |
# | 2 | 0.875 | 0.40625 | 0.671875 |
# | 3 | 0.671875 | 0.47265625 | 0.435546875 |

# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    """φ ← (1-α) φ + α ∇R(θ), then θ ← θ - γ φ, from φ = 0  (note, section 5)

    Domke's convention: alpha is the weight of the new gradient, 1 - alpha of the old φ; alpha = 1
    is plain descent. The heavy ball has β = 1 - α, η = γ α; the table above has the others.

    objective(theta) returns (R, gradient), a number and an array (P,); theta (P,) is the start.
    Returns (path, risks): path (steps + 1, P) with the start in row 0 and θ after r steps in
    row r; risks (steps,) with R(θ) before each step.
    """
    ### BEGIN SOLUTION
    phi = np.zeros(len(theta))
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        phi = (1 - alpha) * phi + alpha * gradient
        theta = theta - gamma * phi
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# With $\alpha = 1$, what is left of $\phi$, and which function have you already written?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# Descent with one more variable that survives from step to step. The note's second line says
# $\phi$ with the number $r + 1$: the new one.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>
#
# $\phi$ has the shape of $\theta$ and of the gradient, (P,), and must hold fractions.
# </details>

# %% test id="test_momentum_descent" points=5
"""Descent with momentum in Domke's form: the whole path"""
path, risks = momentum_descent(lambda theta: (0.5 * theta @ theta, theta), np.ones(1), 0.5, 0.25, 2)
assert np.ndim(path) != 1 or np.ndim(risks) != 2, "return the pair (path, risks), in this order"
path_hints = {
    "alpha and 1 - alpha are swapped: alpha goes with the new gradient": [1, 0.625, 0.296875],
    "θ takes its step before φ is updated; update φ first": [1, 1, 0.875],
    "this is the heavy ball: alpha is missing in front of the gradient": [1, 0.5, -0.125],
    "φ starts at the first gradient; it starts at 0": [1, 0.5, 0.0625],
    "1 - alpha is missing in front of φ": [1, 0.875, 0.640625],
    "this is plain descent: θ moves by the gradient, not by φ": [1, 0.5, 0.25],
    "the gradient is taken ahead of θ (Nesterov); Domke takes it at θ": [1, 0.875, 0.68359375],
    "φ starts again at 0 in every step; it survives from step to step": [1, 0.875, 0.765625],
}
path_hints = {text: np.reshape(wrong, (3, 1)) for text, wrong in path_hints.items()}
assert_array(path, np.array([[1.0], [0.875], [0.671875]]), "path", hints=path_hints)
assert_array(risks, np.array([0.5, 0.5 * 0.875**2]), "risks")
### BEGIN HIDDEN TESTS
rng = secret_rng("momentum_descent")
for curvatures, gamma, alpha, steps in [
    ([0.5, 3.0, 20.0, 1.0], 0.2, 0.3, 15),
    ([2.0], 0.5, 0.1, 1),
    ([0.1, 7.0], 0.4, 0.15, 20),
]:
    bowl = momentum.Quadratic(curvatures, random_state=rng)
    start = rng.normal(size=len(curvatures))
    path, risks = assert_unchanged(momentum_descent, bowl.objective, start, gamma, alpha, steps)
    momentum.assert_trajectory(path, bowl, start, gamma, alpha, steps, rtol=1e-8, name="path")
    right = np.array([bowl.value(theta) for theta in path[:-1]])
    assert_array(risks, right, f"risks of {steps} steps", rtol=1e-8)
momentum.assert_rate(path, bowl, gamma, alpha)
start = np.array([4, -2])
path, _ = momentum_descent(bowl.objective, start, 0.1, 1.0, 10)
momentum.assert_trajectory(path, bowl, start, 0.1, 1.0, 10, name="path with alpha = 1")
### END HIDDEN TESTS

# %% [markdown]
# ### What φ averages
#
# Unroll the first line of the iteration: $\phi^{r+1}$ is a sum of *all* gradients so far, the latest
# with weight $\alpha$, the one before with $\alpha(1-\alpha)$, and so on. Left, these weights. Right,
# what $\phi$ makes of a gradient that is $0.3$ on average and jumps by $\pm 1$ at every step, as across
# a narrow valley. **Before you run it:** for $\alpha = 0.1$, how far does $\phi$ still jump, and after
# how many steps is it near $0.3$?

# %% experiment id="figure_phi"
"""Figure: the weights in φ, and what φ makes of a jumping gradient"""
steps = 40
g = 0.3 + np.where(np.arange(steps) % 2, -1.0, 1.0)
_, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
right.plot(np.arange(1, steps + 1), g, ".", color="0.7", label="gradient")
for alpha, colour, line in zip([0.5, 0.1], plotting.COLOURS, plotting.LINES):
    left.plot(alpha * (1 - alpha) ** np.arange(steps), color=colour, ls=line, marker=".",
              label=f"α = {alpha}: half-life {np.log(2) / -np.log1p(-alpha):.1f} steps")
    seen = iter(g)  # on a slope that gives these gradients, θ moves by -φ when γ = 1
    path, _ = momentum_descent(lambda theta: (0.0, np.array([next(seen)])), np.zeros(1), 1.0,
                               alpha, steps)
    right.plot(np.arange(1, steps + 1), -np.diff(path[:, 0]), color=colour, ls=line,
               label=f"φ with α = {alpha}")
left.set(xlabel="age of a gradient in steps", ylabel="its weight in φ", title="φ forgets slowly")
right.axhline(0.3, color="0.4", lw=0.8)
right.set(xlabel="step", ylim=(-0.9, 2.1), title="The jumps cancel, the mean stays")
left.legend(frameon=False)
right.legend(frameon=False, fontsize=9);

# %% [markdown]
# The weights sum to 1, or nearly so: $\phi$ is an average, over about $1/\alpha$ steps. It needs as
# many to fill, because it starts at 0. Once filled, a jump of $\pm 1$ is left with
# $\alpha/(2-\alpha)$: a third for $\alpha = 1/2$, a twentieth for $\alpha = 0.1$.

# %% [markdown]
# ## 7 · Why it is faster: a quadratic · 4 points · 15 minutes
#
# Near a minimum a smooth risk looks like a bowl, and along the bowl's own axes each coordinate
# goes its own way with $R = \lambda\theta^2/2$. So look at one coordinate with curvature $\lambda$.
# Its gradient is $\lambda\theta$, and Domke's step is linear in the pair $(\theta, \phi)$.
#
# ### 7.1 The step as a matrix · 2 points
#
# $$\begin{pmatrix}\theta^{r+1}\\ \phi^{r+1}\end{pmatrix} =
#   A(\lambda)\begin{pmatrix}\theta^{r}\\ \phi^{r}\end{pmatrix}$$
#
# Put the first line of the iteration into the second and read off $A$. Its largest absolute
# eigenvalue is the **rate**: in the long run the error shrinks by that factor with every step.

# %% solution id="step_matrix"
def step_matrix(curvature, gamma, alpha):
    """A with (θ, φ) ← A (θ, φ) for one step of momentum on R = λ θ²/2   (note, section 5)

    curvature is λ; gamma and alpha as in the note; all three are numbers.  Returns A (2, 2),
    θ first.
    """
    ### BEGIN SOLUTION
    of_phi = np.array([alpha * curvature, 1 - alpha])
    of_theta = np.array([1.0, 0.0]) - gamma * of_phi
    return np.array([of_theta, of_phi])
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of the two lines of the iteration holds only
# old values on its right?</details>
# <details><summary>Hint 2, the idea</summary>
#
# Start with that line, it is a row of A. Then replace the new $\phi$ in the other line by it.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>
#
# Row 0 makes the new $\theta$, row 1 the new $\phi$; column 0 multiplies the old $\theta$,
# column 1 the old $\phi$.
# </details>

# %% test id="test_step_matrix" points=2
"""One step of momentum on a quadratic, as a 2 x 2 matrix"""
right = np.array([[0.5, -0.375], [1.0, 0.75]])
matrix_hints = {
    "it is the transpose": right.T,
    "φ comes first; θ should": right[::-1, ::-1],
    "θ moves by the old φ; put the new φ into its line": [[1.0, -0.5], [1.0, 0.75]],
    "alpha and 1 - alpha are swapped": [[-0.5, -0.125], [3.0, 0.25]],
}
assert_array(step_matrix(4.0, 0.5, 0.25), right, "A", hints=matrix_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("step_matrix")
for curvature in (0.1, 2.0, 30.0):
    gamma, alpha = rng.uniform(0.1, 0.9, size=2)
    columns = []
    for theta, phi in [(1.0, 0.0), (0.0, 1.0)]:
        phi = (1 - alpha) * phi + alpha * curvature * theta
        columns.append([theta - gamma * phi, phi])
    assert_array(step_matrix(curvature, gamma, alpha), np.column_stack(columns), "A")
### END HIDDEN TESTS

# %% [markdown]
# ### 7.2 The best γ and α · 2 points
#
# A bowl with curvatures between $\lambda_{\min}$ and $\lambda_{\max}$ is descended along all its axes
# with one $\alpha$ and one $\gamma$. Polyak found in 1964 what is best, in his convention:
#
# $$\beta = \left(\frac{\sqrt{\lambda_{\max}} - \sqrt{\lambda_{\min}}}
#                      {\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\right)^{2}, \qquad
#   \eta = \frac{4}{\bigl(\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}\bigr)^2} .$$
#
# The rate is then $\sqrt\beta$. With $\kappa = \lambda_{\max}/\lambda_{\min}$ that is
# $\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}$; plain descent at its best only has
# $\frac{\kappa - 1}{\kappa + 1}$. For $\kappa = 100$, ten times closer takes about 12 steps
# instead of about 115.
#
# Write it in Domke's convention; the table in section 6 is the dictionary.

# %% solution id="best_gamma_alpha"
def best_gamma_alpha(smallest, largest):
    """Domke's γ and α with the best rate for curvatures from smallest to largest   (Polyak, 1964)

    smallest, largest: numbers, 0 < smallest <= largest.  Returns the pair (gamma, alpha).
    """
    ### BEGIN SOLUTION
    total = np.sqrt(largest) + np.sqrt(smallest)
    eta, beta = 4 / total**2, ((np.sqrt(largest) - np.sqrt(smallest)) / total) ** 2
    return eta / (1 - beta), 1 - beta
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which of Polyak's two numbers does not depend on $\gamma$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $\alpha$ from $\beta$ first, then $\gamma$ from $\eta$ and $\alpha$.
# </details>
#
# <details><summary>Hint 3, the units</summary>
#
# Two numbers. $\alpha$ has no unit, $\gamma$ is one over a curvature. If all curvatures are equal,
# $\alpha = 1$ and $\gamma = 1/\lambda$ reach the minimum in one step.
# </details>

# %% test id="test_best_gamma_alpha" points=2
"""The best gamma and alpha for a bowl, in Domke's convention"""
pair = best_gamma_alpha(1.0, 9.0)
assert type(pair) is tuple and len(pair) == 2, "return the pair (gamma, alpha)"
gamma, alpha = pair
assert_number(alpha, 0.75, "alpha", hints={"this is Polyak's β = 1 - α": 0.25})
gamma_hints = {"this is Polyak's η = γ α": 0.25, "this is η / β, but η = γ α": 1.0}
assert_number(gamma, 1 / 3, "gamma", hints=gamma_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("best_gamma_alpha")
for kappa in (1.0, 4.0, 2000.0):
    smallest = rng.uniform(0.1, 10)
    gamma, alpha = best_gamma_alpha(smallest, kappa * smallest)
    assert_number(gamma, 1 / (smallest * np.sqrt(kappa)), "gamma")
    assert_number(alpha, 4 / (kappa**0.25 + kappa**-0.25) ** 2, "alpha")
### END HIDDEN TESTS

# %% [markdown]
# ### What theory promises, and what your code does
#
# A bowl with curvatures 1 and 30, each method with its best step. Left the paths, right the distances
# from the minimum, next to what theory says. **Before you run it:** with $\kappa = 30$ the two rates are
# about 0.94 and 0.69. After 30 steps, how many times closer should momentum be?

# %% experiment id="figure_bowl"
"""Figure: both methods on a bowl: paths, and distances from the minimum"""
bowl = momentum.Quadratic([1.0, 30.0])
start, steps, r = np.array([10.0, 2.0]), 30, np.arange(31)


def on_bowl(theta):
    return bowl.value(theta), bowl.gradient(theta)


gamma, rate = momentum.best_step_size(1.0, 30.0)
plain, _ = gradient_descent(on_bowl, start, gamma, steps)
best_gamma, best_alpha = best_gamma_alpha(1.0, 30.0)
heavy, _ = momentum_descent(on_bowl, start, best_gamma, best_alpha, steps)
best_rate = momentum.convergence_rate(bowl.curvatures, best_gamma, best_alpha)

_, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
plotting.momentum_path(bowl, {"plain": plain, "momentum": heavy}, ax=left)
left.legend(loc="upper left")
left.set_title("Momentum swings wider, and arrives")
distances = {"plain": bowl.distance(plain), "momentum": bowl.distance(heavy)}
plotting.risk_curves(distances, ax=right, ylabel="distance from the minimum")
for label, line, theory in [
    (f"${rate:.3f}^r$", ":", rate**r),
    (f"${best_rate:.3f}^r$", "-.", best_rate**r),
    (f"$r \\cdot {best_rate:.3f}^r$", "--", r * best_rate**r),
]:
    right.plot(r[1:], bowl.distance(start) * theory[1:], color="black", ls=line, label=label)
right.legend(loc="lower left", fontsize=9)
right.set_title(r"Plain falls like rate$^r$, momentum like $r \cdot$ rate$^r$");

# %% [markdown]
# Both bounce between the walls. Plain descent meanwhile crawls along the valley. Momentum swings
# wider at first, but along the valley its steps add up: after 30 steps it is 600 times closer.
#
# Plain descent lies exactly on its theory. Momentum does not fall like $\text{rate}^r$: after 30 steps
# it is 14 times above that line. At the best setting the two eigenvalues of $A$ coincide, $A$ has only
# one eigenvector, and then its powers shrink like $r \cdot \text{rate}^r$. The curve runs parallel to
# that line, at half its height. The rate decides all the same: in the long run a factor $r$ is nothing
# against $0.69^r$.
#
# Next, the rate as a function of $\gamma$ for several $\alpha$, from your `step_matrix`. Below 1 the
# iteration converges. **Before you run it:** plain descent ($\alpha = 1$) diverges beyond
# $\gamma = 2/30$. Does a smaller $\alpha$ allow larger steps, or force smaller ones?

# %% experiment id="figure_rates"
"""Figure: the rate against γ, for four α"""


def slowest_rate(gamma, alpha):
    ends = [np.linalg.eigvals(step_matrix(curvature, gamma, alpha)) for curvature in (1.0, 30.0)]
    return np.abs(ends).max()


gammas, ax = np.linspace(0.005, 0.5, 500), plt.figure(figsize=(7, 4), layout="constrained").gca()
for alpha, colour, line in zip([1, 0.8, best_alpha, 0.2], plotting.COLOURS, plotting.LINES):
    rates = [slowest_rate(gamma, alpha) for gamma in gammas]
    ax.plot(gammas, rates, color=colour, ls=line, linewidth=2, label=f"α = {alpha:.2f}")
ax.plot(best_gamma, best_rate, "k*", markersize=12, label="Polyak's best")
ax.set(xlabel="step size γ", ylabel="rate: error factor per step", ylim=(0.6, 1.1))
ax.axhline(1, color="0.6", linewidth=1)
ax.text(0.5, 1.01, "above: it diverges", color="0.4", ha="right")
ax.set_title("The smaller α, the larger the steps that still converge")
ax.legend(ncols=2, frameon=False);

# %% [markdown]
# Without momentum ($\alpha = 1$) the rate is poor even at its best $\gamma$, and just beyond that
# everything blows up. A smaller $\alpha$ does two things: larger steps stay stable, and the valley
# of good $\gamma$ gets wide. Averaging does not make steps longer. It makes longer steps possible.
#
# All of it in one picture: the path over a bowl, the rate, and the plane of all $(\gamma, \alpha)$ with the
# regions that converge, oscillate and diverge. **Before you touch it:** at $\gamma = 2$, $\alpha = 0.5$ the
# bowl's two curvatures, 0.1 and 1, shrink at one and the same rate. Will more momentum (a smaller $\alpha$)
# make it faster or slower?

# %% experiment id="drag_momentum"
from mlpkit import explorables as explore

explore.momentum(gamma=2, alpha=0.5)

# %% [markdown]
# ## 8 · Digits, and a question · 4 points · 13 minutes
#
# Now the network. 1797 images of 64 pixels, ten classes; $M = 5$, 40 and 70 hidden units; 1000
# steps on the whole data set. Each network twice from the same start, plain and with momentum.
#
# $R$ is a sum over 1797 samples, so its curvatures are large and $\gamma$ has to be small. Plain
# descent with $\gamma = 5 \cdot 10^{-4}$ already stumbles now and then, and at three times as much
# the larger networks diverge. Momentum with $\alpha = 0.1$ is stable at six times as much.
# **Before you run it:** which of the three sizes gains most from momentum?

# %% experiment id="train_digits"
def train(M, gamma, alpha, steps=1000):
    """(params, risks, CPU seconds) of a net with M hidden units; alpha = 1 is plain descent."""
    params = random_params(64, M, 10, np.random.default_rng(M))

    def objective(theta):
        R, gradient = risk_gradient(unpack(theta, 64, M, 10), images, labels)
        return R, pack(gradient)

    began = time.process_time()
    if alpha == 1:
        path, risks = gradient_descent(objective, pack(params), gamma, steps)
    else:
        path, risks = momentum_descent(objective, pack(params), gamma, alpha, steps)
    return unpack(path[-1], 64, M, 10), risks, time.process_time() - began


settings = {"plain": (5e-4, 1.0), "momentum": (3e-3, 0.1)}
trained = {(M, name): train(M, *settings[name]) for M in (5, 40, 70) for name in settings}

# %% experiment id="table_digits"
print(" M  method    risk before   after   wrong of 1797   CPU seconds")
for (M, name), (params, risks, seconds) in trained.items():
    scores = params["V"] @ np.tanh(params["W"] @ images.T + params["b"][:, None])
    wrong = np.sum((scores + params["c"][:, None]).argmax(axis=0) != labels)
    print(f"{M:2}  {name:8}  {risks[0]:11.1f} {risks[-1]:7.2f} {wrong:15} {seconds:13.1f}")

# %% experiment id="figure_risk"
"""Figure: the risk while training, M = 5, 40 and 70"""
figure, panels = plt.subplots(1, 3, figsize=(9, 3.5), sharey=True, layout="constrained")
figure.suptitle("Momentum is soon ahead, and stays ahead")
for M, ax in zip((5, 40, 70), panels):
    curves = {name: trained[M, name][1] for name in settings}
    plotting.risk_curves(curves, ax=ax, ylabel="risk R" if M == 5 else "")
    ax.set_title(f"M = {M}")
    if M != 70:
        ax.get_legend().remove()
plt.show()

# %% [markdown]
# Momentum is ahead after a few dozen steps, and in the end by a factor of ten where the network is
# large enough. A step with it costs no more: the products are the same. Five hidden units are a
# bottleneck: the risk stays about ten times higher or worse, and plain descent trips over the narrow
# valleys again and again.
#
# On these axes a constant rate would be a straight line, and the curves are not straight. With momentum the
# larger networks get every digit right within 200 steps. From then on the risk falls only because
# the weights keep growing, and the valley gets flatter and flatter. (All numbers are on the data the
# networks were trained on. How they do on new digits is another question.)
#
# What do the hidden units look for? Rows of the trained $W$, for $M = 40$. **Before you run it:** will
# you see digits?

# %% experiment id="figure_weights"
"""Figure: the rows of the trained W, M = 40"""
ax = plotting.weights(trained[40, "momentum"][0]["W"], (8, 8))
ax.set_title("40 hidden units: patches compared, no whole digit");

# %% [markdown]
# Few of them look like a digit. Most weigh a patch (red) against its neighbours (blue), and the
# output layer votes with the answers.
#
# ### A question to answer in words · 4 points
#
# A friend trains with the heavy ball, $v \leftarrow \beta v + g$, $\theta \leftarrow \theta - \eta v$,
# with $\beta = 0.9$ and $\eta = 0.01$, and gets good results.
#
# 1. Which $\alpha$ and $\gamma$ give the same path in Domke's form?
# 2. Suppose the gradient were the same $g$ at every step. What do $\phi$ and $v$ tend to? How long is
#    a step in the end, in each form?
# 3. Your friend raises $\beta$ to 0.99 and leaves $\eta$ alone; you lower $\alpha$ to 0.01 and leave
#    $\gamma$ alone. How long are the final steps now, in each form, and whose are more likely to
#    overshoot? And what happens in your first few dozen steps?

# %% manual [markdown] id="conventions" points=4
# ### BEGIN SOLUTION
# 1. $\alpha = 1 - \beta = 0.1$ and $\gamma = \eta/\alpha = 0.1$.
# 2. $\phi \to g$, because $\phi$ is a weighted average; $v \to g/(1-\beta) = 10\,g$, a geometric
#    series. The steps tend to $\gamma g = 0.1\,g$ and $\eta\,g/(1-\beta) = 0.1\,g$: the same length,
#    as it must be on the same path.
# 3. The friend's. With $\beta = 0.99$ the sum is $100\,g$, so steps in a steady direction grow to
#    $100\,\eta g = g$, ten times longer. Mine keep their $0.1\,g$, since $\phi$ is still an average.
#    But it is an average that starts at 0 and takes about $1/\alpha = 100$ steps to fill: the first
#    few dozen steps are much too short.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: $\alpha = 0.1$ and $\gamma = 0.1$, both.
# - 1 point: both limits, $g$ and $g/(1-\beta)$, and that the final step is $0.1\,g$ in either form.
# - 1 point: the friend's, with the reason that the steady step grows from $10\,\eta g$ to
#   $100\,\eta g$ while Domke's stays $\gamma g$. No point for a name without a reason. (Whoever adds
#   that on an exact quadratic neither diverges because of it, since the condition is
#   $\eta\lambda < 2(1+\beta)$, has understood section 7.)
# - 1 point: $\phi$ starts at 0 and warms up over about $1/\alpha$ steps, so that the first ones are
#   small (or: slow to change direction, if the start at 0 is mentioned).
# ### END MARK SCHEME

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *Another nonlinearity.* With $\sigma(s) = \log(1 + e^s)$ (softplus) instead of tanh, what is
#    $dL/ds$? Write it with `s` and `dh`.
# 2. *A connection that skips a layer.* Let $f = c + V h + U x$ with a $K \times p$ matrix $U$. What is
#    $dL/dx$? Write it with `V`, `W`, `U`, the slopes `slope` $= \sigma'(s)$, and `df`.
# 3. *The average.* How much weight do the last $r$ gradients have together in $\phi$, after many steps?
#    Write it with `alpha` and `r`.

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: ds(s, dh) -> (M,); dx(V, W, U, slope, df) -> (p,); weight(alpha, r) -> a number.
    """
    ### BEGIN SOLUTION
    return [
        lambda s, dh: dh / (1 + np.exp(-s)),
        lambda V, W, U, slope, df: W.T @ (slope * (V.T @ df)) + U.T @ df,
        lambda alpha, r: 1 - (1 - alpha) ** r,
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against derivatives of the forward pass, and against a sum."""
    softplus, skip, weight = on_paper()
    rng = np.random.default_rng(0)
    V, W, U = rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))
    s, dh, df, x = (rng.normal(size=n) for n in (2, 2, 3, 4))
    assert_derivative(
        softplus(s, dh), lambda s: np.log(1 + np.exp(s)), s, "problem 1", of="L", wrt="s",
        upstream=dh,
    )  # fmt: skip
    assert_derivative(
        skip(V, W, U, 1 - np.tanh(W @ x) ** 2, df), lambda x: V @ np.tanh(W @ x) + U @ x, x,
        "problem 2", of="L", wrt="x", upstream=df,
    )  # fmt: skip
    for alpha, r in [(0.1, 7), (0.5, 3), (1.0, 1)]:
        summed = sum(alpha * (1 - alpha) ** age for age in range(r))
        assert_number(weight(alpha, r), summed, f"problem 3, α = {alpha}, r = {r}")


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - Backpropagation passes one vector backward: $dL/df$, $dL/dh$, $dL/ds$. The gradient of a weight
#   matrix is the outer product of the vector that arrives at its output with the one that entered it;
#   that of a bias is the arriving vector itself.
# - Shapes decide about transposes, except when two sizes happen to be equal. Test with sizes that
#   all differ.
# - For a whole data set the sum of outer products is one matrix product. No loop, and the formulas
#   keep their look when samples are columns.
# - Shift the scores before `exp`. Nothing changes but the overflow.
# - Momentum follows an average of gradients. What bounces cancels, so $\gamma$ may be larger: a
#   condition number $\kappa$ counts only as $\sqrt\kappa$.
# - Say which of the four conventions you use. `0.9` means different things to different people.
#
# **Further reading.** Justin Domke, *Details on neural network derivative computations for HW2* (2017),
# the note itself; [CS231n on backpropagation](https://cs231n.github.io/optimization-2/) and on
# [parameter updates](https://cs231n.github.io/neural-networks-3/#sgd); Gabriel Goh,
# [*Why momentum really works*](https://distill.pub/2017/momentum/), where the 2 x 2 matrix of section 7
# can be played with; B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*
# (1964); Goodfellow, Bengio and Courville,
# [*Deep Learning*, chapter 8.3](https://www.deeplearningbook.org/contents/optimization.html).
#
# **Next**, `03_relu_l2`: samples as rows, ReLU in the place of tanh, and a penalty on the weights.
