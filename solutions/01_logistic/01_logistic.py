# %% [markdown]
# # 1 · One neuron, and the loss that lets it learn
#
# Logistic regression is a network with a single neuron, and the smallest place where
# backpropagation happens. The first section of Zhe Li's note *Gradient of Sigmoid Cross Entropy*
# (2018) trains it with two losses, in eight numbered equations. You derive them one step at a time,
# check each step, and then send the neuron off from a very bad start: with one loss it recovers at
# once, with the other it waits. How long, and why, the equations say.
#
# **Time** about 85 minutes. **Points** 33. **You need first:** `00_wires`, or the chain rule; `@`, `.T` and
# broadcasting in numpy.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 A neuron | 13 | 5 |
# | 2 The squared loss and its ladder | 21 | 8 |
# | 3 Cross-entropy | 8 | 4 |
# | 4 The ladder from (3) to (8) | 24 | 9 |
# | 5 Descent from a bad start | 19 | 7 |
#
# **How it works.** A stub says what goes in and what must come out. Replace its last two lines,
# then run the test below it: a ✓ means that it is right, otherwise it says what is wrong. Tests and
# the code of figures are folded away, for they show answers: run them as they are. Stuck? Open the
# hints one at a time. The grader runs the same tests with other numbers. What takes all samples is to
# work on whole arrays: a test fails a loop over the samples.
#
# Sections 2 and 4 are *ladders*. You know the forward pass; each rung asks for one derivative of
# it, one line of code, and its docstring gives shapes, not the formula. Take a pencil first. The
# test holds your rung against the derivative of a trusted forward pass and hands it the right
# values of the earlier rungs, so a wrong rung costs its own points only. The note's formula, with
# its derivation, is in the closed box below each test: open it afterwards, or when the hints did
# not help.

# %% [markdown]
# ## The note's symbols
#
# ![One neuron: the features of x are multiplied by W and summed with b to the score z, the sigmoid
# makes ŷ of it, and ŷ meets the label y in the loss L.](figure:network)
#
# | note | meaning | in code | shape |
# |:--|:--|:--|:--|
# | $n$ | training examples | `n` | number |
# | | features of an example | `p` | number |
# | $\mathbf{x}_i$ | example $i$, a row of `X` | `X[i]` | `(p,)`; `X` is `(n, p)` |
# | $y_i$ | its label, 0 or 1 | `y[i]` | integer; `y` is `(n,)` |
# | $W$ | weights (a vector, in spite of the capital) | `W` | `(p,)` |
# | $b$ | bias | `b` | number |
# | $z_i = W^T\mathbf{x}_i + b$ | score, or logit | `z[i]` | `z` is `(n,)` |
# | $\hat y_i = \sigma(z_i)$ | prediction, between 0 and 1 | `s[i]` | `s` is `(n,)` |
# | $\mathcal{L}$ | loss: a sum over the examples, not a mean | `loss` | number |
# | $\partial\mathcal{L}/\partial W$ | gradient of $\mathcal{L}$ with respect to the weights | `dW` | `(p,)` |
# | $\partial\mathcal{L}/\partial b$ | derivative with respect to the bias | `db` | number |
#
# **The shape rule.** A derivative has the shape of the quantity it is taken with respect to: `dW`
# has the shape of `W`. That alone settles most questions about transposes, here and in every
# assignment after this one.

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

# %% [markdown]
# ## 1 · A neuron · 5 points · 13 minutes
#
# ### 1.1 The scores · 1 point
#
# A weighted sum of the features, plus the bias. The examples are the rows of $X$, so one matrix
# product gives all scores.
#
# $$z_i = W^T\mathbf{x}_i + b$$

# %% solution id="scores"
def scores(W, b, X):
    """z_i = Wᵀ x_i + b                                    (note, below equation 1)

    W (p,), b number, X (n, p).  Returns z (n,).
    """
    ### BEGIN SOLUTION
    return X @ W + b
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which numbers are multiplied with W[0]?</details>
# <details><summary>Hint 2, the idea</summary>A product of a matrix and a vector takes one scalar
# product for each row.</details>
# <details><summary>Hint 3, the shapes</summary>(n, p) times (p,) is (n,); a number is added to all
# of them.</details>

# %% test id="test_scores" points=1
"""The scores: z = X W + b"""
X_toy = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]])
W_toy, b_toy = np.array([2.3, -1.4]), 0.6
z_hints = {"b is missing": [-0.5, 1.4, 5.5], "b is subtracted": [-1.1, 0.8, 4.9]}
assert_array(scores(W_toy, b_toy, X_toy), np.array([0.1, 2.0, 6.1]), "z", hints=z_hints)
assert_vectorised(scores, lambda n: (np.ones(3), 0.5, np.ones((n, 3))))
### BEGIN HIDDEN TESTS
rng = secret_rng("scores")
for n, p in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    W, b, X = rng.normal(size=p), rng.normal(), rng.normal(size=(n, p))
    right = np.array([b + sum(W[j] * X[i, j] for j in range(p)) for i in range(n)])
    hints = {"b is missing": right - b, "b is subtracted": right - 2 * b}
    assert_array(assert_unchanged(scores, W, b, X), right, "z", hints=hints)
