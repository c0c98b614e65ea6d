# %% [markdown]
# # 7 · Debug the notes
#
# Five notes taught you backpropagation, and all five have mistakes in print: missing hats,
# lost brackets, a sign, a norm for a matrix. Now you go through them with the one instrument that
# needs no authority: a derivative is how much the loss changes when you move a little. You give a
# verdict on every formula below, and you correct those that fail.
#
# **Time** about 104 minutes. **Points** 40. **You need first:** assignments 1 to 6, or the patience
# to look things up in them.
#
# | section | minutes | points |
# |:--|--:|--:|
# | 1 How to judge | 3 | |
# | 2 Domke | 19 | 7 |
# | 3 Gutfreund | 23 | 9 |
# | 4 Galvan and Hao | 26 | 11 |
# | 5 Li | 22 | 9 |
# | 6 What it costs | 11 | 4 |
#
# **How it works.** Sections 2 to 5 each begin with printed formulas as functions, exactly as they
# are in the note. First you write down your verdicts, then the corrected functions. You derive
# these yourself; their tests work as in assignments 1 to 6, and the corrected line is in the closed box
# below each. A *verdict* is a word and its evidence, the error you have measured. The visible test
# checks that you have measured every formula. It does not say whether your words are right, nor how
# many of them: reading the evidence is the exercise. The grader gives points for a section's verdicts
# only if **all** of them are right.

# %% [markdown]
# ## The symbols
#
# ![One network from x to the loss; below each step, the printed formulas that are about
# it.](figure:network)
#
# Five notes, five alphabets: the table that translates them is at the front of the course, in
# `00_wires`. Domke, Gutfreund and Galvan multiply by weights from the left: `W` is `(M, p)`. Hao and Li do
# it from the right: `W1` is `(p, M)`. `dW` is the derivative of the loss with respect to `W` and has its
# shape. `slope` is the derivative of the activation, `error`, `back` or `delta` that of the loss with
# respect to the scores.

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
    secret_rng,
)


def assert_evidence(value, cases):
    """value gives each case a word and what measure says of it; whether the words are right is not
    looked at."""
    __tracebackhide__ = True  # a notebook shows the message alone
    assert type(value) is dict, (
        f"you returned a {type(value).__name__}, expected a dict.\n"
        'Next: return {"loss": ("...", 0.0), ...}, one pair for each name in the table.'
    )
    for names, message in [
        (sorted(set(cases) - set(value)), "a verdict is missing for"),
        (sorted(set(value) - set(cases), key=str), "the table has no formula called"),
    ]:
        assert not names, (
            f"{message} {', '.join(map(str, names))}.\n"
            "Next: one entry for each name in the table, spelt as it is there."
        )
    for name, pair in value.items():
        assert type(pair) in (tuple, list) and len(pair) == 2, (
            f"the entry for {name} is {pair!r}, expected a pair (verdict, evidence).\n"
            f"Next: run measure on the case of {name} and write its number after the word."
        )
        word, given = pair
        assert word in VERDICTS, (
            f"the verdict on {name} is {word!r}.\n"
            'Next: write "holds", "fails" or "convention".'
        )
        number = measure(cases[name])
        if number is None or given is None:
            fits = given is number
        else:
            is_number = isinstance(given, (int, float, np.number)) and type(given) is not bool
            fits = is_number and (
                given == number or abs(given - number) <= 0.03 * min(number, 10) + 1e-9
            )
        assert fits, (
            f"the evidence for {name} is {given!r}, and measure says something else.\n"
            f"Next: run measure on the case of {name} and copy its number, to two digits."
        )


def assert_all_right(value, right):
    """Every word is right; says no more than that one is not."""
    __tracebackhide__ = True  # a notebook shows the message alone
    assert all(value[name][0] == word for name, word in right.items()), (
        "not every verdict is right; the points are for all of them together.\n"
        "Next: run judge on every case once more and read the whole report. What does not fit "
        "fails; what depends on a choice, and is valid either way, is a convention."
    )


def assert_gradients(value, right, names, hints=None):
    """value is a tuple of arrays like right; hints: {message: wrong tuple}."""
    __tracebackhide__ = True  # a notebook shows the message alone
    given = f"{len(value)}" if type(value) in (tuple, list) else f"a {type(value).__name__}"
    assert given == str(len(right)), (
        f"expected {len(right)} arrays, {', '.join(names)}; you returned {given}.\n"
        "Next: compare the return line with the last line of the docstring."
    )
    for i, name in enumerate(names):
        wrong = {text: arrays[i] for text, arrays in (hints or {}).items()}
        assert_array(value[i], right[i], name, hints=wrong)

# %% [markdown]
# ## 1 · How to judge · 3 minutes
#
# Every formula comes as a *case*: a loss, the printed gradient, the parameters to move, and their
# names. Two functions look at a case. `judge` asks the gradient checker for a report. `measure` gives
# one number, the evidence: the largest error of an entry, relative to the largest entry of the two
# gradients (so 2 is the opposite sign), `inf` where the shapes do not fit, `None` for a claim in words.
# There are three verdicts:
#
# - `"holds"`: the printed formula is the derivative of the loss.
# - `"fails"`: it is not, or its shape does not fit, and no choice of convention would save it.
# - `"convention"`: there is a choice to make, both choices are valid, and the note has to say which it
#   made. This is so where no single derivative exists, or where two common definitions compete.
#
# The evidence alone does not tell the last two apart. Read the whole report: a factor of 3 in a case
# with $N = 3$, a gradient at a kink. The checker says what it sees; the verdict is yours.
#
# ### What this equation says
#
# Every report compares two sides of one line:
#
# $$L(\theta + \epsilon d) - L(\theta) \approx \epsilon\, \frac{dL}{d\theta} \cdot d$$
#
# On the left there is only the loss, evaluated twice. On the right there is only the formula. If they
# agree for a few random directions $d$, the formula is right, whoever printed it; if they do not, one
# of the two is wrong, and the line does not say which.

# %% given id="judging"
# Setup: judge and measure.
VERDICTS = ("holds", "fails", "convention")


def judge(case):
    """The checker's report on a case (loss, gradient, params, names); numpy's message where it
    cannot compute the printed formula at all; of a claim in words, the claim."""
    if isinstance(case, str):
        return f"no derivative to check, count for yourself: {case}"
    loss, gradient, params, names = case
    try:
        return check_gradient(loss, gradient, params, names=names)
    except (ValueError, KeyError) as message:
        return f"numpy cannot compute the formula as printed: {message}"


def numerical(loss, params):
    """The derivative of loss without any formula, in the nesting of params."""
    if isinstance(params, dict):
        return {k: numerical_gradient(lambda a: loss({k: a}), v) for k, v in params.items()}
    if isinstance(params, list):
        return [
            numerical_gradient(lambda a: loss([*params[:i], a, *params[i + 1 :]]), v)
            for i, v in enumerate(params)
        ]
    return numerical_gradient(loss, params)


def arrays_of(tree):
    """The arrays of a dict, a list or one array, in order."""
    if isinstance(tree, dict):
        return list(tree.values())
    return tree if isinstance(tree, list) else [tree]


def measure(case):
    """The largest error of an entry of the printed gradient, relative to the largest entry of it and
    of the derivative; inf if it has another shape; None for a claim in words."""
    if isinstance(case, str):
        return None
    loss, gradient, params, _ = case
    try:
        given = [np.asarray(array) for array in arrays_of(gradient(params))]
    except (ValueError, KeyError):
        return np.inf
    right = arrays_of(numerical(loss, params))
    if any(a.shape != b.shape for a, b in zip(given, right)):
        return np.inf
    return max(
        float(np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max()))
        for a, b in zip(given, right)
    )


def softmax(z):
    powers = np.exp(z - z.real.max())
    return powers / powers.sum()


def sigmoid(t):
    return 1 / (1 + np.exp(-t))

# %% [markdown]
# ## 2 · Domke · 7 points · 19 minutes
#
# | name | printed | where |
# |:--|:--|:--|
# | `loss` | $L(y, f) = -f_y + \log \sum_k f_k$ (judged by whether the box below is its derivative) | section 3 |
# | `dL_df` | $-\hat e_y + g(f)$, against minus the logarithm of the softmax probability | box, 4.1 |
# | `average` | "the average loss": $\sum_i L(y_i, f(x_i))$, whose gradient is the sum of the boxes | section 3 |
# | `dL_dc` | $dL/df$ | box, 4.2 |
# | `dL_dV` | $\frac{dL}{df} h^T$ | box, 4.3 |
# | `dL_db` | $\sigma'(b + Wx) \odot (V^T \frac{dL}{df})$ | box, 4.5 |
# | `dL_dW` | $\sigma'(b + Wx) \odot (V^T \frac{dL}{df})\, x^T$, the product with $x^T$ first | box, 4.5 |

# %% given id="domke_printed"
def domke_cases():
    """{name: case}; p = M = 3, K = 4, one sample."""
    rng = np.random.default_rng(1)
    p = {"W": rng.normal(size=(3, 3)), "b": rng.normal(size=3),
         "V": rng.normal(size=(4, 3)), "c": rng.normal(size=4)}  # fmt: skip
    x, y, f_positive = rng.normal(size=3), 2, rng.uniform(1, 2, size=4)
    X, labels = rng.normal(size=(3, 3)), [0, 2, 1]

    def f(p, x=x):
        return p["c"] + p["V"] @ np.tanh(p["b"] + p["W"] @ x)

    def meant(f, y=y):
        return -np.log(softmax(f)[y])

    def box_df(f, y=y):
        return softmax(f) - np.eye(4)[y]

    h = np.tanh(p["b"] + p["W"] @ x)
    slope, df = 1 - h**2, box_df(f(p))

    def by(name, gradient):
        return lambda q: meant(f({**p, **q})), lambda _: {name: gradient()}, {name: p[name]}, name

    def average(c):
        return sum(meant(f({**p, "c": c}, x_i), y_i) for x_i, y_i in zip(X, labels)) / 3

    def sum_of_boxes(c):
        return sum(box_df(f({**p, "c": c}, x_i), y_i) for x_i, y_i in zip(X, labels))

    return {
        "loss": (lambda f: -f[y] + np.log(f.sum()), box_df, f_positive, "f"),
        "dL_df": (meant, box_df, f_positive, "f"),
        "average": (average, sum_of_boxes, p["c"], "c"),
        "dL_dc": by("c", lambda: df),
        "dL_dV": by("V", lambda: np.outer(df, h)),
        "dL_db": by("b", lambda: slope * (p["V"].T @ df)),
        "dL_dW": by("W", lambda: slope * np.outer(p["V"].T @ df, x)),
    }


