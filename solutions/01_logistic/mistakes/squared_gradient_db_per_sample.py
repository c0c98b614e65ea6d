"""∂L/∂b not summed over the examples.

loses: test_squared_gradient
says: expected a single number
"""
# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    dz = (s - y) * s * (1 - s)
    return X.T @ dz, dz
