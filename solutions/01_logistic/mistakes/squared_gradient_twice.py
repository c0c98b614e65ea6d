"""The 2 of the square kept, the 1/2 of the loss forgotten.

loses: test_squared_gradient
says: the factor 1/2 of (1)
"""
# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    dz = 2 * (s - y) * s * (1 - s)
    return X.T @ dz, dz.sum()