# %% [markdown]
# For example, Domke's third box. A verdict on it would be `("holds", 0.0)`: the evidence to two digits,
# anything below a billionth counts as 0.

# %% experiment id="first_report"
print(judge(domke_cases()["dL_dV"]))
print("\nmeasure says", measure(domke_cases()["dL_dV"]))

# %% [markdown]
# ### 2.1 Verdicts · 3 points
#
# For each case ask two things: is this a derivative, and if so, of what? A loss and a gradient that
# do not belong together may each be right for another partner.

# %% solution id="domke_verdicts"
def domke_verdicts():
    """{name: (verdict, evidence)} for the seven formulas of the table; verdicts: the three words.

    As printed in the note (note, sections 3 and 4).
    """
    ### BEGIN SOLUTION
    return {
        "loss": ("fails", 0.18),
        "dL_df": ("holds", 0.0),
        "average": ("convention", 0.67),
        "dL_dc": ("holds", 0.0),
        "dL_dV": ("holds", 0.0),
        "dL_db": ("holds", 0.0),
        "dL_dW": ("fails", 0.50),
    }
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>For a case that the checker calls wrong: which of
# the two sides, the loss or the gradient, is not what it is called?</details>
# <details><summary>Hint 2, the idea</summary>Print judge(case) for each case in a cell of your own.
# Where a constant factor shows up, ask what the case has so many of.</details>
# <details><summary>Hint 3, the shapes</summary>p = M = 3 in these cases: shapes will not warn
# you.</details>

# %% test id="test_domke_verdicts" points=3
"""Verdicts on Domke's formulas: the evidence, not the words"""
verdicts = domke_verdicts()
assert_evidence(verdicts, domke_cases())
### BEGIN HIDDEN TESTS
assert_all_right(verdicts, {
    "loss": "fails", "dL_df": "holds", "average": "convention", "dL_dc": "holds",
    "dL_dV": "holds", "dL_db": "holds", "dL_dW": "fails",
})  # fmt: skip
### END HIDDEN TESTS

# %% [markdown]
# ### 2.2 The loss · 2 points
#
# Correct one thing in $-f_y + \log \sum_k f_k$ so that the boxed $dL/df$ is its derivative.

# %% solution id="domke_loss"
def domke_loss(y, f):
    """L(y, f), corrected                                  (note, section 3)

    y integer, 0 <= y < K; f (K,), scores of moderate size, also negative.  Returns a number.
    """
    ### BEGIN SOLUTION
    return -f[y] + np.log(np.exp(f).sum())
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>What is the derivative of the printed loss with respect
# to one score, and what is missing to make it a softmax?</details>
# <details><summary>Hint 2, the idea</summary>A score may be negative; the argument of a logarithm may
# not.</details>
# <details><summary>Hint 3, the shapes</summary>(K,) and an integer in, a number out.</details>

