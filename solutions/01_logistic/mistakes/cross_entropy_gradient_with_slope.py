"""σ' kept, although it has cancelled.

loses: test_cross_entropy_gradient
says: σ' has cancelled
"""
# %% solution id="cross_entropy_gradient"
def cross_entropy_gradient(s, y, X):
    dz = (s - y) * s * (1 - s)
    return X.T @ dz, dz.sum()
