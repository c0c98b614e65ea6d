"""The 1/2 of the loss kept in the gradient.

loses: test_squared_gradient
says: cancels against the 2
"""
# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    dz = (s - y) * s * (1 - s)
    return 0.5 * X.T @ dz, 0.5 * dz.sum()