# %% test id="test_domke_loss" points=2
"""Domke's loss, so that the box is its derivative"""
f = np.log([1.0, 2.0, 5.0])
hints = {"this is the printed loss: without exp": np.log(f.sum()) - f[2]}
assert_number(domke_loss(2, f), np.log(8 / 5), "L", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("domke_loss")
for K in (2, 3, 6):
    f, y = rng.normal(size=K), int(rng.integers(K))
    right = np.log(sum(np.exp(f_k - f[y]) for f_k in f))
    assert_number(assert_unchanged(domke_loss, y, f), right, "L")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$L(y, f) = -f_y + \log \sum_k e^{f_k}$$
#
# The derivative of $\log \sum_k e^{f_k}$ with respect to $f_j$ is $e^{f_j} / \sum_k e^{f_k} = g(f)_j$, and
# that of $-f_y$ is $-\hat e_y$: the box. Without the exponential the first would be $1 / \sum_k f_k$ for
# every $j$.
#
# </details>

# %% [markdown]
# ### 2.3 The gradient with respect to W · 2 points
#
# The last box is printed without brackets:
#
# $$\frac{dL}{dW} = \sigma'(b + Wx) \odot \Bigl(V^T \frac{dL}{df}\Bigr)\, x^T$$
#
# It can be read in two ways. If the product with $x^T$ comes first, as multiplication does elsewhere,
# numpy complains only when $M \ne p$. Put the brackets where they belong.

# %% solution id="domke_dW"
def domke_dW(slope, V, df, x):
    """dL/dW, corrected                                    (note, box 5, section 4.5)

    slope (M,): σ'(b + W x); V (K, M), df (K,), x (p,).  Returns dW (M, p).
    """
    ### BEGIN SOLUTION
    return np.outer(slope * (V.T @ df), x)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>The derivative with respect to s has M entries; which
# two factors is it made of?</details>
# <details><summary>Hint 2, the idea</summary>All that belongs to hidden units first, the input
# last.</details>
# <details><summary>Hint 3, the shapes</summary>(M,) with (M,) is (M,); (M,) and (p,) make (M,
# p).</details>

# %% test id="test_domke_dW" points=2
"""dL/dW, bracketed"""
slope, x = np.array([1.0, 0.5]), np.array([1.0, 4.0])
V, df = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([2.0, -1.0])
right = np.array([[2.0, 8.0], [-1.0, -4.0]])
hints = {
    "σ' multiplies columns, not rows: this is the printed form without brackets": (
        slope * np.outer(V.T @ df, x)
    ),
    "it is the transpose": right.T,
    "σ' is missing": np.outer(V.T @ df, x),
}
assert_array(assert_unchanged(domke_dW, slope, V, df, x), right, "dL/dW", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("domke_dW")
for p, M, K in [(3, 3, 2), (4, 1, 2), (1, 2, 3), (3, 5, 4), (4, 4, 4)]:
    W, b, V = rng.normal(size=(M, p)) / 2, rng.normal(size=M) / 2, rng.normal(size=(K, M))
    x, y = rng.normal(size=p), K - 1
    h = np.tanh(b + W @ x)
    df, slope = softmax(V @ h) - np.eye(K)[y], 1 - h**2
    right = numerical_gradient(
        lambda W: np.log(np.exp(V @ np.tanh(b + W @ x)).sum()) - (V @ np.tanh(b + W @ x))[y], W
    )
    value = assert_unchanged(domke_dW, slope, V, df, x)
    hints = {}
    if p == M:  # else numpy refuses it
        hints["this is the printed form without brackets"] = slope * np.outer(V.T @ df, x)
    assert_array(value, right, f"dL/dW, p = {p}, M = {M}", hints=hints)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\frac{dL}{dW} = \Bigl(\sigma'(b + Wx) \odot \bigl(V^T \tfrac{dL}{df}\bigr)\Bigr)\, x^T$$
#
# Everything left of $x^T$ is $dL/ds$, one number for each hidden unit; $s_m = b_m + \sum_l W_{ml}\, x_l$
# adds the factor $x_l$.
#
# </details>

# %% [markdown]
# Which weights would have got a wrong derivative? The form without brackets on a network with $M = p = 2$,
# on its wires; what is wrong is red and dashed, with the right number next to it. **Before you run it:** of
# the four entries of $dL/dW$ some are right all the same. Which, and why?

# %% experiment id="drag_a_misprint"
from mlpkit import explorables as explore

small = {"W": np.array([[0.8, -0.4], [0.3, 0.9]]), "b": np.array([0.1, -0.2]),
         "V": np.array([[0.7, -0.3], [-0.5, 0.6]]), "c": np.zeros(2)}  # fmt: skip
x, y = np.array([1.0, -0.5]), 0
h = np.tanh(small["b"] + small["W"] @ x)
df = softmax(small["c"] + small["V"] @ h) - np.eye(2)[y]
printed = (1 - h**2) * np.outer(small["V"].T @ df, x)
explore.backward_pass({**small, "x": x, "y": y}, wrong={"dL_dW": printed})

# %% [markdown]
# On the diagonal the slope of the column is the slope of the row, and both readings agree. So whoever
# checks a single entry, and takes the first one, finds nothing.

# %% [markdown]
# ## 3 · Gutfreund · 9 points · 23 minutes
#
# | name | printed | where |
# |:--|:--|:--|
# | `dyhat` | $dL/d\hat y = -\sum_k y_k / \hat y_k$ | section 2, at footnote mark 1 |
# | `softmax` | $d\hat y / dz_k = y_k (1\{k = y_i\} - y_i)$, without hats | section 2, at footnote mark 1 |
# | `dz` | $dL/dz = \hat y - y$ | section 2 |
# | `dU` | $(\hat y - y) \cdot h$ | section 3 |
# | `dbhat` | $\frac{dL}{dz} \frac{dz}{dh} \frac{dh}{d\hat b}$, that is $(\hat y - y) \cdot U \cdot (1 - h^2)$ | section 2 |
# | `db_first` | $dL/db = \hat y - y$ | section 3, second line |
# | `db_second` | $dL/db = (\hat y - y) \cdot U \cdot (1 - h^2)$, a row times a matrix, then entry by entry | section 3, last line |
# | `dW` | $(\hat y - y) \cdot U \cdot (1 - h^2) \cdot x$ | section 3 |
# | `product_form` | $dL/db^{(i)} = (\hat y - y) \prod_{j=n-1}^{i} [W^{(j+1)} g^{(j)\prime}]$ | section 4 |
# | `recursion` | $(\hat y - y)\, W^{(n)} \prod_{j=n-1}^{i+1} [g^{(j)\prime} W^{(j)}]$, "for programming" | section 4 |

# %% given id="gutfreund_printed"
def gutfreund_cases():
    """{name: case}; p = 4, M = 3, K = 5, one sample; three layers."""
    rng = np.random.default_rng(2)
    p = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=3),
         "U": rng.normal(size=(5, 3)), "bhat": rng.normal(size=5)}  # fmt: skip
    x, y = rng.normal(size=4), np.eye(5)[1]
    sizes = (4, 3, 3, 5)
    Ws = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
    zeros = [np.zeros(m) for m in sizes[1:]]
    z, target = rng.normal(size=5), 1  # the class y_i as a number

    def loss_of_z(z):
        return -np.log(softmax(z)[target])

    def loss(q):
        q = {**p, **q}
        return loss_of_z(q["U"] @ np.tanh(q["W"] @ x + q["b"]) + q["bhat"])

    h = np.tanh(p["W"] @ x + p["b"])
    U, error = p["U"], softmax(p["U"] @ h + p["bhat"]) - y

    def by(name, gradient):
        return loss, lambda _: {name: gradient()}, {name: p[name]}, name

    def deep(biases):
        a = x
        for W, b in zip(Ws, biases):
            pre = W @ a + b
            a = np.tanh(pre)
        return loss_of_z(pre)

    def pass_through(biases):
        a, slopes = x, []
        for W, b in zip(Ws, biases):
            pre = W @ a + b
            a = np.tanh(pre)
            slopes.append(1 - a**2)
        return slopes, softmax(pre) - y

    def product_form(biases):
        slopes, row = pass_through(biases)
        rows = [row]
        for j in (1, 0):
            rows.insert(0, (rows[0] @ Ws[j + 1]) * slopes[j])
        return rows

    def recursion(biases):
        slopes, row = pass_through(biases)
        second = row @ Ws[2]
        return [(second * slopes[1]) @ Ws[1], second, row]

    return {
        "dyhat": (
            lambda s: -(y * np.log(s)).sum(), lambda s: np.full(5, -(y / s).sum()), softmax(z),
            "yhat",
        ),
        "softmax": (  # row `target` of the Jacobian
            lambda z: softmax(z)[target], lambda z: y * (np.eye(5)[target] - y[target]), z, "z"
        ),
        "dz": (loss_of_z, lambda z: softmax(z) - y, z, "z"),
        "dU": by("U", lambda: error @ h),
        "dbhat": by("bhat", lambda: error @ U * (1 - h**2)),
        "db_first": by("b", lambda: error),
        "db_second": by("b", lambda: error @ U * (1 - h**2)),
        "dW": by("W", lambda: error @ U * (1 - h**2) @ x),
        "product_form": (deep, product_form, zeros, ("b1", "b2", "b3")),
        "recursion": (deep, recursion, zeros, ("b1", "b2", "b3")),
    }  # fmt: skip


# %% [markdown]
# ### 3.1 Verdicts · 3 points
#
# This note names every factor of the chain and is careless about what joins them. Take the products
# as they are printed; where numpy refuses one, a reader with paper and pencil is stuck, too.

# %% solution id="gutfreund_verdicts"
def gutfreund_verdicts():
    """{name: (verdict, evidence)} for the ten formulas of the table; verdicts: the three words.

    As printed in the note (note, sections 2, 3 and 4).
    """
    ### BEGIN SOLUTION
    return {
        "dyhat": ("fails", 1.0),
        "softmax": ("fails", 1.0),
        "dz": ("holds", 0.0),
        "dU": ("fails", np.inf),
        "dbhat": ("fails", np.inf),
        "db_first": ("fails", np.inf),
        "db_second": ("holds", 0.0),
        "dW": ("fails", np.inf),
        "product_form": ("holds", 0.0),
        "recursion": ("fails", 0.44),
    }
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Two results of section 3 carry one name. Can both be
# right?</details>
# <details><summary>Hint 2, the idea</summary>Loop over the cases and print every report. An error
# message from numpy is evidence, too.</details>
# <details><summary>Hint 3, the shapes</summary>b has M entries, b̂ has K. Here M = 3 and
# K = 5.</details>

# %% test id="test_gutfreund_verdicts" points=3
"""Verdicts on Gutfreund's formulas: the evidence, not the words"""
verdicts = gutfreund_verdicts()
assert_evidence(verdicts, gutfreund_cases())
### BEGIN HIDDEN TESTS
assert_all_right(verdicts, {
    "dyhat": "fails", "softmax": "fails", "dz": "holds", "dU": "fails", "dbhat": "fails",
    "db_first": "fails", "db_second": "holds", "dW": "fails", "product_form": "holds",
    "recursion": "fails",
})  # fmt: skip
### END HIDDEN TESTS

# %% [markdown]
# ### 3.2 At the footnote mark · 2 points
#
# Two derivatives: of the loss with respect to each probability, and of each probability with respect
# to each score. As printed:
#
# $$\frac{dL}{d\hat y} = -\sum_k \frac{y_k}{\hat y_k}, \qquad
#   \frac{d\hat y}{dz_k} = y_k\, (1\{k = y_i\} - y_i)$$

# %% solution id="footnote"
def footnote(y, yhat):
    """dL/dŷ and the Jacobian of softmax, corrected        (note, at footnote mark 1)

    y (K,), a 1 and zeros; yhat (K,), a softmax without zeros.
    Returns dyhat (K,) and J (K, K) with J[k, j] = dŷ_k / dz_j.
    """
    ### BEGIN SOLUTION
    return -y / yhat, np.diag(yhat) - np.outer(yhat, yhat)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How many derivatives does a number have with respect to
# K numbers?</details>
# <details><summary>Hint 2, the idea</summary>Take the sum away, put the hats on, and give the
# second index of J a letter of its own.</details>
# <details><summary>Hint 3, the shapes</summary>(K,) and (K, K).</details>

# %% test id="test_footnote" points=2
"""The two derivatives at the footnote mark"""
y, yhat = np.array([0.0, 1.0]), np.array([0.7, 0.3])
right = (np.array([0.0, -1 / 0.3]), np.array([[0.21, -0.21], [-0.21, 0.21]]))
hints = {
    "as printed: the sum is in every entry": (np.full(2, -1 / 0.3), right[1]),
    "the hats are missing: this is built from y": (right[0], np.diag(y) - np.outer(y, y)),
    "the sign": (-right[0], -right[1]),
}
assert_gradients(assert_unchanged(footnote, y, yhat), right, ("dL/dŷ", "J"), hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("footnote")
for K in (2, 3, 6):
    z, y = rng.normal(size=K), np.eye(K)[rng.integers(K)]
    yhat = np.exp(z) / np.exp(z).sum()
    dyhat = numerical_gradient(lambda s: -(y * np.log(s)).sum(), yhat)
    rows = [numerical_gradient(lambda z: np.exp(z[k]) / np.exp(z).sum(), z) for k in range(K)]
    assert_gradients(assert_unchanged(footnote, y, yhat), (dyhat, np.array(rows)), ("dL/dŷ", "J"))
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\frac{dL}{d\hat y_k} = -\frac{y_k}{\hat y_k}, \qquad
#   \frac{d\hat y_k}{dz_j} = \hat y_k\, (1\{k = j\} - \hat y_j)$$
#
# Only term $k$ of the loss contains $\hat y_k$. The second is the quotient rule, with the letters of
# assignment 4.
#
# </details>

# %% [markdown]
# ### 3.3 Four gradients with their right names · 2 points
#
# Section 3 as printed:
#
# $$\frac{dL}{dU} = (\hat y - y) \cdot h, \qquad \frac{dL}{db} = \hat y - y, \qquad
#   \frac{dL}{dW} = (\hat y - y) \cdot U \cdot (1 - h^2) \cdot x, \qquad
#   \frac{dL}{db} = (\hat y - y) \cdot U \cdot (1 - h^2)$$
#
# Give each result the bias it belongs to, and every product the shape of its parameter.

# %% solution id="sample_gradients"
def sample_gradients(error, U, h, x):
    """dL/dU, dL/dbhat, dL/dW, dL/db, corrected            (note, section 3)

    error (K,): ŷ - y; U (K, M), h (M,): tanh(W x + b); x (p,).
    Returns dU (K, M), dbhat (K,), dW (M, p), db (M,).
    """
    ### BEGIN SOLUTION
    db = (U.T @ error) * (1 - h**2)
    return np.outer(error, h), error, np.outer(db, x), db
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which bias sits in the same layer as U?</details>
# <details><summary>Hint 2, the idea</summary>Every dot between two vectors of different layers is
# an outer product; the gradient with respect to W begins with that with respect to b.</details>
# <details><summary>Hint 3, the shapes</summary>dU (K, M), dbhat (K,), dW (M, p), db
# (M,).</details>

# %% test id="test_sample_gradients" points=2
"""Four gradients of one sample"""
error, x = np.array([1.3, -0.7]), np.array([1.2, 2.3])
U, h = np.array([[1.1, 2.4], [3.2, 0.6]]), np.array([0.5, 0.2])
right = (
    np.array([[0.65, 0.26], [-0.35, -0.14]]), error,
    np.array([[-0.729, -1.39725], [3.1104, 5.9616]]), np.array([-0.6075, 2.592]),
)  # fmt: skip
hints = {
    "the two biases have changed places": (right[0], right[3], right[2], right[1]),
    "the slope 1 - h² is missing in dL/db": (*right[:3], U.T @ error),
    "U is not transposed": (
        right[0], error, np.outer(U @ error * (1 - h**2), x), U @ error * (1 - h**2)
    ),
    "it is the transpose": (right[0].T, error, right[2].T, right[3]),
}  # fmt: skip
names = ("dL/dU", "dL/dbhat", "dL/dW", "dL/db")
assert_gradients(assert_unchanged(sample_gradients, error, U, h, x), right, names, hints)
### BEGIN HIDDEN TESTS
def trusted_loss(U, bhat, W, b, x, k):
    z = U @ np.tanh(W @ x + b) + bhat
    return np.log(np.exp(z).sum()) - z[k]


rng = secret_rng("sample_gradients")
for p, M, K in [(3, 3, 3), (4, 1, 2), (1, 2, 2), (3, 5, 4)]:
    args = [rng.normal(size=shape) / 2 for shape in [(K, M), K, (M, p), M]]
    x, k = rng.normal(size=p), int(rng.integers(K))
    h = np.tanh(args[2] @ x + args[3])
    z = args[0] @ h + args[1]
    error = np.exp(z) / np.exp(z).sum() - np.eye(K)[k]
    right = [
        numerical_gradient(lambda a: trusted_loss(*args[:i], a, *args[i + 1 :], x, k), args[i])
        for i in range(4)
    ]
    assert_gradients(assert_unchanged(sample_gradients, error, args[0], h, x), right, names)
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\frac{dL}{dU} = (\hat y - y)\, h^T, \quad \frac{dL}{d\hat b} = \hat y - y, \quad
#   \frac{dL}{db} = \bigl(U^T (\hat y - y)\bigr) \odot (1 - h^2), \quad
#   \frac{dL}{dW} = \frac{dL}{db}\, x^T$$
#
# The bias inside the softmax is $\hat b$; the bias inside the tanh is $b$, and between it and the loss
# lie $U$ and the slope of tanh.
#
# </details>

# %% [markdown]
# ### 3.4 The recursion · 2 points
#
# The form "for programming purposes" is what most readers will copy:
#
# $$\frac{dL}{db^{(i)}} = (\hat y - y) \cdot W^{(n)} \cdot
#   \prod_{j=n-1}^{i+1} \bigl[ g^{(j)\prime} \cdot W^{(j)} \bigr], \qquad i < n$$
#
# It contradicts the product form above it in the note. Write it so that both agree.

# %% solution id="recursion"
def recursion(weights, slopes, error):
    """dL/db of each layer, from the last to the first, corrected (note, section 4)

    weights: list of n matrices, the first one's layer first; slopes: list of n - 1 arrays, g' of
    every layer but the last; error: ŷ - y, of the last layer.
    Returns the list of n arrays dL/db, the first layer first.
    """
    ### BEGIN SOLUTION
    rows = [error]
    for W, slope in zip(weights[:0:-1], slopes[::-1]):
        rows.append((rows[-1] @ W) * slope)
    return rows[::-1]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Layer i has a bias inside its g. Which slope lies
# between that bias and everything after it?</details>
# <details><summary>Hint 2, the idea</summary>The note says: gradients first, then multiply by the
# slope. Which of the two has to come first?</details>
# <details><summary>Hint 3, the shapes</summary>dL/db of a layer has as many entries as its matrix
# has rows.</details>

# %% test id="test_recursion" points=2
"""The backward recursion, layer by layer"""
weights = [np.ones((2, 1)), np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, -1.0]])]
slopes = [np.array([0.5, 2.0]), np.array([1.0, 0.25])]
right = (np.array([1.0, 7.0]), np.array([2.0, -0.5]), np.array([2.0]))
hints = {
    "each layer's own slope is missing: this is the recursion as printed": (
        np.array([2.0, 3.5]), np.array([2.0, -2.0]), right[2]
    ),
    "the slopes of layer 0 are used for layer 1, too": (
        np.array([0.5, -4.0]), np.array([1.0, -4.0]), right[2]
    ),
    "all slopes are missing": (np.array([2.0, 2.0]), np.array([2.0, -2.0]), right[2]),
}  # fmt: skip
value = assert_unchanged(recursion, weights, slopes, np.array([2.0]))
assert_gradients(value, right, [f"dL/db of layer {i}" for i in range(3)], hints)
### BEGIN HIDDEN TESTS
def trusted_loss(weights, biases, x, k):
    for W, b in zip(weights, biases):
        z = W @ x + b
        x = np.tanh(z)
    return np.log(np.exp(z).sum()) - z[k]