single = scores(W.astype(np.float32), np.float32(b), X.astype(np.float32))
assert_array(single, right.astype(np.float32), "z in float32")
strided = np.repeat(X, 2, axis=1)[:, ::2]
assert_array(scores(W, b, strided), right, "z of an X that is not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# ### 1.2 The sigmoid · 3 points
#
# It turns a score into something like a probability: 1/2 at a score of 0, nearly 1 far above,
# nearly 0 far below.
#
# $$\sigma(z) = \frac{1}{1 + \exp(-z)}$$
#
# It is the one nonlinearity of this neuron; the course explains it here and refers to it later.
# On paper that is all. In floating point $\exp 1000$ is infinite, and a score of $-1000$ makes
# numpy complain: *overflow encountered in exp*, elsewhere a warning, in this notebook an error. Such
# scores do come up, from raw pixels or a large step. Write $\sigma$ so that nothing overflows, whatever
# $z$ is.

# %% solution id="sigmoid"
def sigmoid(z):
    """σ(z) = 1 / (1 + exp(-z))                            (note, above equation 1)

    z (n,), of any size: no overflow at 1000 or -1000, not even one that only warns.
    Returns s (n,).
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))  # between 0 and 1 on both sides
    return np.where(z >= 0, 1, small) / (1 + small)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Multiply numerator and denominator by $e^z$. For which z is the old form safe, and for which the
# new one?
# </details>
#
# <details><summary>Hint 2, the idea</summary>Take the form whose exponential is at most 1. Mind
# that np.where computes both of its branches for every z, the unwanted one too.</details>
# <details><summary>Hint 3, the shapes</summary>(n,) in, (n,) out, entry by entry. z may hold whole
# numbers; an array made with zeros_like(z) would then hold whole numbers only.</details>

# %% test id="test_sigmoid" points=3
"""The sigmoid of scores of any size, without an overflow on the way"""
s_toy = np.array([0.75, 0.5, 0.2])
z_toy = np.log(s_toy / (1 - s_toy))
s_hints = {
    "this is σ(-z): mind the sign in the exponent": 1 - s_toy,
    "this is σ(2z): as a tanh, σ(z) = (1 + tanh(z/2)) / 2, with half of z": (
        s_toy**2 / (s_toy**2 + (1 - s_toy) ** 2)
    ),
    "the 1 in the denominator is missing: this is exp(z)": np.exp(z_toy),
    "with exp(-|z|), the numerator is 1 where z is positive": np.minimum(s_toy, 1 - s_toy),
    "with exp(-|z|), the numerator is exp(-|z|) where z is negative": np.maximum(s_toy, 1 - s_toy),
}
assert_array(sigmoid(z_toy), s_toy, "σ(z)", hints=s_hints)
try:
    s_far = sigmoid(np.array([1000, 0, -1000]))
except RuntimeWarning as warning:
    raise AssertionError(
        f"σ(z) at z = 1000, 0 and -1000: {warning}.\n"
        "Likely cause: exp of a large number is computed somewhere, maybe in a branch of np.where "
        "that is thrown away.\n"
        "Next: arrange it so that exp only ever sees numbers that are 0 or below."
    ) from None
far_hints = {
    f"the scores are clipped at ±{limit}": [1 / (1 + np.exp(-limit)), 0.5, 1 / (1 + np.exp(limit))]
    for limit in (1, 2, 5, 6, 8, 10, 15, 20, 25, 30)
}
assert_array(s_far, np.array([1.0, 0.5, 0.0]), "σ(z) at z = 1000, 0 and -1000", hints=far_hints)
assert_vectorised(sigmoid, lambda n: (np.linspace(-3, 3, n),))
### BEGIN HIDDEN TESTS
rng = secret_rng("sigmoid")
for n in (1, 4, 7):
    z = 3 * rng.normal(size=n)
    right = np.array([1 / (1 + np.exp(-score)) for score in z])
    assert_array(assert_unchanged(sigmoid, z), right, "σ(z)")
    assert_array(sigmoid(z.astype(np.float32)), right.astype(np.float32), "σ(z) in float32")
    assert_array(sigmoid(np.repeat(z, 2)[::2]), right, "σ(z) of a z that is not contiguous")
far = rng.uniform(750, 1e5, size=3)
for z, limit in ((far, 1.0), (-far, 0.0)):
    ends = np.append(z, 0.0)
    assert_array(sigmoid(ends), np.append(np.full(3, limit), 0.5), "σ(z) far out")
    low = sigmoid(ends.astype(np.float32))
    assert_array(low, np.append(np.full(3, limit), 0.5), "σ(z) far out, in float32", rtol=1e-6)
### END HIDDEN TESTS

# %% [markdown]
# ### 1.3 The decision · 1 point
#
# The neuron says 1 where 1 is more probable than 0, that is where $\sigma(z) > \tfrac12$. You need
# no sigmoid to know where that is.

# %% solution id="decide"
def decide(z):
    """1 where σ(z) > 1/2, else 0

    z (n,).  Returns integers (n,).
    """
    ### BEGIN SOLUTION
    return (z > 0).astype(int)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# At which score is $\sigma(z)$ exactly one half?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# $\sigma$ grows with $z$, so a threshold for $\sigma$ is a threshold for z.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>A comparison gives (n,) of True and False; make
# integers of them.</details>

# %% test id="test_decide" points=1
"""The decision: 1 where the prediction exceeds one half"""
decision_hints = {
    "1/2 is the threshold for σ(z), not for z": [0, 0, 0, 1],
    "the two labels are swapped": [1, 1, 0, 0],
    "the labels are 0 and 1 here, not -1 and 1": [-1, -1, 1, 1],
}
decided = decide(np.array([-2.0, -0.1, 0.3, 0.9]))
assert_array(decided, np.array([0, 0, 1, 1]), "the decision", hints=decision_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("decide")
z = np.concatenate([rng.normal(size=8), [1e-3, -1e-3, 1000.0, -1000.0]])
right = np.array([int(score > 0) for score in z])
hints = {"1/2 is the threshold for σ(z), not for z": (z > 0.5).astype(int)}
assert_array(assert_unchanged(decide, z), right, "the decision", hints=hints)
assert_array(decide(z[:1]), right[:1], "the decision for one example")
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · The squared loss and its ladder · 8 points · 21 minutes
#
# ### 2.1 The loss · 1 point
#
# How far is the prediction from the label? The first measure that comes to mind is half the squared
# distance, summed over the examples.
#
# $$\mathcal{L} = \frac12 \sum_{i=1}^{n} (\hat y_i - y_i)^2 \tag{1}$$
#
# From here on the functions take the predictions $\hat y = \sigma(z)$ as an argument, `s`, so each is
# graded on its own.

# %% solution id="squared_loss"
def squared_loss(s, y):
    """L = ½ Σ_i (ŷ_i - y_i)²                              (note, equation 1)

    s (n,), the predictions ŷ; y (n,), 0 or 1.  Returns a number.
    """
    ### BEGIN SOLUTION
    return 0.5 * ((s - y) ** 2).sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What is the loss of one example that is predicted
# quite wrongly, 1 instead of 0?</details>
# <details><summary>Hint 2, the idea</summary>Difference, square, sum, half. Nothing is divided by
# n.</details>
# <details><summary>Hint 3, the shapes</summary>(n,) minus (n,) is (n,); the sum is one
# number.</details>

# %% test id="test_squared_loss" points=1
"""The squared loss: half the sum of squared errors"""
s_toy, y_toy = np.array([0.75, 0.5, 0.2]), np.array([1, 0, 0])
right = 0.5 * (0.0625 + 0.25 + 0.04)
loss_hints = {
    "the factor 1/2 is missing": 2 * right,
    "this is the mean over the examples; L is half the sum": 2 * right / 3,
    "this is divided by n; L is a sum": right / 3,
    "the errors are not squared": 0.5 * 0.45,
}
assert_number(squared_loss(s_toy, y_toy), right, "L", hints=loss_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("squared_loss")
for n in (1, 4, 7):
    s, y = rng.uniform(size=n), rng.integers(2, size=n)
    right = sum((s[i] - y[i]) * (s[i] - y[i]) for i in range(n)) / 2
    hints = {"the factor 1/2 is missing": 2 * right, "this is divided by n": right / n}
    assert_number(assert_unchanged(squared_loss, s, y), right, "L", hints=hints)
    single = squared_loss(s.astype(np.float32), y.astype(np.float32))
    assert_number(single, np.float32(right), "L in float32")
    assert_number(squared_loss(np.repeat(s, 2)[::2], y), right, "L of an s not contiguous")
assert_number(squared_loss(np.array([0.0, 1.0]), np.array([1, 0])), 1.0, "L, wholly wrong")
### END HIDDEN TESTS

# %% [markdown]
# That is the forward pass: $W \to z \to \hat y \to \mathcal{L}$. Now backwards, from the loss to the
# weights, one arrow at a time.
#
# ### 2.2 First rung: with respect to the prediction · 1 point
#
# Forget for a moment where $\hat y_i$ comes from and treat it as a free number. How fast does the
# loss (1) change with it?

# %% solution id="dL_dyhat"
def dL_dyhat(s, y):
    """∂L/∂ŷ_i: the squared loss by each prediction           (note, in equation 2)

    s (n,), the predictions ŷ; y (n,), 0 or 1.  Returns (n,).
    """
    ### BEGIN SOLUTION
    return s - y
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Which terms of the sum contain $\hat y_0$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>The derivative of a square, times the 1/2 in
# front.</details>
# <details><summary>Hint 3, the shapes</summary>
#
# (n,) and (n,) give (n,); nothing is summed, because only one term depends on $\hat y_i$.
# </details>

# %% test id="test_dL_dyhat" points=1
"""The derivative of the squared loss with respect to each prediction"""
s_toy, y_toy = np.array([0.75, 0.5, 0.2]), np.array([1, 0, 0])
dyhat_hints = {
    "the sign: does the loss rise or fall when a prediction that is too low rises?": y_toy - s_toy,
    "the 2 from the square cancels against the 1/2 in front": 2 * (s_toy - y_toy),
    "this is the loss of each example, not its derivative": (s_toy - y_toy) ** 2 / 2,
    "the slope of σ belongs to the next rung; here ŷ is a free number": (
        (s_toy - y_toy) * s_toy * (1 - s_toy)
    ),
}
assert_derivative(
    dL_dyhat(s_toy, y_toy), lambda s: ((s - y_toy) ** 2).sum() / 2, s_toy, "∂L/∂ŷ",
    of="the squared loss", wrt="each prediction ŷ", hints=dyhat_hints,
)  # fmt: skip
assert_vectorised(dL_dyhat, lambda n: (np.full(n, 0.25), np.ones(n)))
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dyhat")
for n in (1, 4, 7):
    s, y = rng.uniform(size=n), rng.integers(2, size=n)
    right = numerical_gradient(lambda s, y=y: ((s - y) ** 2).sum() / 2, s)
    assert_array(assert_unchanged(dL_dyhat, s, y), right, "∂L/∂ŷ", hints={"the sign": -right})
    assert_array(dL_dyhat(np.repeat(s, 2)[::2], y), right, "∂L/∂ŷ of an s not contiguous")
    single = dL_dyhat(s.astype(np.float32), y.astype(np.float32))
    assert_array(single, right.astype(np.float32), "∂L/∂ŷ in float32")
### END HIDDEN TESTS

# %% [markdown]
# ### 2.3 Second rung: the slope of the sigmoid · 1 point
#
# One arrow further back: how fast does $\hat y = \sigma(z)$ change with $z$? You do not need $z$ for
# the answer. Write the slope with $\hat y$ alone; that fact carries the whole note.

# %% solution id="sigmoid_slope"
def sigmoid_slope(s):
    """σ'(z): the derivative of σ(z) with respect to z, from σ(z) alone   (note, in equation 5)

    s (n,), already σ(z).  Returns (n,).
    """
    ### BEGIN SOLUTION
    return s * (1 - s)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Where is $\sigma$ steepest, and where is it flat? What must your expression be at $s = 0$,
# $\tfrac12$ and $1$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# Differentiate $(1 + e^{-z})^{-1}$. Then replace what is left of $e^{-z}$ by something made of s:
# $e^{-z} = 1/s - 1$.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(n,) in, (n,) out, entry by entry.</details>

# %% test id="test_sigmoid_slope" points=1
"""The slope of the sigmoid, from its value"""
s_toy = np.array([0.75, 0.5, 0.2])
z_toy = np.log(s_toy / (1 - s_toy))
slope_hints = {
    "s is σ(z) already; do not put it through σ again": (
        1 / (2 + np.exp(s_toy) + np.exp(-s_toy))
    ),
    "this is 1 - s², the slope of tanh": 1 - s_toy**2,
    "the sign: σ rises everywhere": -s_toy * (1 - s_toy),
    "this is 1 - s alone: look at where σ is flat": 1 - s_toy,
}
assert_derivative(
    sigmoid_slope(s_toy), lambda z: 1 / (1 + np.exp(-z)), z_toy, "σ'(z)",
    of="each σ(z)", wrt="its z", hints=slope_hints, upstream=np.ones(3),
)  # fmt: skip
assert_vectorised(sigmoid_slope, lambda n: (np.full(n, 0.25),))
### BEGIN HIDDEN TESTS
rng = secret_rng("sigmoid_slope")
for n in (1, 4, 7):
    z = 2 * rng.normal(size=n)
    s = 1 / (1 + np.exp(-z))
    right = numerical_gradient(lambda z: (1 / (1 + np.exp(-z))).sum(), z)
    assert_array(assert_unchanged(sigmoid_slope, s), right, "σ'(z)")
    assert_array(sigmoid_slope(np.repeat(s, 2)[::2]), right, "σ'(z) of an s not contiguous")
    single = sigmoid_slope(s.astype(np.float32))
    assert_array(single, right.astype(np.float32), "σ'(z) in float32")
assert_array(sigmoid_slope(np.array([0.0, 0.5, 1.0])), np.array([0.0, 0.25, 0.0]), "σ'(z) far out")
### END HIDDEN TESTS

# %% [markdown]
# ### 2.4 Third rung: through the score to the weights · 2 points
#
# Last arrow. $\hat y_i$ depends on $W$ only through $z_i = W^T\mathbf{x}_i + b$. What is
# $\partial\hat y_i/\partial W$? There is one such vector for each example; return them as rows.

# %% solution id="dsigma_dW"
def dsigma_dW(s, X):
    """∂σ(z_i)/∂W: the derivative of every prediction with respect to W    (note, equation 5)

    s (n,), already σ(z); X (n, p).  Returns an array (n, p), row i for example i.
    """
    ### BEGIN SOLUTION
    return (s * (1 - s))[:, None] * X
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# By how much does $z_i$ grow when `W[j]` grows by $\epsilon$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# The slope of 2.3 times $\partial z_i/\partial W$. So each row of X is multiplied by one number.
# The numbers must be in a column, so that numpy stretches them along the row.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(n, 1) with (n, p) is (n, p). A plain (n,) would be
# lined up with the columns of X instead, silently if n = p.</details>

# %% test id="test_dsigma_dW" points=2
"""The derivative of each prediction with respect to the weights"""
s_toy, X_toy = np.array([0.75, 0.5]), np.array([[16.0, 32.0], [-4.0, 8.0]])
z_toy = np.log(s_toy / (1 - s_toy))
inner_hints = {
    "the slopes scale the columns; they belong to the rows": [[3.0, 8.0], [-0.75, 2.0]],
    "this is σ x: the factor 1 - σ is missing": s_toy[:, None] * X_toy,
    "s is σ(z) already; do not put it through σ again": (
        (1 / (2 + np.exp(s_toy) + np.exp(-s_toy)))[:, None] * X_toy
    ),
    "x_i is missing": np.tile((s_toy * (1 - s_toy))[:, None], (1, 2)),
}
assert_derivative(  # W is measured from where the predictions are s_toy
    dsigma_dW(s_toy, X_toy), lambda W: 1 / (1 + np.exp(-(z_toy + X_toy @ W))), np.zeros(2),
    "∂σ/∂W with n = p", of="each prediction", wrt="W", hints=inner_hints,
)  # fmt: skip
assert_vectorised(dsigma_dW, lambda n: (np.full(n, 0.25), np.ones((n, 3))))
### BEGIN HIDDEN TESTS
rng = secret_rng("dsigma_dW")
for n, p in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    W, b, X = rng.normal(size=p), rng.normal(), rng.normal(size=(n, p))
    s = 1 / (1 + np.exp(-(X @ W + b)))
    right = np.array(
        [numerical_gradient(lambda W, x=x, b=b: 1 / (1 + np.exp(-(x @ W + b))), W) for x in X]
    )
    assert_array(assert_unchanged(dsigma_dW, s, X), right, "∂σ/∂W")
single = dsigma_dW(s.astype(np.float32), X.astype(np.float32))
assert_array(single, right.astype(np.float32), "∂σ/∂W in float32")
strided = dsigma_dW(np.repeat(s, 2)[::2], np.asfortranarray(X))
assert_array(strided, right, "∂σ/∂W of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box (5), with its derivation</summary>
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot
#   \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,(1 - \sigma(z)),$$
#
# and $\partial z_i/\partial W = \mathbf{x}_i$, since $z_i$ is linear in $W$. Multiply:
#
# $$\frac{\partial \sigma(z_i)}{\partial W} = \sigma(z_i)\,(1 - \sigma(z_i))\,\mathbf{x}_i \tag{5}$$
# </details>

# %% [markdown]
# ### 2.5 The top: the gradient of the squared loss · 3 points
#
# You have all three arrows. Put them together, sum over the examples, and do the same for $b$,
# which moves every score by exactly as much as it moves itself.

# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    """∂L/∂W and ∂L/∂b of the squared loss                 (note, equation 2)

    s (n,), the predictions ŷ; y (n,), 0 or 1; X (n, p).
    Returns the pair (dW, db): (p,) and a number.
    """
    ### BEGIN SOLUTION
    dz = (s - y) * s * (1 - s)
    return X.T @ dz, dz.sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Every example contributes one number times its row
# of X. Which number?</details>
# <details><summary>Hint 2, the idea</summary>A weighted sum of rows is a matrix product. For b
# every row is the number 1.</details>
# <details><summary>Hint 3, the shapes</summary>(p, n) times (n,) is (p,). For b nothing is left but
# a number.</details>

# %% test id="test_squared_gradient" points=3
"""The gradient of the squared loss with respect to W and b"""
s_toy, y_toy = np.array([0.7, 0.4, 0.6]), np.array([1, 0, 0])
X_toy = np.array([[6.4, 0.0], [8.1, 1.6], [0.0, -7.9]])
error, dz = np.array([-0.3, 0.4, 0.6]), np.array([-0.063, 0.096, 0.144])
z_toy = np.log(s_toy / (1 - s_toy))


def squared_loss_of(z):
    """The forward pass from the scores on."""
    return 0.5 * ((1 / (1 + np.exp(-z)) - y_toy) ** 2).sum()


pair = squared_gradient(s_toy, y_toy, X_toy)
assert type(pair) is tuple and len(pair) == 2, "return the pair (dW, db)"
assert not (np.ndim(pair[0]) == 0 and np.ndim(pair[1]) == 1), "the pair is the wrong way round: dW is first"
dW_hints = {
    "the sign: ŷ - y comes first, this is y - ŷ": -X_toy.T @ dz,
    "σ' = ŷ (1 - ŷ) is missing": X_toy.T @ error,
    "this is divided by n; L is a sum": X_toy.T @ dz / 3,
    "this is twice ∂L/∂W: the factor 1/2 of (1) is missing": 2 * X_toy.T @ dz,
    "this is half of ∂L/∂W: the 1/2 of (1) cancels against the 2 of the square": X_toy.T @ dz / 2,
    "the factor 1 - ŷ of σ' = ŷ (1 - ŷ) is missing": X_toy.T @ (error * s_toy),
}
assert_derivative(
    pair[0], lambda W: squared_loss_of(z_toy + X_toy @ W), np.zeros(2), "∂L/∂W",
    of="the squared loss", wrt="W", hints=dW_hints,
)  # fmt: skip
db_hints = {"the sign: ŷ - y comes first": -0.177, "σ' = ŷ (1 - ŷ) is missing": 0.7}
assert_derivative(
    pair[1], lambda b: squared_loss_of(z_toy + b), 0.0, "∂L/∂b",
    of="the squared loss", wrt="b", hints=db_hints,
)  # fmt: skip
assert_vectorised(squared_gradient, lambda n: (np.full(n, 0.25), np.ones(n), np.ones((n, 3))))
### BEGIN HIDDEN TESTS
def trusted_loss(W, b, X, y):
    return 0.5 * ((1 / (1 + np.exp(-(X @ W + b))) - y) ** 2).sum()


rng = secret_rng("squared_gradient")
for n, p in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    W, b, X, y = rng.normal(size=p), rng.normal(), rng.normal(size=(n, p)), np.arange(n) % 2
    s = 1 / (1 + np.exp(-(X @ W + b)))
    right_W = numerical_gradient(lambda W, b=b, X=X, y=y: trusted_loss(W, b, X, y), W)
    right_b = numerical_gradient(lambda b, W=W, X=X, y=y: trusted_loss(W, b, X, y), b)
    dW, db = assert_unchanged(squared_gradient, s, y, X)
    hints = {"σ' = ŷ (1 - ŷ) is missing": X.T @ (s - y), "the sign: ŷ - y comes first": -right_W}
    assert_array(dW, right_W, "∂L/∂W", hints=hints)
    assert_number(db, right_b, "∂L/∂b", hints={"the sign: ŷ - y comes first": -right_b})
y = (s < 0.5).astype(int)  # every prediction is wrong: float32 loses nothing in ŷ - y
right_W = numerical_gradient(lambda W: trusted_loss(W, b, X, y), W)
right_b = numerical_gradient(lambda b: trusted_loss(W, b, X, y), b)
dW, db = squared_gradient(s.astype(np.float32), y, X.astype(np.float32))
assert_array(dW, right_W.astype(np.float32), "∂L/∂W in float32")
assert_number(db, np.float32(right_b), "∂L/∂b in float32", atol=1e-6)
dW, _ = squared_gradient(np.repeat(s, 2)[::2], y, np.asfortranarray(X))
assert_array(dW, right_W, "∂L/∂W of arrays that are not contiguous")
dW, db = squared_gradient(np.array([0.0, 1.0]), np.array([1, 0]), np.ones((2, 3)))
assert_array(dW, np.zeros(3), "∂L/∂W where every ŷ is 0 or 1")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box (2), with its derivation</summary>
#
# Each example: $\partial\mathcal{L}/\partial\hat y_i = \hat y_i - y_i$ from 2.2, times
# $\partial\hat y_i/\partial W$ from 2.4. The derivative of a sum is the sum of the derivatives:
#
# $$\frac{\partial\mathcal{L}}{\partial W} =
#   \sum_{i=1}^{n} (\hat y_i - y_i)\,\hat y_i (1 - \hat y_i)\,\mathbf{x}_i \tag{2}$$
#
# In code the sum of rows is `X.T @ ...`. *Where the print breaks off:* the note's next sentence
# announces one more gradient and stops before it says of what. Only $b$ is left, with
# $\partial z_i/\partial b = 1$ in the place of $\mathbf{x}_i$.
# </details>

# %% [markdown]
# ## 3 · Cross-entropy · 4 points · 8 minutes
#
# Read $\hat y_i$ as the probability of a 1. How probable are all the observed labels together?
# Minus the logarithm of that is the cross-entropy. For each example one of the two terms counts
# and the other is multiplied by 0.
#
# $$\mathcal{L} = \sum_{i=1}^{n} -y_i \log \sigma(z_i) - (1 - y_i) \log(1 - \sigma(z_i)) \tag{3}$$
#
# Now the trap. At $z = 40$ the prediction differs from 1 by $4\cdot10^{-18}$, less than float64 can
# tell, so $1 - \sigma(z)$ is 0 and its logarithm infinite. The loss itself is 40, an ordinary
# number. That is why this function takes the **scores** and not the predictions. What $\sigma$ has
# rounded away cannot be recovered, and clipping the prediction at $10^{-12}$ only swaps infinity
# for another wrong number.

# %% solution id="cross_entropy"
def cross_entropy(z, y):
    """L = Σ_i -y_i log σ(z_i) - (1 - y_i) log(1 - σ(z_i))  (note, equation 3)

    z (n,), the scores, of any size: right at 1000 and -1000 too; y (n,), 0 or 1.
    Returns a number.
    """
    ### BEGIN SOLUTION
    of_ones = np.logaddexp(0, -z)  # -log σ(z) = log(1 + exp(-z))
    of_zeros = np.logaddexp(0, z)  # -log(1 - σ(z)) = log(1 + exp(z))
    return (y * of_ones + (1 - y) * of_zeros).sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Put the definition of $\sigma$ into $-\log\sigma(z)$, and simplify. What is $1 - \sigma(z)$,
# written with a $\sigma$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# Both terms have the form $\log(1 + e^{\cdot})$. For a large exponent, take it out of the
# logarithm first: $\log(1 + e^a) = a + \log(1 + e^{-a})$. numpy has a function for the logarithm
# of a sum of two exponentials.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(n,) until the sum at the end, which is one
# number.</details>

# %% test id="test_cross_entropy" points=4
"""Cross-entropy from the scores, of any size"""
s_toy, y_toy = np.array([0.75, 0.5, 0.2]), np.array([1, 0, 1])  # the last one is misjudged
z_toy = np.log(s_toy / (1 - s_toy))
right = -np.log(0.75 * 0.5 * 0.2)
ce_hints = {
    "the sign: minus in front of both logarithms": -right,
    "the terms with 1 - y are missing": -np.log(0.75 * 0.2),
    "the terms with y are missing": -np.log(0.5),
    "y and 1 - y are swapped": -np.log(0.25 * 0.5 * 0.8),
    "this is the mean over the examples; L is the sum": right / 3,
    "the logarithm has base 2; L has the natural one": right / np.log(2),
}
assert_number(cross_entropy(z_toy, y_toy), right, "L", hints=ce_hints)
try:
    loss_far = cross_entropy(np.array([40, -1000, 1000]), np.array([0, 1, 1]))
except RuntimeWarning as warning:
    raise AssertionError(
        f"L at the scores 40, -1000 and 1000: {warning}.\n"
        "Likely cause: the logarithm of a σ(z) or 1 - σ(z) that was rounded to 0, or exp of a "
        "large number.\n"
        "Next: write -log σ(z) with z instead of σ, on paper, before you write it in code."
    ) from None
far_hints = {
    f"the prediction was clipped at {clip:g}: the loss there is {-np.log(clip):.0f}, not |z|": value
    for clip in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
    for value in [-2 * np.log(clip) - np.log1p(-clip)]
}
assert_number(loss_far, 1040.0, "L at the scores 40, -1000 and 1000", hints=far_hints)
assert_vectorised(cross_entropy, lambda n: (np.linspace(-3, 3, n), np.ones(n)))
### BEGIN HIDDEN TESTS
rng = secret_rng("cross_entropy")
for n in (1, 4, 7):
    z, y = 3 * rng.normal(size=n), rng.integers(2, size=n)
    right = -sum(np.log(1 / (1 + np.exp(-z[i] if y[i] else z[i]))) for i in range(n))
    assert_number(assert_unchanged(cross_entropy, z, y), right, "L", hints={"the sign": -right})
    assert_number(cross_entropy(np.repeat(z, 2)[::2], y), right, "L of a z not contiguous")
    far, labels = rng.uniform(50, 1e4, size=n), np.ones(n, dtype=int)
    assert_number(cross_entropy(-far, labels), far.sum(), "L far below 0, all labels 1")
    assert_number(cross_entropy(far, 0 * labels), far.sum(), "L far above 0, all labels 0")
assert_number(cross_entropy(np.array([1000.0, -1000.0]), np.array([1, 0])), 0.0, "L, all right")
z, y = rng.normal(size=20).astype(np.float32), rng.integers(2, size=20)
right = np.log(1 + np.exp((1 - 2 * y) * z.astype(float))).sum()
assert_number(cross_entropy(z, y), np.float32(right), "L in float32")
### END HIDDEN TESTS

# %% [markdown]
# ### How the naive form dies
#
# The wrong label, and a score that grows from 33 to 40. The loss should be a straight line.
# **Before you run it:** what will the curve computed from the prediction look like just before it
# ends, and why there?

# %% experiment id="figure_staircase"
"""Figure: the loss from the score and from the prediction, z from 33 to 40"""
BLUE, ORANGE = plotting.COLOURS[:2]
plt.rcParams.update({"figure.dpi": 100, "font.size": 11, "axes.spines.top": False})
plt.rcParams.update({"axes.spines.right": False, "legend.frameon": False})

z = np.linspace(33, 40, 1401)
rest = 1 - sigmoid(z)  # what float64 keeps of 1 - σ(z)
alive = rest > 0
figure, axes = plt.subplots(figsize=(7.5, 3.8))
straight = [cross_entropy(score, np.array([0])) for score in z[:, None]]
axes.plot(z, straight, color=BLUE, linestyle="--", label="from the score: your cross_entropy")
axes.plot(z[alive], -np.log(rest[alive]), color=ORANGE, label="from the prediction: -log(1 - σ(z))")
axes.axvspan(z[alive][-1], z[-1], color="0.92")
axes.text((z[alive][-1] + z[-1]) / 2, 34, "prediction rounded to 1:\ninfinite", ha="center")
axes.set(xlabel="score z of an example with label 0", ylabel="loss of this example")
axes.set_title("The prediction remembers less and less of the score")
axes.legend(loc="upper left")
figure.tight_layout()
plt.show()

# %% [markdown]
# Just below 1 the numbers of float64 lie $1.1\cdot10^{-16}$ apart, and $1 - \sigma(z)$ becomes a
# multiple of that: 42 of them at $z = 33$, fewer and fewer, and at the end
# two, one, none.

# %% [markdown]
# ## 4 · The ladder from (3) to (8) · 9 points · 24 minutes
#
# The note goes from (3) to the gradient in five lines, and the last is so short that you may doubt
# it. Each line becomes a function of its own; they must all agree.
#
# ### 4.1 First rung: with respect to the prediction · 2 points
#
# Start at the end again. In (3) treat $\sigma(z_i)$ as a free number, the way you treated $\hat y_i$
# in 2.2. What is the derivative of $\mathcal{L}$ with respect to it? One number for each example.

# %% solution id="dL_dsigma"
def dL_dsigma(s, y):
    """∂L/∂σ(z_i): cross-entropy with respect to each prediction   (note, in equation 4)

    s (n,), the predictions σ(z), strictly between 0 and 1; y (n,), 0 or 1.  Returns (n,).
    """
    ### BEGIN SOLUTION
    return (1 - y) / (1 - s) - y / s
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which way should the prediction of an example with
# label 0 go, and which sign must its derivative have?</details>
# <details><summary>Hint 2, the idea</summary>
#
# The derivative of a logarithm is one over its argument. Two minus signs meet in the second term:
# the one in front, and the one of $\partial(1 - \sigma)$.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(n,) all along; nothing is summed here.</details>

# %% test id="test_dL_dsigma" points=2
"""The derivative of cross-entropy with respect to each prediction"""
s_toy, y_toy = np.array([0.25, 0.75, 0.5]), np.array([1, 0, 1])
ds_hints = {
    "the second term: ∂(1 - σ) is -∂σ, so its sign turns to plus": [-4.0, -4.0, -2.0],
    "both signs are turned": [4.0, -4.0, 2.0],
    "1 - σ is missing in the second denominator": [-4.0, 4 / 3, -2.0],
    "the denominators are swapped": [-4 / 3, 4 / 3, -2.0],
}
assert_derivative(
    dL_dsigma(s_toy, y_toy),
    lambda s: -(y_toy * np.log(s) + (1 - y_toy) * np.log(1 - s)).sum(),
    s_toy, "∂L/∂σ", of="the cross-entropy", wrt="each prediction σ(z)", hints=ds_hints,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dsigma")
for n in (1, 4, 7):
    s, y = rng.uniform(0.01, 0.99, size=n), np.arange(n) % 2
    right = numerical_gradient(
        lambda s, y=y: -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum(), s
    )
    assert_array(assert_unchanged(dL_dsigma, s, y), right, "∂L/∂σ", hints={"the sign": -right})
    assert_array(dL_dsigma(np.repeat(s, 2)[::2], y), right, "∂L/∂σ of an s not contiguous")
    single = dL_dsigma(s.astype(np.float32), y)
    assert_array(single, right.astype(np.float32), "∂L/∂σ in float32", rtol=1e-3)
### END HIDDEN TESTS

# %% [markdown]
# ### 4.2 Second rung: the chain rule · 2 points
#
# You have $\partial\mathcal{L}/\partial\sigma(z_i)$, a number for each example, and from 2.4
# $\partial\sigma(z_i)/\partial W$, a vector for each example. What is
# $\partial\mathcal{L}/\partial W$, made of these two?

# %% solution id="chain_rule"
def chain_rule(outer, inner):
    """∂L/∂W from the derivatives of the two stages        (note, equations 4 and 6)

    outer (n,), all ∂L/∂σ(z_i); inner (n, p), all ∂σ(z_i)/∂W as rows.  Returns dW (p,).
    """
    ### BEGIN SOLUTION
    return inner.T @ outer
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Over which index does the sum run, and which one is
# left?</details>
# <details><summary>Hint 2, the idea</summary>A weighted sum of rows, as in 2.5.</details>
# <details><summary>Hint 3, the shapes</summary>n must meet n, and p must be left: (p, n) times
# (n,).</details>

# %% test id="test_chain_rule" points=2
"""The chain rule: the gradient from the two stages"""
outer, inner = np.array([2.0, -1.5]), np.array([[1.0, 3.0], [4.0, -5.0]])
chain_hints = {
    "this sums over p; the sum runs over the examples": [-2.5, 15.5],
    "this is the mean over the examples; L is a sum": [-2.0, 6.75],
    "both are summed before they are multiplied; each example has a product of its own": [2.5, -1.0],
}
assert_derivative(  # a loss whose two stages are straight lines with these slopes
    chain_rule(outer, inner), lambda W: (outer * (inner @ W)).sum(), np.zeros(2), "∂L/∂W",
    of="the loss", wrt="W", hints=chain_hints,
)  # fmt: skip
assert_vectorised(chain_rule, lambda n: (np.ones(n), np.ones((n, 3))))
### BEGIN HIDDEN TESTS
rng = secret_rng("chain_rule")
for n, p in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    W, b, X, y = rng.normal(size=p), rng.normal(), rng.normal(size=(n, p)), np.arange(n) % 2
    s = 1 / (1 + np.exp(-(X @ W + b)))
    outer, inner = (1 - y) / (1 - s) - y / s, (s * (1 - s))[:, None] * X
    right = numerical_gradient(
        lambda W, b=b, X=X, y=y: np.log(1 + np.exp((1 - 2 * y) * (X @ W + b))).sum(), W
    )
    assert_array(assert_unchanged(chain_rule, outer, inner), right, "∂L/∂W")
    strided = chain_rule(np.repeat(outer, 2)[::2], np.asfortranarray(inner))
    assert_array(strided, right, "∂L/∂W of arrays that are not contiguous")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>Lines (4) and (6), with their derivation</summary>
#
# The chain rule through $\sigma$, term by term:
#
# $$\frac{\partial\mathcal{L}}{\partial W} = \sum_{i=1}^{n}
#   -y_i \frac{1}{\sigma(z_i)} \frac{\partial\sigma(z_i)}{\partial W}
#   - (1 - y_i) \frac{1}{1 - \sigma(z_i)} \frac{\partial(1 - \sigma(z_i))}{\partial W} \tag{4, 6}$$
#
# Since $\partial(1-\sigma) = -\partial\sigma$, both terms have the same inner derivative. The factor
# in front of it is rung 4.1,
# $\partial\mathcal{L}/\partial\sigma(z_i) = -\frac{y_i}{\sigma(z_i)} + \frac{1 - y_i}{1 - \sigma(z_i)}$,
# and the sum over $i$ is rung 4.2, `inner.T @ outer`. The note prints the line twice: as (4), and as
# (6) once (5) is known.
# </details>

# %% [markdown]
# ### 4.3 Third rung: cancel · 2 points
#
# Rung 4.1 divides by $\sigma$ and by $1 - \sigma$. Rung 2.4 multiplies by both. On paper, put one into
# the other and cancel, but keep the two terms apart: one for the label 1, one for the label 0. Your
# function must not divide by anything.

# %% solution id="two_terms"
def two_terms(s, y, X):
    """∂L/∂W after cancelling, as two terms without a quotient     (note, equation 7)

    s (n,), the predictions σ(z), 0 and 1 included; y (n,), 0 or 1; X (n, p).  Returns dW (p,).
    """
    ### BEGIN SOLUTION
    return X.T @ ((1 - y) * s - y * (1 - s))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of the two terms is there for an example with
# label 1?</details>
# <details><summary>Hint 2, the idea</summary>
#
# Both terms end in $\mathbf x_i$: first one number for each example, then the sum of 4.2.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>(n,) of numbers, (n, p) of rows, (p,) of
# result.</details>

# %% test id="test_two_terms" points=2
"""Equation (7): one term for the ones, one for the zeros"""
s_toy, y_toy = np.array([0.7, 0.4, 0.9]), np.array([1, 0, 1])
X_toy = np.array([[4.1, 8.2], [2.3, -6.4], [-1.2, 3.3]])
of_ones, of_zeros = X_toy.T @ [-0.3, 0.0, -0.1], X_toy.T @ [0.0, 0.4, 0.0]
term_hints = {
    "the second term has the wrong sign: it is + (1 - y_i) σ(z_i) x_i": of_ones - of_zeros,
    "the first term has the wrong sign: it is - y_i (1 - σ(z_i)) x_i": of_zeros - of_ones,
    "both terms have the wrong sign": -of_ones - of_zeros,
    "σ and 1 - σ are swapped": X_toy.T @ [-0.7, 0.6, -0.9],
    "this is divided by n; L is a sum": (of_ones + of_zeros) / 3,
}
z_toy = np.log(s_toy / (1 - s_toy))
sign = np.array([-1, 1, -1])  # cross-entropy is log(1 + exp(± z))
assert_derivative(
    two_terms(s_toy, y_toy, X_toy),
    lambda W: np.log(1 + np.exp(sign * (z_toy + X_toy @ W))).sum(), np.zeros(2),
    "∂L/∂W", of="the cross-entropy", wrt="W", hints=term_hints, atol=1e-12,
)  # fmt: skip
### BEGIN HIDDEN TESTS
rng = secret_rng("two_terms")
for n, p in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    W, b, X, y = rng.normal(size=p), rng.normal(), rng.normal(size=(n, p)), np.arange(n) % 2
    s = 1 / (1 + np.exp(-(X @ W + b)))
    right = numerical_gradient(
        lambda W, b=b, X=X, y=y: np.log(1 + np.exp((1 - 2 * y) * (X @ W + b))).sum(), W
    )
    assert_array(assert_unchanged(two_terms, s, y, X), right, "∂L/∂W")
ends = two_terms(np.array([0.0, 1.0, 1.0]), np.array([1, 0, 1]), np.eye(3))
assert_array(ends, np.array([-1.0, 1.0, 0.0]), "∂L/∂W where every σ(z) is 0 or 1")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>Line (7), with its derivation</summary>
#
# $$-\frac{y_i}{\sigma} \cdot \sigma (1 - \sigma)\,\mathbf{x}_i = -y_i (1 - \sigma)\,\mathbf{x}_i,
# \qquad \frac{1 - y_i}{1 - \sigma} \cdot \sigma (1 - \sigma)\,\mathbf{x}_i
#   = (1 - y_i)\,\sigma\,\mathbf{x}_i,$$
#
# $$\frac{\partial\mathcal{L}}{\partial W}
#   = \sum_{i=1}^{n} -y_i (1 - \sigma(z_i))\,\mathbf{x}_i + (1 - y_i)\,\sigma(z_i)\,\mathbf{x}_i
#   \tag{7}$$
# </details>

# %% [markdown]
# ### 4.4 The top: multiply out · 3 points
#
# One more line of algebra: multiply your two terms out and see what is left in front of
# $\mathbf{x}_i$. Return $\partial\mathcal{L}/\partial W$ in that shortest form, and
# $\partial\mathcal{L}/\partial b$ with it.

# %% solution id="cross_entropy_gradient"
def cross_entropy_gradient(s, y, X):
    """∂L/∂W and ∂L/∂b of the cross-entropy                (note, equation 8)

    s (n,), the predictions ŷ, 0 and 1 included; y (n,), 0 or 1; X (n, p).
    Returns the pair (dW, db): (p,) and a number.
    """
    ### BEGIN SOLUTION
    dz = s - y
    return X.T @ dz, dz.sum()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which products appear twice, with
# opposite signs?</details>
# <details><summary>Hint 2, the idea</summary>Same form as 2.5, with less in it.</details>
# <details><summary>Hint 3, the shapes</summary>(p, n) times (n,) for W, a plain sum for
# b.</details>

# %% test id="test_cross_entropy_gradient" points=3
"""The gradient of cross-entropy with respect to W and b"""
s_toy, y_toy = np.array([0.7, 0.4, 0.6]), np.array([1, 0, 0])
X_toy = np.array([[4.1, 0.0], [8.3, 2.2], [0.0, -6.4]])
error = np.array([-0.3, 0.4, 0.6])
z_toy, sign = np.log(s_toy / (1 - s_toy)), np.array([-1, 1, 1])


def cross_entropy_of(z):
    """The forward pass from the scores on: -log σ(z) is log(1 + exp(-z))."""
    return np.log(1 + np.exp(sign * z)).sum()


pair = cross_entropy_gradient(s_toy, y_toy, X_toy)
assert type(pair) is tuple and len(pair) == 2, "return the pair (dW, db)"
assert not (np.ndim(pair[0]) == 0 and np.ndim(pair[1]) == 1), "the pair is the wrong way round: dW is first"
dW_hints = {
    "the sign: ŷ - y, prediction minus label": -X_toy.T @ error,
    "σ' has cancelled: this is the gradient (2) of the squared loss": (
        X_toy.T @ (error * s_toy * (1 - s_toy))
    ),
    "this is divided by n; L is a sum": X_toy.T @ error / 3,
}
assert_derivative(
    pair[0], lambda W: cross_entropy_of(z_toy + X_toy @ W), np.zeros(2), "∂L/∂W",
    of="the cross-entropy", wrt="W", hints=dW_hints,
)  # fmt: skip
db_hints = {"the sign: ŷ - y, prediction minus label": -0.7, "this is divided by n": 0.7 / 3}
assert_derivative(
    pair[1], lambda b: cross_entropy_of(z_toy + b), 0.0, "∂L/∂b",
    of="the cross-entropy", wrt="b", hints=db_hints,
)  # fmt: skip
assert_vectorised(cross_entropy_gradient, lambda n: (np.full(n, 0.25), np.ones(n), np.ones((n, 3))))
### BEGIN HIDDEN TESTS
def trusted_loss(W, b, X, y):
    return np.log(1 + np.exp((1 - 2 * y) * (X @ W + b))).sum()


rng = secret_rng("cross_entropy_gradient")
for n, p in [(5, 3), (1, 4), (6, 1), (3, 3)]:
    W, b, X, y = rng.normal(size=p), rng.normal(), rng.normal(size=(n, p)), np.arange(n) % 2
    s = 1 / (1 + np.exp(-(X @ W + b)))
    right_W = numerical_gradient(lambda W, b=b, X=X, y=y: trusted_loss(W, b, X, y), W)
    right_b = numerical_gradient(lambda b, W=W, X=X, y=y: trusted_loss(W, b, X, y), b)
    dW, db = assert_unchanged(cross_entropy_gradient, s, y, X)
    sign = "the sign: ŷ - y, prediction minus label"
    assert_array(dW, right_W, "∂L/∂W", hints={sign: -right_W})
    assert_number(db, right_b, "∂L/∂b", hints={sign: -right_b})
y = (s < 0.5).astype(int)  # every prediction is wrong: float32 loses nothing in ŷ - y
right_W = numerical_gradient(lambda W: trusted_loss(W, b, X, y), W)
right_b = numerical_gradient(lambda b: trusted_loss(W, b, X, y), b)
dW, db = cross_entropy_gradient(s.astype(np.float32), y, X.astype(np.float32))
assert_array(dW, right_W.astype(np.float32), "∂L/∂W in float32")
assert_number(db, np.float32(right_b), "∂L/∂b in float32", atol=1e-6)
dW, _ = cross_entropy_gradient(np.repeat(s, 2)[::2], y, np.asfortranarray(X))
assert_array(dW, right_W, "∂L/∂W of arrays that are not contiguous")
dW, db = cross_entropy_gradient(np.array([0.0, 1.0, 1.0]), np.array([1, 0, 1]), np.eye(3))
assert_array(dW, np.array([-1.0, 1.0, 0.0]), "∂L/∂W where every ŷ is 0 or 1")
assert_number(db, 0.0, "∂L/∂b where every ŷ is 0 or 1")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The box (8), with its derivation</summary>
#
# Multiply (7) out: $-y_i + y_i\,\sigma(z_i) + \sigma(z_i) - y_i\,\sigma(z_i)$. The products cancel too:
#
# $$\frac{\partial\mathcal{L}}{\partial W} = \sum_{i=1}^{n} (\sigma(z_i) - y_i)\,\mathbf{x}_i
#   = \sum_{i=1}^{n} (\hat y_i - y_i)\,\mathbf{x}_i \tag{8}$$
#
# For $b$ there is a 1 in the place of $\mathbf{x}_i$.
# </details>
#
# ### What this equation says
#
# Open the box (8) first. With respect to the score, the derivative of the loss is **prediction minus
# label**: between $-1$ and $1$, its sign says in which direction the neuron errs, its size by how
# much. It is multiplied by what came in, so the weights of features that were 0 learn nothing from
# this example, and those of large ones learn most. An example that is predicted perfectly contributes
# nothing. You will meet this form at the end of every classifier in the course: a softmax with its cross-entropy
# (assignments 2 to 4) and independent sigmoids (assignment 5) have it too, for the same reason: the
# logarithm of the loss undoes the exponential of the prediction.
#
# Your numbers on the wires of one neuron: values forward, derivatives backward. Drag an input or a weight. A
# derivative of yours that is not right is red and dashed, with the right one next to it.

# %% experiment id="drag_the_neuron"
from mlpkit import explorables as explore

neuron = {"x": np.array([1.0, -2.0]), "y": 1, "W": np.array([0.5, 0.75]), "b": 0.2}
row = neuron["x"][None]
mine = cross_entropy_gradient(sigmoid(scores(neuron["W"], neuron["b"], row)), np.array([1]), row)
explore.backward_pass(neuron, wrong=dict(zip(("dL_dW", "dL_db"), mine, strict=True)))

# %% [markdown]
# Now all the ways to this gradient, on real data: 569 tumours, 30 measurements each, label 1 if
# benign. The checker then compares (8) with your loss (3). It moves the parameters along random
# directions and compares slopes; it needs no right answer.

# %% experiment id="check_on_data"
tumours, benign = datasets.load_breast_cancer(return_X_y=True)
(tumours,) = datasets.standardise(tumours)
params = {"W": 0.3 * np.random.default_rng(1).normal(size=tumours.shape[1]), "b": 0.1}

s = sigmoid(scores(params["W"], params["b"], tumours))
by_4 = chain_rule(dL_dsigma(s, benign), dsigma_dW(s, tumours))
by_7 = two_terms(s, benign, tumours)
by_8, _ = cross_entropy_gradient(s, benign, tumours)
print(f"largest difference of (4) from (8): {np.abs(by_4 - by_8).max():.0e}")
print(f"largest difference of (7) from (8): {np.abs(by_7 - by_8).max():.0e}")


def loss(params):
    return cross_entropy(scores(params["W"], params["b"], tumours), benign)


def gradient(params):
    s = sigmoid(scores(params["W"], params["b"], tumours))
    return dict(zip("Wb", cross_entropy_gradient(s, benign, tumours), strict=True))


check_gradient(loss, gradient, params)

# %% [markdown]
# ### A gradient is the slope of a tangent
#
# One example with label 1 and $x = 1$. Its loss as a function of the score, and through three points
# the straight lines with the slope that your functions return. **Before you run it:** at $z = -5$ the
# neuron is sure, and wrong. Which of the two losses has the steeper tangent there?

# %% experiment id="figure_tangents"
"""Figure: both losses, with three tangents each"""
one, unit = np.array([1]), np.ones((1, 1))  # with x = 1, ∂L/∂W is ∂L/∂z
z = np.linspace(-8, 5, 261)
losses = {
    "squared loss (1)": (lambda z: squared_loss(sigmoid(z), one), squared_gradient),
    "cross-entropy (3)": (lambda z: cross_entropy(z, one), cross_entropy_gradient),
}
figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
figure.suptitle("Wrong and sure of it: one tangent is flat, the other is steep")
for axes, (name, (loss_of, gradient_of)) in zip(panels, losses.items(), strict=True):
    axes.plot(z, [loss_of(score) for score in z[:, None]], color=BLUE)
    for at in (-5.0, -1.0, 2.0):
        point = np.array([at])
        height, slope = loss_of(point), gradient_of(sigmoid(point), one, unit)[1]
        near = np.array([-1.3, 1.3])
        axes.plot(at + near, height + slope * near, color=ORANGE, linewidth=2)
        axes.plot(at, height, "o", color=ORANGE)
        axes.annotate(f"slope {slope:.3f}", (at, height), (8, 8), textcoords="offset points")
    axes.set(title=name, xlabel="score z of an example with label 1", ylabel="loss", xlim=(-8.5, 6))
    axes.set_ylim(top=1.15 * axes.get_ylim()[1])
plt.show()

# %% [markdown]
# The tangents touch the curves: your gradients are right. At $z = -5$ the squared loss has levelled
# off just below its largest value, 1/2, and its tangent is almost flat; cross-entropy keeps on
# falling with a slope near $-1$.

# %% [markdown]
# ## 5 · Descent from a bad start · 7 points · 19 minutes
#
# ### 5.1 Gradient descent · 4 points
#
# The gradient points uphill. Take a step against it, look again, take another:
#
# $$W \leftarrow W - \eta\,\frac{\partial\mathcal{L}}{\partial W}, \qquad
#   b \leftarrow b - \eta\,\frac{\partial\mathcal{L}}{\partial b}$$
#
# Both derivatives belong to the same point. The function to minimise comes in as an argument,
# `objective`, so the same few lines serve both losses.

# %% solution id="gradient_descent"
def gradient_descent(objective, W, b, step_size, steps):
    """W ← W - η ∂L/∂W and b ← b - η ∂L/∂b, repeated

    objective(W, b) returns (loss, dW, db): a number, (p,), a number. W (p,) and b, a number, are
    the start and stay as they are; step_size is η.
    Returns (W, b, losses): the last W (p,) and b, and losses (steps,), L before each step.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        loss, dW, db = objective(W, b)
        losses.append(loss)
        W = W - step_size * dW
        b = b - step_size * db
    return W, b, np.array(losses)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How often must the objective be called for three
# steps?</details>
# <details><summary>Hint 2, the idea</summary>One call a step gives the loss to keep and both
# derivatives. Move W and b only after it.</details>
# <details><summary>Hint 3, the shapes</summary>W stays (p,), and b a number. W -= ... would change
# the array of whoever called you.</details>

# %% test id="test_gradient_descent" points=4
"""Gradient descent: where it ends, and the loss before each step"""
def bowl(W, b):  # L = |W|²/2 + (W₀ + W₁) b + b²
    return 0.5 * W @ W + W.sum() * b + b**2, W + b, W.sum() + 2 * b


triple = gradient_descent(bowl, np.array([8, -3]), -2.0, 0.3, 3)
assert type(triple) is tuple and len(triple) == 3, "return (W, b, losses)"
end_hints = {
    "uphill: the step goes against the gradient": [15.56, -8.607],
    "the step size is missing": [1.0, 1.0],
    "one step too few": [5.03, -0.36],
    "one step too many": [3.6539, 1.0128],
    "W moves before b has its derivative: ask the objective once a step": [4.18274, 0.40974],
}
assert_array(triple[0], np.array([4.22, 0.447]), "W after three steps", hints=end_hints)
assert_number(triple[1], -2.333, "b after three steps", hints={"b does not move": -2.0})
late_hints = {"these are the losses after each step; return those before": [14.825, 7.26305, 3.5588825]}
assert_array(triple[2], np.array([30.5, 14.825, 7.26305]), "losses", hints=late_hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("gradient_descent")
for p, steps in [(4, 12), (1, 1), (2, 20)]:
    A = rng.normal(size=(p + 1, p + 1))
    A = A @ A.T / p + np.eye(p + 1)
    step_size, start = 1 / np.trace(A), rng.normal(size=p + 1)

    def objective(W, b, A=A):
        theta = np.append(W, b)
        slope = A @ theta
        return 0.5 * theta @ slope, slope[:-1], slope[-1]

    step = np.eye(p + 1) - step_size * A
    right = np.array([np.linalg.matrix_power(step, r) @ start for r in range(steps + 1)])
    W, b, losses = assert_unchanged(
        gradient_descent, objective, start[:-1], start[-1], step_size, steps
    )
    assert_array(W, right[-1, :-1], f"W after {steps} steps")
    assert_number(b, right[-1, -1], f"b after {steps} steps")
    assert_array(losses, np.einsum("ri,ij,rj->r", right, A, right)[:-1] / 2, "losses")
### END HIDDEN TESTS

# %% [markdown]
# ### 5.2 How hard each loss pushes
#
# One example with label 1. Its score should go up; $|\partial\mathcal{L}/\partial z|$ says how hard
# the loss pushes. On the left of the picture the neuron is confidently wrong. The axis of the push is
# logarithmic. **Before you run it:** which curve is a straight line on the left, and with what slope?

# %% experiment id="figure_push"
"""Figure: how hard each loss pushes, against the score"""
z = np.linspace(-14, 6, 201)
push = {
    "squared loss": [-squared_gradient(s, one, unit)[1] for s in sigmoid(z)[:, None]],
    "cross-entropy": [-cross_entropy_gradient(s, one, unit)[1] for s in sigmoid(z)[:, None]],
}
styles = {
    "squared loss": {"color": ORANGE},
    "cross-entropy": {"color": BLUE, "linestyle": "--"},
}
figure, axes = plt.subplots(figsize=(7.5, 3.8))
for name, values in push.items():
    axes.semilogy(z, values, label=name, **styles[name])
axes.annotate("wrong and sure of it:\na thousandth of the push", (z[70], push["squared loss"][70]),
              (-6.5, 2e-5), arrowprops={"arrowstyle": "->", "color": "0.3"})
axes.set(xlabel="score z of an example with label 1", ylabel="push  |∂L/∂z|", ylim=(3e-7, 4))
axes.set_xticks(range(-14, 7, 2))
axes.set_title("The squared loss pushes least where it is most wrong")
axes.legend(loc=(0.02, 0.62))
figure.tight_layout()
plt.show()

# %% [markdown]
# Now move it yourself: both losses start the same neuron at the same score, with the same step. Drag
# the start. **Before you touch it:** cross-entropy needs about eight steps from $z = -6$ to get its label
# right. How many does the squared loss need?

# %% experiment id="drag_two_losses"
from mlpkit import explorables as explore

explore.two_losses(z=-6)

# %% [markdown]
# ### 5.3 The race
#
# First a good neuron, trained with cross-entropy. Then it is turned into its opposite, three times
# as sure: $W \to -3W$, $b \to -3b$. Now it calls nearly every benign tumour malignant and nearly
# every malignant one benign. From there both losses get 3000 steps of the same size. **Before you
# run it:** after how many steps, would you say, is each better than tossing a coin?

# %% experiment id="figure_race"
"""Figure: the race, wrong decisions against steps"""


def squared(W, b):
    s = sigmoid(scores(W, b, tumours))
    return squared_loss(s, benign), *squared_gradient(s, benign, tumours)


def entropy(W, b):
    z = scores(W, b, tumours)
    return cross_entropy(z, benign), *cross_entropy_gradient(sigmoid(z), benign, tumours)


def error_rates(objective, W, b, checkpoints):
    """Fraction of wrong decisions after each number of steps in checkpoints."""
    rates = []
    for steps in np.diff(checkpoints, prepend=0):
        W, b, _ = gradient_descent(objective, W, b, step_size, steps)
        rates.append(np.mean(decide(scores(W, b, tumours)) != benign))
    return rates


step_size = 0.5 / len(benign)
good_W, good_b, _ = gradient_descent(entropy, np.zeros(30), 0.0, step_size, 200)
checkpoints = np.unique(np.geomspace(1, 3000, 60).astype(int))
race = {
    "squared loss": error_rates(squared, -3 * good_W, -3 * good_b, checkpoints),
    "cross-entropy": error_rates(entropy, -3 * good_W, -3 * good_b, checkpoints),
}
figure, axes = plt.subplots(figsize=(7.5, 3.8))
for name, rates in race.items():
    axes.semilogx(checkpoints, rates, label=name, **styles[name])
axes.axhline(0.5, color="0.6", linewidth=0.8)
axes.text(1, 0.47, "a coin", color="0.4", va="top")
axes.set(xlabel="steps of gradient descent", ylabel="fraction of wrong decisions", ylim=(0, 1.02))
axes.set_title("Same start, same step: the squared loss waits a thousand steps")
axes.legend(loc=(0.35, 0.66))
figure.tight_layout()
plt.show()
for name, rates in race.items():
    first = next((k for k, rate in zip(checkpoints, rates, strict=True) if rate < 0.5), None)
    print(f"{name}: better than a coin after {first} steps")

# %% [markdown]
# Both gradients point downhill from the first step on. That of the squared loss has hardly any
# length, because nearly every tumour starts on a flat part of the sigmoid.
#
# ### 5.4 A question · 3 points

# %% manual [markdown] id="ten_times_the_step" points=3
# A colleague looks at the race and says: *"The squared loss is not stuck. Its steps are just too
# small. Use a step size ten times larger and it will be as good."* Use equations (2) and (8).
# What is right about this, and what is wrong? Four to six sentences.
#
# ### BEGIN SOLUTION
# Right: the gradient (2) is not zero, only small, and so a step ten times larger makes the plateau
# about ten times shorter. Wrong is "as good". The factor $\hat y_i(1-\hat y_i)$ in (2) falls like
# $e^{-|z_i|}$, so the time on the plateau grows exponentially with how sure the neuron is, and a
# factor of ten buys back a change in $|z|$ of only $\log 10 \approx 2.3$. The factor also differs
# from example to example: a step that suits those far out is far too large for those near $z = 0$,
# where it is $1/4$. In (8) the factor has cancelled: every wrong example pushes with a strength
# near 1 however sure the neuron is, so one step size serves all of them.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: the gradient is small, not zero; a larger step does shorten the plateau (by about 10).
#
# 1 point: the cause is the factor ŷ(1 - ŷ), which falls exponentially with |z| (or is different
# for each example), so no fixed factor makes up for it, or one that does is too large near z = 0.
#
# 1 point: in (8) this factor has cancelled against the 1/σ and 1/(1 - σ) of the logarithms; the
# push of a wrong example stays near 1.
# ### END MARK SCHEME

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *Labels of $-1$ and $1$.* Many books write $t = \pm 1$ for the label and $L = \log(1 + e^{-tz})$ for
#    the loss of one example. What is $\partial L/\partial z$? Write it with `t`, `z` and `sigmoid`.
# 2. *The curvature.* What is $\partial^2 L/\partial z^2$ of the cross-entropy, written with the
#    prediction `s` alone? (So why can it never be negative, and what does that say about the loss?)
# 3. *A label that is not sure.* Let $y = 0.9$ in (3). For which score is the loss smallest? Write it
#    with `y`.

# %% solution id="on_paper"
def on_paper():
    """Your three answers, as functions. Ungraded.

    Returns a list: dL_dz(t, z) -> (n,); curvature(s) -> (n,); best_score(y) -> a number.
    """
    ### BEGIN SOLUTION
    return [
        lambda t, z: -t * sigmoid(-t * z),
        lambda s: s * (1 - s),
        lambda y: np.log(y / (1 - y)),
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against derivatives of the losses."""
    signed, curvature, best_score = on_paper()
    z, t = np.array([0.5, -1.0, 2.0]), np.array([1.0, -1.0, -1.0])
    assert_derivative(
        signed(t, z), lambda z: np.log(1 + np.exp(-t * z)).sum(), z, "problem 1", of="L", wrt="z"
    )
    assert_derivative(  # the derivative of prediction minus label, whatever the label
        curvature(sigmoid(z)), lambda z: 1 / (1 + np.exp(-z)), z, "problem 2",
        of="∂L/∂z", wrt="z", upstream=np.ones(3),
    )  # fmt: skip
    at = np.array(best_score(0.9))
    slope = numerical_gradient(lambda z: np.log(1 + np.exp(z)) - 0.9 * z, at)
    assert abs(slope) < 1e-9, f"problem 3: at z = {at:.3f} the loss still has the slope {slope:.3f}"


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - A neuron is a score and a nonlinearity. Going backward, the sigmoid multiplies by its slope,
#   $\sigma(1-\sigma)$, which is at most $1/4$ and nearly 0 where it is flat.
# - The squared loss (1) keeps that factor in its gradient (2): wrong and sure of it means a tiny
#   push.
# - Cross-entropy (3) grows without bound, just so fast that the factor cancels: (8) is prediction
#   minus label, times what came in.
# - Cancel on paper before you compute. (4) divides by numbers that round to 0, (8) divides by
#   nothing. The loss wants scores, not predictions, for the same reason.
# - A sum over examples of numbers times rows is one matrix product, $X^T(\hat y - y)$.
#
# **Further reading.** Zhe Li, *Gradient of Sigmoid Cross Entropy* (2018), the note itself;
# [CS231n on backpropagation](https://cs231n.github.io/optimization-2/), where the sigmoid is taken
# apart gate by gate; Goodfellow, Bengio and Courville,
# [*Deep Learning*, chapter 6.2](https://www.deeplearningbook.org/contents/mlp.html), on why
# cross-entropy belongs to the sigmoid.
#
# **Next**, `02_momentum`: a hidden layer in front of the neuron, several classes behind it, and a
# faster way down.
