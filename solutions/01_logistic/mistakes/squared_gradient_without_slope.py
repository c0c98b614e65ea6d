"""σ' forgotten: the gradient of the other loss.

loses: test_squared_gradient
says: σ' = ŷ (1 - ŷ) is missing
"""
# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    dz = s - y
    return X.T @ dz, dz.sum()