rng = secret_rng("recursion")
for sizes in [(3, 2), (2, 4, 2), (3, 3, 3, 3), (2, 5, 1, 4, 3)]:
    weights = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes)]
    biases = [rng.normal(size=m) for m in sizes[1:]]
    x = rng.normal(size=sizes[0])
    a, slopes = x, []
    for W, b in zip(weights, biases):
        z = W @ a + b
        a = np.tanh(z)
        slopes.append(1 - a**2)
    error = np.exp(z) / np.exp(z).sum() - np.eye(sizes[-1])[0]
    right = [
        numerical_gradient(
            lambda b: trusted_loss(weights, [*biases[:i], b, *biases[i + 1 :]], x, 0), biases[i]
        )
        for i in range(len(weights))
    ]
    value = assert_unchanged(recursion, weights, slopes[:-1], error)
    assert_gradients(value, right, [f"dL/db of layer {i}" for i in range(len(weights))])
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\frac{dL}{db^{(i)}} = \Bigl(\frac{dL}{db^{(i+1)}} \cdot W^{(i+1)}\Bigr) \odot g^{(i)\prime}, \qquad
#   \frac{dL}{db^{(n)}} = \hat y - y$$
#
# $b^{(i)}$ is inside $g^{(i)}$: its slope comes before the gradient is read off, not after.
#
# </details>

# %% [markdown]
# ## 4 · Galvan and Hao · 11 points · 26 minutes
#
# | name | printed | where |
# |:--|:--|:--|
# | `galvan_6` | $P(l) = \{k : \text{a link with weight } w_{lk}\}$, put into (7) | Galvan (6) |
# | `galvan_7` | $\delta_l = \sum_k \delta_k w_{kl}\, \sigma'(a_l)$ over the units that $l$ feeds | Galvan (7) |
# | `galvan_11` | $\partial L / \partial W_i = \Delta_i\, \phi_{i-1}^T$ | Galvan (11) |
# | `galvan_13` | $\Delta_i = W_{i+1}^T \Delta_{i+1} \circ \sigma(\Delta_i)$; on the right $W_{i+1}^T \Delta_{i+1}$ stands in for $\Delta_i$ | Galvan (13) |
# | `hao_dc` | $q - \delta_m$, one row for each sample | Hao (6), (8) |
# | `hao_chain` | $\frac{\partial L}{\partial q} \circ q_m (\delta_m - q)$ as $\partial L/\partial c$, entry by entry | Hao (6) to (9), before $-\frac{1}{q_m}$ |
# | `hao_dW1` | $\frac1N x^T \frac{\partial L}{\partial D} + \alpha \lVert W_1 \rVert$ | Hao (6) |
# | `hao_dW2` | $\frac1N h^T (q - \delta_m) + \alpha \lVert W_2 \rVert$ | Hao (8) |
# | `hao_db1` | $\frac1N \frac{\partial L}{\partial D}$ | Hao (7) |
# | `hao_db2` | $\frac1N (q - \delta_m)$ | Hao (9) |
# | `hao_gate` | $1[D \ge 0]$ as the derivative of ReLU, at $D = 0$ | Hao (6), (7) |

# %% given id="galvan_hao_printed"
def galvan_hao_cases():
    """{name: case}; N = 3, p = 4, M = 2, K = 3; a graph of 5 units."""
    rng = np.random.default_rng(3)
    w = {(2, 0): 0.5, (2, 1): -1.0, (3, 2): 2.0, (3, 0): 1.5, (4, 3): 1.0, (4, 2): -0.5}
    phi_in = {0: 0.4, 1: -0.7}

    def through_graph(bumps):
        phi = dict(phi_in)
        for l in (2, 3, 4):
            phi[l] = np.tanh(bumps[l - 2] + sum(w[k, j] * phi[j] for k, j in w if k == l))
        return phi

    def of_graph(bumps):
        return 0.5 * (through_graph(bumps)[4] - 1) ** 2

    def deltas(bumps, P):
        phi = through_graph(bumps)
        slope = {l: 1 - phi[l] ** 2 for l in (2, 3, 4)}
        delta = {4: (phi[4] - 1) * slope[4], 0: 0.0, 1: 0.0}  # inputs have no part in it
        for l in (3, 2):
            terms = [delta.get(k, 0.0) * w.get((k, l), 0.0) for k in P(l)]
            delta[l] = slope[l] * sum(terms)
        return np.array([delta[l] for l in (2, 3, 4)])

    W2, W3 = rng.normal(size=(3, 2)), rng.normal(size=(2, 3))
    x, y = rng.normal(size=2), rng.normal(size=2)

    def of_levels(W2, a2=0.0):
        return 0.5 * ((W3 @ np.tanh(W2 @ x + a2) - y) ** 2).sum()

    phi2 = np.tanh(W2 @ x)
    back = W3.T @ (W3 @ phi2 - y)

    N, alpha, m = 3, 0.1, [0, 2, 1]
    X, one_hot = rng.normal(size=(N, 4)), np.eye(3)[m]
    p = {"W1": rng.normal(size=(4, 2)), "b1": rng.normal(size=2),
         "W2": rng.normal(size=(2, 3)), "b2": rng.normal(size=3)}  # fmt: skip

    def mean_of_c(c):
        c = c - c.real.max(axis=1, keepdims=True)
        return (np.log(np.exp(c).sum(axis=1)) - (c * one_hot).sum(axis=1)).sum() / N

    def of_hao(q):
        q = {**p, **q}
        D = X @ q["W1"] + q["b1"]
        penalty = 0.5 * alpha * ((q["W1"] ** 2).sum() + (q["W2"] ** 2).sum())
        return mean_of_c(np.where(D.real > 0, D, 0) @ q["W2"] + q["b2"]) + penalty

    D = X @ p["W1"] + p["b1"]
    h = np.maximum(D, 0)
    c = h @ p["W2"] + p["b2"]
    q = np.array([softmax(row) for row in c])
    q_m, dc = (q * one_hot).sum(axis=1, keepdims=True), q - one_hot
    dD = (D >= 0) * (dc @ p["W2"].T)
    norm = {name: np.sqrt((p[name] ** 2).sum()) for name in p}

    def by(name, gradient):
        return of_hao, lambda _: {name: gradient()}, {name: p[name]}, name

    zero = np.zeros(3)
    return {
        "galvan_6": (  # w_lk: the key begins with l
            of_graph, lambda a: deltas(a, lambda l: [k for i, k in w if i == l]), zero, "a"
        ),
        "galvan_7": (
            of_graph, lambda a: deltas(a, lambda l: [k for k, i in w if i == l]), zero, "a"
        ),
        "galvan_11": (of_levels, lambda W2: np.outer(back * (1 - phi2**2), x), W2, "W2"),
        "galvan_13": (lambda a: of_levels(W2, a), lambda a: back * np.tanh(back), zero, "a2"),
        "hao_dc": (lambda c: N * mean_of_c(c), lambda c: dc, c, "c"),
        "hao_chain": (
            lambda c: N * mean_of_c(c), lambda c: -one_hot / q * q_m * (one_hot - q), c, "c"
        ),
        "hao_dW1": by("W1", lambda: X.T @ dD / N + alpha * norm["W1"]),
        "hao_dW2": by("W2", lambda: h.T @ dc / N + alpha * norm["W2"]),
        "hao_db1": by("b1", lambda: dD / N),
        "hao_db2": by("b2", lambda: dc / N),
        "hao_gate": (
            lambda D: np.where(D.real > 0, D, 0).sum(), lambda D: 1.0 * (D >= 0), zero, "D"
        ),
    }  # fmt: skip


