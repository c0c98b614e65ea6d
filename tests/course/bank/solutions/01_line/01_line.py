# %% [markdown]
# # A line through the origin
#
# With the loss $L = \frac12 \sum_i (w x_i - y_i)^2$ the derivative is
# $dL/dw = \sum_i (w x_i - y_i)\, x_i$.

# %% given id="imports"
import matplotlib.pyplot as plt
import numpy as np

# %% solution id="line_loss"
def line_loss(w, x, y):
    """L = 1/2 sum (w x - y)^2; w a number, x (n,), y (n,) -> a number."""
    ### BEGIN SOLUTION
    return 0.5 * np.sum((w * x - y) ** 2)
    ### END SOLUTION

# %% test id="test_line_loss" points=1
"""The loss of a line."""
assert line_loss(2.0, np.array([1.0]), np.array([1.0])) == 0.5, "one half of a square: L = 1/2"
### BEGIN HIDDEN TESTS
for n in (1, 5):
    assert line_loss(1.0, np.ones(n), np.zeros(n)) == n / 2, "the sum over all samples, not a mean"
### END HIDDEN TESTS

# %% [markdown]
# Now its derivative.

# %% solution id="dL_dw"
def dL_dw(w, x, y):
    """dL/dw = sum (w x - y) x; shapes as above."""
    ### BEGIN SOLUTION
    return np.sum((w * x - y) * x)
    ### END SOLUTION

# %% test id="test_dL_dw" points=2
"""The derivative of the loss."""
x, y = np.array([1.0, 3.0]), np.array([0.0, 2.0])
assert np.isclose(dL_dw(1.0, x, y), 4.0), "dL/dw = sum (w x - y) x: is the factor x there?"
### BEGIN HIDDEN TESTS
x = np.array([-2.0, 0.5, 4.0])
assert np.isclose(dL_dw(0.5, x, -x), 1.5 * x @ x), "dL/dw = sum (w x - y) x: compare the sign"
### END HIDDEN TESTS

# %% experiment id="figure_loss"
w = np.linspace(-1, 3, 50)
plt.plot(w, [line_loss(value, np.ones(3), np.ones(3)) for value in w])
plt.xlabel("w")
plt.ylabel("L");

# %% manual [markdown] id="why" points=3
# Why is the loss a parabola in w?
#
# ### BEGIN SOLUTION
# It is a sum of squares of functions that are linear in w.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point for linear, 2 points for the square.
# ### END MARK SCHEME
