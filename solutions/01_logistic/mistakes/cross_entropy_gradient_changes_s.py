"""Subtracts the labels in the caller's predictions.

loses: test_cross_entropy_gradient
says: in place
"""
# %% solution id="cross_entropy_gradient"
def cross_entropy_gradient(s, y, X):
    s -= y
    return X.T @ s, s.sum()