# %% [markdown]
# ### 4.1 Verdicts · 3 points
#
# Two notes in one table: for Galvan the loss is half a squared error, for Hao the mean
# cross-entropy of a batch of $N = 3$ with its penalty.

# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    """{name: (verdict, evidence)} for the eleven formulas of the table; verdicts: the three words.

    As printed in the notes (notes of Galvan, section 1, and of Hao, equations 6 to 9).
    """
    ### BEGIN SOLUTION
    return {
        "galvan_6": ("fails", 0.18),
        "galvan_7": ("holds", 0.0),
        "galvan_11": ("holds", 0.0),
        "galvan_13": ("fails", 0.66),
        "hao_dc": ("holds", 0.0),
        "hao_chain": ("fails", 0.82),
        "hao_dW1": ("fails", 0.39),
        "hao_dW2": ("fails", 0.69),
        "hao_db1": ("fails", np.inf),
        "hao_db2": ("fails", np.inf),
        "hao_gate": ("convention", 1.0),
    }
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Where a loss has a kink, how many derivatives does
# it have there?</details>
# <details><summary>Hint 2, the idea</summary>numpy adds a number to a matrix without complaint. Is that
# number the derivative of half the squared norm?</details>
# <details><summary>Hint 3, the shapes</summary>A bias has no axis for samples.</details>

# %% test id="test_galvan_hao_verdicts" points=3
"""Verdicts on Galvan's and Hao's formulas: the evidence, not the words"""
verdicts = galvan_hao_verdicts()
assert_evidence(verdicts, galvan_hao_cases())
### BEGIN HIDDEN TESTS
assert_all_right(verdicts, {
    "galvan_6": "fails", "galvan_7": "holds", "galvan_11": "holds", "galvan_13": "fails",
    "hao_dc": "holds", "hao_chain": "fails", "hao_dW1": "fails", "hao_dW2": "fails",
    "hao_db1": "fails", "hao_db2": "fails", "hao_gate": "convention",
})  # fmt: skip
### END HIDDEN TESTS

# %% [markdown]
# ### 4.2 Galvan's set P(l) · 2 points
#
# Equation (7) sums over the set that (6) defines. As printed:
#
# $$P(l) = \{\, k : \text{there is a link between } l \text{ and } k
#   \text{ with weight } w_{lk} \,\} \tag{6}$$

# %% solution id="fed_by"
def fed_by(w, l):
    """P(l), corrected: the set over which (7) sums        (note of Galvan, equation 6)

    w: dict {(k, j): weight of the link from j to k}; l: a unit.  Returns a sorted list of units.
    """
    ### BEGIN SOLUTION
    return sorted(k for k, j in w if j == l)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Equation (7) needs $\delta_k$. Which units' $\delta$ are known when that of l is computed?
# </details>
#
# <details><summary>Hint 2, the idea</summary>
#
# (7) multiplies by $w_{kl}$: that link must exist.
# </details>
#
# <details><summary>Hint 3, the shapes</summary>A list of units, empty for an output.</details>

# %% test id="test_fed_by" points=2
"""P(l), corrected"""
w = {(2, 0): 0.5, (2, 1): -1.0, (3, 2): 2.0, (3, 0): 1.5, (4, 3): 1.0, (4, 2): -0.5}
for l, right in {2: [3, 4], 0: [2, 3], 4: [], 3: [4]}.items():
    value = fed_by(w, l)
    printed = sorted(j for k, j in w if k == l)
    cause = "\nLikely cause: this is (6) as printed, the units that feed l." * (value == printed)
    assert value == right, (
        f"P({l}) is {right} here; you returned {value!r}.{cause}\n"
        "Next: a key (k, j) is a link from j to k; l has to be the unit it comes from."
    )
### BEGIN HIDDEN TESTS
rng = secret_rng("fed_by")
for units in (3, 6):
    links = [(int(k), int(j)) for k in range(units) for j in range(k) if rng.random() < 0.7]
    w = {links[i]: 1.0 for i in rng.permutation(len(links))}
    for l in range(units):
        right = [k for k in range(units) if (k, l) in w]
        value = assert_unchanged(fed_by, w, l)
        assert value == right, (
            f"P({l}) is {right} for the links {sorted(w)}; you returned {value!r}.\n"
            "Next: a key (k, j) is a link from j to k; l has to be the unit it comes from."
        )
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$P(l) = \{\, k : \text{there is a link from } l \text{ to } k, \text{ with weight } w_{kl} \,\}$$
#
# $a_k$ contains $\phi_l$ when $w_{kl}$ exists, and it is through these $a_k$ that $a_l$ changes the
# loss.
#
# </details>

# %% [markdown]
# ### 4.3 Galvan's $\Delta_i$ · 2 points
#
# The same step for a whole level. As printed:
#
# $$\Delta_i = W_{i+1}^T\, \Delta_{i+1} \circ \sigma(\Delta_i) \tag{13}$$

# %% solution id="layer_delta"
def layer_delta(W, delta, slope):
    """Δ_i, corrected                                      (note of Galvan, equation 13)

    W (p(i+1), p(i)): W_{i+1}; delta (p(i+1),): Δ_{i+1}; slope (p(i),): σ'(a_i).
    Returns Δ_i (p(i),).
    """
    ### BEGIN SOLUTION
    return (W.T @ delta) * slope
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>How can what is being computed be on the right of its
# own equation?</details>
# <details><summary>Hint 2, the idea</summary>(7) says what the last factor has to be.</details>
# <details><summary>Hint 3, the shapes</summary>The transpose takes p(i+1) numbers to p(i); then
# entry by entry.</details>

# %% test id="test_layer_delta" points=2
"""Δ of a level from that of the next"""
W, delta, slope = np.array([[1.1, 2.3], [3.2, 4.7]]), np.array([1.3, -0.7]), np.array([0.6, 0.9])
back = W.T @ delta
hints = {
    "this is (13) as printed: σ of W^T Δ in place of the slope": back * np.tanh(back),
    "the slope is missing": back,
    "the transpose of W is missing": W @ delta * slope,
}
value = assert_unchanged(layer_delta, W, delta, slope)
assert_array(value, np.array([-0.486, -0.27]), "Δ_i", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("layer_delta")
for m, n in [(2, 3), (1, 2), (4, 4), (3, 1)]:
    W, a, y = rng.normal(size=(n, m)), rng.normal(size=m), rng.normal(size=n)
    right = numerical_gradient(lambda a: 0.5 * ((W @ np.tanh(a) - y) ** 2).sum(), a)
    value = assert_unchanged(layer_delta, W, W @ np.tanh(a) - y, 1 - np.tanh(a) ** 2)
    assert_array(value, right, "Δ_i")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\Delta_i = \bigl(W_{i+1}^T\, \Delta_{i+1}\bigr) \circ \sigma'(\vec a_i)$$
#
# From $\vec a_i$ to $\vec a_{i+1} = W_{i+1}\, \sigma(\vec a_i)$: back through the matrix, then through
# $\sigma$ at the point where it was evaluated.
#
# </details>

# %% [markdown]
# ### 4.4 Hao's gradients with respect to weights · 2 points
#
# Equations (6) and (8) have one form: what goes into the layer, what comes back, and the derivative
# of the penalty $\frac\alpha2 \lVert W \rVert^2$. As printed:
#
# $$\frac{\partial L}{\partial W_1} = \frac1N\, x^T \frac{\partial L}{\partial D}
#   + \alpha \lVert W_1 \rVert \tag{6}$$
#
# (This is the first line of (6). The lines below it have lost a bracket, too, as in Domke's last box:
# the gate $1[D \ge 0]$ has to act before $x^T$ does.)

# %% solution id="weight_gradient"
def weight_gradient(A, back, W, alpha):
    """(1/N) Aᵀ back + the derivative of (α/2) ‖W‖², corrected (note of Hao, equations 6 and 8)

    A (N, m): what goes into the layer; back (N, n): the derivative of each sample's loss with
    respect to A W + b; W (m, n); alpha: number.  Returns dW (m, n).
    """
    ### BEGIN SOLUTION
    return A.T @ back / len(A) + alpha * W
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# What is the derivative of $\tfrac{\alpha}{2}(w_1^2 + w_2^2 + \dots)$ with respect to $w_1$?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A norm is one number. The derivative of its square has
# an entry for each weight.</details>
# <details><summary>Hint 3, the shapes</summary>Both terms (m, n). The penalty is not divided by
# N.</details>

# %% test id="test_weight_gradient" points=2
"""The gradient with respect to a weight matrix, penalty included"""
A, back = np.array([[1.2, 0.3], [3.1, 2.4], [-0.6, 1.7]]), np.array([[1.1], [-0.7], [0.4]])
W = np.array([[3.0], [4.0]])
data = np.array([[-1.09], [-0.67]]) / 3
hints = {
    "as printed: α times the norm of W, one number for all entries": data + 0.3 * 5.0,
    "the penalty is missing": data,
    "this has the derivative of ‖W‖; the loss has half its square": data + 0.3 * W / 5,
    "the penalty counts twice: the loss has α/2": data + 0.6 * W,
    "1/N is missing": 3 * data + 0.3 * W,
    "the penalty is divided by N, too": data + 0.1 * W,
}
value = assert_unchanged(weight_gradient, A, back, W, 0.3)
assert_array(value, data + 0.3 * W, "dL/dW", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("weight_gradient")
for N, m, n in [(1, 2, 3), (5, 3, 2), (4, 4, 4), (3, 1, 2)]:
    A, W, alpha, k = rng.normal(size=(N, m)), rng.normal(size=(m, n)), 0.3, rng.integers(n, size=N)

    def trusted_loss(W):
        c = A @ W
        total = sum(np.log(np.exp(row).sum()) - row[i] for row, i in zip(c, k))
        return total / N + 0.5 * alpha * (W**2).sum()

    back = np.array([softmax(row) for row in A @ W]) - np.eye(n)[k]
    value = assert_unchanged(weight_gradient, A, back, W, alpha)
    assert_array(value, numerical_gradient(trusted_loss, W), f"dL/dW, N = {N}")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\frac{\partial L}{\partial W} = \frac1N\, A^T\, \text{back} + \alpha W$$
#
# $\frac\alpha2 \lVert W \rVert^2 = \frac\alpha2 \sum_{jk} W_{jk}^2$ has the derivative $\alpha W_{jk}$ with
# respect to $W_{jk}$.
#
# </details>

# %% [markdown]
# ### 4.5 Hao's gradients with respect to biases · 2 points
#
# A bias acts on every sample of the batch. As printed, for the first layer:
#
# $$\frac{\partial L}{\partial b_1} = \frac1N \frac{\partial L}{\partial D} \tag{7}$$

# %% solution id="bias_gradient"
def bias_gradient(back):
    """dL/db, corrected                                    (note of Hao, equations 7 and 9)

    back (N, n): the derivative of each sample's loss with respect to A W + b.
    Returns db (n,).
    """
    ### BEGIN SOLUTION
    return back.sum(axis=0) / len(back)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>On how many samples does one bias act?</details>
# <details><summary>Hint 2, the idea</summary>What acts in many places gets the sum, here with
# 1/N.</details>
# <details><summary>Hint 3, the shapes</summary>(N, n) to (n,): the axis of samples
# goes.</details>

# %% test id="test_bias_gradient" points=2
"""The gradient with respect to a bias, over all samples of the batch"""
back = np.array([[1.1, 2.3], [3.2, -6.7], [-0.4, 1.1]])
hints = {
    "this is the sum; the loss is a mean: 1/N": [3.9, -3.3],
    "summed over the units, not over the samples": back.mean(axis=1),
    "divided by N twice": [1.3 / 3, -1.1 / 3],
}
value = assert_unchanged(bias_gradient, back)
if type(value) is np.ndarray and value.ndim == 2:
    raise AssertionError(
        f"dL/db has the shape {value.shape}, expected {(2,)}: there is still one row for each sample.\n"
        "Likely cause: this is (7) and (9) as printed.\nNext: sum over the samples."
    )
assert_array(value, np.array([1.3, -1.1]), "dL/db", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("bias_gradient")
for N, n in [(1, 3), (5, 2), (4, 4), (3, 1)]:
    c, b, k = rng.normal(size=(N, n)), rng.normal(size=n), rng.integers(n, size=N)
    back = np.array([softmax(row + b) for row in c]) - np.eye(n)[k]
    if n == 1:
        back = rng.normal(size=(N, 1))
        right = numerical_gradient(lambda b: ((c + b) * back).sum() / N, b)
    else:
        right = numerical_gradient(lambda b: sum(
            np.log(np.exp(row + b).sum()) - (row + b)[i] for row, i in zip(c, k)) / N, b)
    assert_array(assert_unchanged(bias_gradient, back), right, f"dL/db, N = {N}")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\frac{\partial L}{\partial b} = \frac1N \sum_{n=1}^N \text{back}_n$$
#
# One bias is added to every sample: a sum over all the places where it acts.
#
# </details>

# %% [markdown]
# <details><summary>And at D = 0? (Open it after your verdicts.)</summary>
#
# There is nothing to correct. The derivative from the left is 0, from the right 1. $1[D \ge 0]$ takes
# the second; PyTorch, TensorFlow and JAX take the first. Neither is "the" gradient; a note only has to
# say which it takes.
#
# </details>

# %% [markdown]
# ## 5 · Li · 9 points · 22 minutes
#
# | name | printed | where |
# |:--|:--|:--|
# | `eq_2` | $\sum_i (\hat y_i - y_i)\, \hat y_i (1 - \hat y_i)\, x_i$ for the squared loss | (2) |
# | `eq_5` | $\partial \sigma(z) / \partial W = \sigma(z)(1 - \sigma(z))\, x$ | (5) |
# | `eq_8` | $\sum_i (\hat y_i - y_i)\, x_i$ for the cross-entropy | (8) |
# | `yhat` | $\hat y = z_1 W^2 + b^2$ inside the logarithms (judged by whether $\hat y - y$ is the derivative of that loss with respect to $z_1 W^2 + b^2$) | section 2 |
# | `dW2` | $Z^T (Y - \hat Y)$ | (9) |
# | `db2` | $(y_0 - \hat y_0, \dots, y_9 - \hat y_9)$ | section 2 |
# | `dW1_column` | $[(y_0 - \hat y_0) \cdots (y_9 - \hat y_9)]\, [W^2_{0,0} \cdots W^2_{0,9}]^T \circ \delta_0$ with respect to the column $W^1_0$, one sample | section 3 |
# | `dW1` | $x\, [y - \hat y] * W^{2T} \circ \delta$ with respect to all of $W^1$, one sample | section 3 |
# | `hidden_layers` | the title of section 2: "Two hidden layers" | section 2 |
# | `last_unit` | the 512 hidden units of sample $n$ are $z_{n,0}, z_{n,1}, \dots, z_{n,512}$ | 2.1 |
#
# The last two are claims about sizes, in words. They hold or fail by counting; their evidence is `None`.

# %% given id="li_printed"
def li_cases():
    """{name: case}; N = 5, p = 3, M = 4, K = 2; two are claims in words."""
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(5, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    w = rng.normal(size=3)

    def squared(w):
        return 0.5 * ((sigmoid(X @ w) - y) ** 2).sum()

    def cross(w):
        s = sigmoid(X @ w)
        return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum()

    p = {"W1": rng.normal(size=(3, 4)), "W2": rng.normal(size=(4, 2)), "b2": rng.normal(size=2)}
    Y = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])

    def entropy(Yhat, Y):
        return -(Y * np.log(Yhat) + (1 - Y) * np.log(1 - Yhat)).sum()

    def of_net(q, rows):
        q = {**p, **q}
        return entropy(sigmoid(sigmoid(X[rows] @ q["W1"]) @ q["W2"] + q["b2"]), Y[rows])

    Z = sigmoid(X @ p["W1"])
    Yhat = sigmoid(Z @ p["W2"] + p["b2"])
    one = slice(0, 1)

    def by(name, gradient, rows):
        return lambda q: of_net(q, rows), lambda _: {name: gradient()}, {name: p[name]}, name

    def of_column(column):
        return of_net({"W1": np.column_stack([column, p["W1"][:, 1:]])}, one)

    def yhat(w):
        return sigmoid(X @ w)

    s, T = sigmoid(X @ w), rng.uniform(0.2, 0.8, size=2)  # T in (0, 1): its logarithm exists
    printed, slope = (Y - Yhat)[0], (Z * (1 - Z))[0]  # of the first sample; y - ŷ, as in print
    return {
        "eq_2": (squared, lambda w: ((yhat(w) - y) * yhat(w) * (1 - yhat(w))) @ X, w, "W"),
        "eq_5": (lambda w: sigmoid(X[0] @ w), lambda w: s[0] * (1 - s[0]) * X[0], w, "W"),
        "eq_8": (cross, lambda w: (yhat(w) - y) @ X, w, "W"),
        "yhat": (lambda T: entropy(T, Y[0]), lambda T: T - Y[0], T, "t2"),
        "dW2": by("W2", lambda: Z.T @ (Y - Yhat), slice(None)),
        "db2": by("b2", lambda: printed, one),
        "dW1_column": (of_column, lambda _: printed @ p["W2"][0] * slope[0], p["W1"][:, 0], "W1_0"),
        "dW1": by("W1", lambda: np.outer(X[0], printed) @ p["W2"].T * slope, one),
        "hidden_layers": "W1 is 3072 x 512 and W2 is 512 x 10: a network with two hidden layers.",
        "last_unit": "512 hidden units for each sample n: z_n,0 is the first, z_n,512 the last.",
    }


# %% [markdown]
# ### 5.1 Verdicts · 3 points
#
# A gradient with the wrong sign has the right shape and the right size. The report gives a ratio;
# look at it before you decide.

# %% solution id="li_verdicts"
def li_verdicts():
    """{name: (verdict, evidence)} for the ten claims of the table; verdicts: the three words.

    As printed in the note (note, sections 1, 2 and 3).
    """
    ### BEGIN SOLUTION
    return {
        "eq_2": ("holds", 0.0),
        "eq_5": ("holds", 0.0),
        "eq_8": ("holds", 0.0),
        "yhat": ("fails", 0.78),
        "dW2": ("fails", 2.0),
        "db2": ("fails", 2.0),
        "dW1_column": ("fails", np.inf),
        "dW1": ("fails", 2.0),
        "hidden_layers": ("fails", None),
        "last_unit": ("fails", None),
    }
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>A layer is hidden when it is neither input nor
# output. How many matrices does a network with two of them have?</details>
# <details><summary>Hint 2, the idea</summary>Read the ratios in the reports: what does -1
# mean?</details>
# <details><summary>Hint 3, the shapes</summary>From 0 to 512, how many numbers are
# there?</details>

# %% test id="test_li_verdicts" points=3
"""Verdicts on Li's formulas and sizes: the evidence, not the words"""
verdicts = li_verdicts()
assert_evidence(verdicts, li_cases())
### BEGIN HIDDEN TESTS
assert_all_right(verdicts, {
    "eq_2": "holds", "eq_5": "holds", "eq_8": "holds", "yhat": "fails", "dW2": "fails",
    "db2": "fails", "dW1_column": "fails", "dW1": "fails", "hidden_layers": "fails",
    "last_unit": "fails",
})  # fmt: skip
### END HIDDEN TESTS

# %% [markdown]
# ### 5.2 The outputs · 2 points
#
# The loss takes the logarithms of $\hat y$ and of $1 - \hat y$. As printed:
#
# $$\hat y = z_1 W^2 + b^2$$

# %% solution id="li_outputs"
def li_outputs(Z, W2, b2):
    """Ŷ, corrected                                        (note, section 2)

    Z (N, M), W2 (M, K), b2 (K,).  Returns Yhat (N, K), which may go into log.
    """
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-(Z @ W2 + b2)))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>
#
# Between which two numbers must $\hat y$ lie, so that $\log\hat y$ and $\log(1 - \hat y)$ both
# exist?
# </details>
#
# <details><summary>Hint 2, the idea</summary>A few lines later the note has it right.</details>
# <details><summary>Hint 3, the shapes</summary>(N, M)(M, K) → (N, K).</details>

# %% test id="test_li_outputs" points=2
"""Ŷ: numbers between 0 and 1"""
Z, W2, b2 = np.array([[1.0, 0.0], [1.0, 1.0]]), np.log([[3.0, 0.5], [2.0, 0.7]]), np.log([1.0, 1.5])
odds = np.array([[3.0, 0.75], [6.0, 0.525]])  # exp(Z W2 + b2)
hints = {
    "this is Z W2 + b2, as printed: it can be negative, and its logarithm is taken next": (
        Z @ W2 + b2
    ),
    "the sign inside exp": 1 / (1 + odds),
    "b2 is added outside; it belongs inside σ": 1 / (1 + np.exp(-(Z @ W2))) + b2,
    "this is a softmax: the outputs of a row sum to 1; here each is a sigmoid of its own": (
        odds / odds.sum(axis=1, keepdims=True)
    ),
}
value = assert_unchanged(li_outputs, Z, W2, b2)
assert_array(value, odds / (1 + odds), "Ŷ", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("li_outputs")
for N, M, K in [(1, 2, 3), (4, 1, 2), (5, 3, 3)]:
    Z, W2, b2 = rng.uniform(size=(N, M)), rng.normal(size=(M, K)), rng.normal(size=K)
    T = np.einsum("nm,mk->nk", Z, W2) + b2
    assert_array(assert_unchanged(li_outputs, Z, W2, b2), np.exp(T) / (1 + np.exp(T)), "Ŷ")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$\hat Y = \sigma(Z W^2 + b^2)$$
#
# Only then is $0 < \hat y < 1$, and only then is $\hat y - y$ the derivative of the loss with respect to
# $Z W^2 + b^2$.
#
# </details>

# %% [markdown]
# ### 5.3 The output layer · 2 points
#
# For a batch, as printed, and $db^2$ for one sample:
#
# $$dW^2 = Z^T * (Y - \hat Y) \tag{9}$$
# $$db^2 = \begin{bmatrix} y_0 - \hat y_0 & \cdots & y_9 - \hat y_9 \end{bmatrix}$$
#
# Write both for a batch.

# %% solution id="li_output_gradients"
def li_output_gradients(Z, Y, Yhat):
    """dW2 and db2, corrected                              (note, section 2 and equation 9)

    Z (N, M), Y (N, K), Yhat (N, K); the loss is summed over samples and classes.
    Returns dW2 (M, K), db2 (K,).
    """
    ### BEGIN SOLUTION
    return Z.T @ (Yhat - Y), (Yhat - Y).sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Does the loss grow or shrink along what (9)
# prints?</details>
# <details><summary>Hint 2, the idea</summary>Equation (8) of the same note is right.</details>
# <details><summary>Hint 3, the shapes</summary>(M, N)(N, K) → (M, K); db2 has lost the
# N.</details>

# %% test id="test_li_output_gradients" points=2
"""dW2 and db2, of a batch"""
Z, Y = np.array([[0.9, 0.4], [0.6, 0.3]]), np.array([[1.0], [0.0]])
Yhat = np.array([[0.7], [0.2]])
right = (np.array([[-0.15], [-0.06]]), np.array([-0.1]))
hints = {
    "the sign: this is Y - Ŷ, as printed": (-right[0], -right[1]),
    "this is the mean; the loss is a sum": (right[0] / 2, right[1] / 2),
}
value = assert_unchanged(li_output_gradients, Z, Y, Yhat)
assert_gradients(value, right, ("dW2", "db2"), hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("li_output_gradients")
for N, M, K in [(1, 2, 3), (4, 1, 2), (5, 3, 3)]:
    Z, W2, b2 = rng.uniform(size=(N, M)), rng.normal(size=(M, K)), rng.normal(size=K)
    Y = rng.integers(2, size=(N, K)).astype(float)

    def trusted_loss(W2, b2):
        T = Z @ W2 + b2
        return (np.log(1 + np.exp(T)) - Y * T).sum()

    right = (
        numerical_gradient(lambda W2: trusted_loss(W2, b2), W2),
        numerical_gradient(lambda b2: trusted_loss(W2, b2), b2),
    )
    value = assert_unchanged(li_output_gradients, Z, Y, sigmoid(Z @ W2 + b2))
    assert_gradients(value, right, ("dW2", "db2"))
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$dW^2 = Z^T (\hat Y - Y), \qquad db^2 = \sum_n (\hat y_n - y_n)$$
#
# Equation (8) of the same note with $z$ for $x$, once for each output.
#
# </details>

# %% [markdown]
# ### 5.4 The hidden layer, of a batch · 2 points
#
# The note ends before it gets here. Its last formula is for one sample:
#
# $$\frac{\partial \mathcal L}{\partial W^1}
#   = x \begin{bmatrix} y_0 - \hat y_0 & \cdots & y_9 - \hat y_9 \end{bmatrix} * W^{2T}
#   \circ \begin{bmatrix} \delta_0 & \cdots & \delta_{511} \end{bmatrix}$$
#
# Correct it, and go on from one sample to a batch.

# %% solution id="li_dW1"
def li_dW1(X, Z, W2, Y, Yhat):
    """dW1 of a batch, corrected                           (note, section 3)

    X (N, p), Z (N, M) = σ(X W1 + b1), W2 (M, K), Y (N, K), Yhat (N, K).  Returns dW1 (p, M).
    """
    ### BEGIN SOLUTION
    return X.T @ (((Yhat - Y) @ W2.T) * Z * (1 - Z))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1, a question</summary>Which of the factors live on hidden units, and how
# does the input come in?</details>
# <details><summary>Hint 2, the idea</summary>First bring the error back through W2, then through
# the slope, then meet X.</details>
# <details><summary>Hint 3, the shapes</summary>(N, K)(K, M) → (N, M), entry by entry, then
# (p, N)(N, M) → (p, M).</details>

# %% test id="test_li_dW1" points=2
"""dW1, of a batch"""
X, Z = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.5, 0.5], [0.5, 0.25]])
W2, Y, Yhat = np.array([[4.0], [8.0]]), np.array([[0.0], [1.0]]), np.array([[0.5], [0.5]])
right = np.array([[0.5, 1.0], [0.5, 1.25]])
hints = {
    "the sign: this has Y - Ŷ, as printed": -right,
    "the slope Z (1 - Z) is missing": X.T @ ((Yhat - Y) @ W2.T),
    "this is the mean; the loss is a sum": right / 2,
}
assert_array(assert_unchanged(li_dW1, X, Z, W2, Y, Yhat), right, "dW1", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("li_dW1")
for N, p, M, K in [(1, 2, 3, 2), (4, 3, 1, 2), (5, 3, 3, 3), (3, 1, 4, 2)]:
    X, W1, W2 = rng.normal(size=(N, p)), rng.normal(size=(p, M)), rng.normal(size=(M, K))
    Y = rng.integers(2, size=(N, K)).astype(float)

    def trusted_loss(W1):
        T = (1 / (1 + np.exp(-X @ W1))) @ W2
        return (np.log(1 + np.exp(T)) - Y * T).sum()

    Z = sigmoid(X @ W1)
    value = assert_unchanged(li_dW1, X, Z, W2, Y, sigmoid(Z @ W2))
    assert_array(value, numerical_gradient(trusted_loss, W1), f"dW1, N = {N}")
### END HIDDEN TESTS

# %% [markdown]
# <details><summary>The corrected line, with its derivation</summary>
#
# $$dW^1 = X^T \Bigl(\bigl((\hat Y - Y)\, W^{2T}\bigr) \circ Z \circ (1 - Z)\Bigr)$$
#
# Back through $W^2$, through the sigmoid, then $X^T$: the product sums over the samples. In print the
# sign is wrong, and the batch is missing.
#
# </details>

# %% [markdown]
# ## 6 · What it costs · 4 points · 11 minutes
#
# All printed gradients at a glance: how far is each from the derivative, relative to the largest
# entry? (`measure` again.) **Before you run it:** will there be formulas that are a little wrong?

# %% experiment id="figure_all_formulas"
"""Figure: the error of every printed formula"""
PRINTED = {  # the printed left-hand sides, in each note's own letters
    "Domke": {
        "loss": r"$L(y, f)$", "dL_df": r"$dL/df$", "average": "average loss", "dL_dc": r"$dL/dc$",
        "dL_dV": r"$dL/dV$", "dL_db": r"$dL/db$", "dL_dW": r"$dL/dW$",
    },
    "Gutfreund": {
        "dyhat": r"$dL/d\hat y$", "softmax": r"$d\hat y/dz_k$", "dz": r"$dL/dz$",
        "dU": r"$dL/dU$", "dbhat": r"$dL/d\hat b$", "db_first": r"$dL/db$, second line",
        "db_second": r"$dL/db$, last line", "dW": r"$dL/dW$",
        "product_form": r"$dL/db^{(i)}$, product", "recursion": r"$dL/db^{(i)}$, programming",
    },
    "": {
        "galvan_6": r"Galvan (6)  $P(l)$", "galvan_7": r"Galvan (7)  $\delta_l$",
        "galvan_11": r"Galvan (11)  $\partial L/\partial W_i$",
        "galvan_13": r"Galvan (13)  $\Delta_i$", "hao_dc": r"Hao (6)  $\partial L/\partial c$",
        "hao_chain": r"Hao (6)  $\partial L/\partial c$, line 4",
        "hao_dW1": r"Hao (6)  $\partial L/\partial W_1$",
        "hao_dW2": r"Hao (8)  $\partial L/\partial W_2$",
        "hao_db1": r"Hao (7)  $\partial L/\partial b_1$",
        "hao_db2": r"Hao (9)  $\partial L/\partial b_2$",
    },
    "Li": {
        "eq_2": r"(2)  $\partial L/\partial W$", "eq_5": r"(5)  $\partial\sigma/\partial W$",
        "eq_8": r"(8)  $\partial L/\partial W$", "yhat": r"$\hat y$", "dW2": r"(9)  $dW^2$",
        "db2": r"$db^2$", "dW1_column": r"$\partial L/\partial W^1_0$",
        "dW1": r"$\partial L/\partial W^1$",
    },
}  # fmt: skip
rows = [
    (f"{note}  {PRINTED[note][name]}".strip(), measure(case))
    for note, cases in zip(PRINTED, [domke_cases(), gutfreund_cases(), galvan_hao_cases(), li_cases()])
    for name, case in cases.items()
    if not isinstance(case, str) and name != "hao_gate"  # no single derivative to compare with
]
fig, ax = plt.subplots(figsize=(7, 7.6), layout="constrained")
for row, (_, error) in enumerate(rows):
    fits, right = np.isfinite(error), error < 1e-6
    ax.plot(
        max(error, 1e-17) if fits else 1e3, row,
        "o" if right else "s" if fits else "X",
        color="#0072B2" if right else "#D55E00" if fits else "black",
    )  # fmt: skip
for marker, colour, label in [
    ("o", "#0072B2", "agrees with the derivative"),
    ("s", "#D55E00", "does not"),
    ("X", "black", "does not even have its shape"),
]:
    ax.plot([], [], marker, color=colour, label=label)
ax.legend(loc="center", bbox_to_anchor=(0.42, 0.5))
ax.set_xscale("log")
ax.set_yticks(range(len(rows)), [label for label, _ in rows], fontsize=8)
ax.invert_yaxis()
ax.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1, 1e3], ["1e-16", "1e-12", "1e-8", "1e-4", "1", "no fit"])
ax.set_xlabel("largest error, relative to the largest entry")
ax.set_title("Printed formulas: right to rounding, or plainly wrong")
ax.grid(axis="x", alpha=0.3)
plt.show()

# %% [markdown]
# Nothing lies between rounding and plainly wrong. For misprints, then, a loose tolerance does almost
# as well as a strict one. It would not catch a lost digit, though.
#
# Would you have noticed without a check? Below, a tanh network with three hidden layers learns
# digits from four gradients: the right one, Gutfreund's recursion as printed, Hao's norm in the
# place of a matrix, and Li's sign. **Before you run it:** which of the three misprints gives itself
# away?

# %% experiment id="figure_would_you_notice"
"""Figure: training with three of the misprints"""
digits = datasets.load_digits()
images, targets = digits.data[:600] / 16, datasets.one_hot(digits.target[:600], 10)


def descend(kind, steps=600, step_size=0.15, alpha=1e-3):
    """Mean cross-entropy before each step of gradient descent with one of four gradients."""
    rng = np.random.default_rng(0)
    sizes, losses = [64, 32, 32, 32, 10], []
    Ws = [rng.normal(size=(m, n)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:])]
    for _ in range(steps):
        As = [images]
        for W in Ws[:-1]:
            As.append(np.tanh(As[-1] @ W))
        scores = As[-1] @ Ws[-1]
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        losses.append(-(targets * scores).sum() / len(images))
        back = (np.exp(scores) - targets) / len(images)
        if kind == "Li: the sign":
            back = -back
        gradients = []
        for i in reversed(range(len(Ws))):
            slope = 1 - As[i + 1] ** 2 if i < len(Ws) - 1 else 1.0
            if kind != "Gutfreund: slope after the gradient":
                back = back * slope
            penalty = np.sqrt((Ws[i] ** 2).sum()) if kind == "Hao: α times a norm" else Ws[i]
            gradients.insert(0, As[i].T @ back + alpha * penalty)
            if kind == "Gutfreund: slope after the gradient":
                back = back * slope
            back = back @ Ws[i].T
        Ws = [W - step_size * g for W, g in zip(Ws, gradients)]
    return losses


fig, ax = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
for kind, colour, style in [
    ("right", "#0072B2", "-"),
    ("Gutfreund: slope after the gradient", "#E69F00", "--"),
    ("Hao: α times a norm", "#009E73", "-."),
    ("Li: the sign", "#D55E00", ":"),
]:
    ax.semilogy(descend(kind), style, color=colour, label=kind)
ax.set_ylim(0.02, 30)
ax.set_xlabel("steps")
ax.set_ylabel("mean cross-entropy")
ax.set_title("One misprint shows at once, one late, one never")
ax.legend(frameon=False, fontsize=8)
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# The sign is noticed at once. The norm pushes all weights the same way, a little at each step: the
# network learns, then forgets, and you would look for the bug anywhere but in the gradient. The
# recursion that leaves out each layer's own slope does as well as the right one here. It would have
# stayed in your code for good.

# %% manual [markdown] id="how_to_check" points=4
# **In your own words.** (a) The loss goes down in training. Why is that no evidence that the
# gradient is right? Name two misprints of this notebook with which it would go down. (b) You may
# check a gradient once, at one point, with sizes of your choice. Which sizes, which point, and
# which tolerance do you take, so that as many of this notebook's misprints as possible are caught?
#
# ### BEGIN SOLUTION
# (a) Descent only needs a direction within 90 degrees of the gradient, and a wrong direction often
# is. Examples: the recursion without a layer's own slope (all slopes are positive), a mean in place
# of a sum (another step size), a constant added to the gradient by $\alpha$ times a norm as long as
# $\alpha$ is small, $\sigma'$ on columns.
#
# (b) All sizes different ($N, p, M, K$, and none of them 1), so that transposed or unbracketed
# products fail by shape; more than one layer of hidden units, so that slopes of inner layers count;
# a random point away from zeros and kinks, with $\alpha$ not small; a tolerance near rounding,
# relative to the largest entry, say $10^{-7}$ for central differences. Sizes that are equal should
# be tried once as well: there wrong code runs silently, and a check is all that is left.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: (a) any direction with a positive product with the gradient descends. 1 point: two
# fitting misprints. 1 point: (b) different sizes, with the reason. 1 point: a random point away
# from kinks and a relative tolerance near rounding; an absolute tolerance earns nothing.
# ### END MARK SCHEME

# %% [markdown]
# ## Three problems for paper
#
# Not graded. Work them out on paper, type the answers in, and let the cell below them say whether
# they are right.
#
# 1. *The loss that Domke printed.* $L = -f_y + \log \sum_k f_k$ is a loss, too, for positive scores.
#    What is its derivative with respect to $f$?
# 2. *The penalty that Hao printed.* $\alpha \lVert W \rVert$ as a term of a gradient is wrong. But what
#    is the gradient of the penalty $\alpha \lVert W \rVert$ itself (the norm, not squared)?
# 3. *A misprint that no check of shapes can see.* Let $M = p > 1$. For which $x$ does the form of Domke's
#    last box without brackets, $\sigma' \odot (u\, x^T)$ with $\sigma'$ along the columns, equal the right
#    one for *every* $u$, if all $\sigma'$ differ? Give the number of nonzero entries that $x$ may have.

# %% solution id="on_paper"
def on_paper():
    """Your three answers. Ungraded.

    Returns a list: df(y, f) -> (K,); dW(W, alpha) -> like W; a number.
    """
    ### BEGIN SOLUTION
    return [
        lambda y, f: 1 / f.sum() - np.eye(len(f))[y],
        lambda W, alpha: alpha * W / np.sqrt((W**2).sum()),
        0,
    ]
    ### END SOLUTION


# %% experiment id="check_on_paper"
"""The three problems for paper"""


def check_on_paper():
    """Hold the answers against the losses, and against trying all patterns of zeros."""
    df, dW, nonzero = on_paper()
    f, W = np.array([0.5, 2.0, 1.5]), np.array([[3.0, 1.0], [-2.0, 0.5]])
    assert_derivative(df(1, f), lambda f: np.log(f.sum()) - f[1], f, "problem 1", of="L", wrt="f")
    assert_derivative(
        dW(W, 0.3), lambda W: 0.3 * np.sqrt((W**2).sum()), W, "problem 2", of="the penalty", wrt="W"
    )
    slope, ones = np.array([0.25, 0.5, 0.75]), np.ones(3)
    same = [
        pattern for pattern in np.ndindex(2, 2, 2)
        if all(
            np.allclose(slope * np.outer(u, pattern), slope[:, None] * np.outer(u, pattern))
            for u in (ones, np.array([1.0, 0.0, 2.0]))
        )
    ]  # fmt: skip
    assert nonzero == max(map(sum, same)), "problem 3: compare entry (j, l) of the two forms."


check_on_paper()

# %% [markdown]
# ## What to remember
#
# - **Print is not proof.** Five careful people, and formulas that fail in each of their notes. Not one
#   of these survives a single gradient check.
# - **A check needs two sides.** It says that loss and gradient do not belong together, never which
#   of the two is wrong. Domke's loss was wrong, not his box.
# - **Shapes are the first check and the weakest.** They catch a missing transpose until two sizes
#   happen to be equal.
# - **Some disagreements are conventions.** A sum or a mean, $1[D \ge 0]$ or $1[D > 0]$: choose, and
#   write it down.
#
# **Further reading.** The five notes themselves, with a pencil; [CS231n on gradient checks](https://cs231n.github.io/neural-networks-3/#gradcheck);
# Goodfellow, Bengio and Courville, [*Deep Learning*, chapter 11.5 on
# debugging](https://www.deeplearningbook.org/contents/guidelines.html); Karpathy, [*A recipe for
# training neural networks*](https://karpathy.github.io/2019/04/25/recipe/); Baydin et al., [*Automatic
# differentiation in machine learning: a survey*](https://arxiv.org/abs/1502.05767).
#
# **Next:** assignment 8, in which about 60 lines of your own compute every gradient of this course. And
# then take a formula from the next paper you read, write its loss in five lines, and check it.
