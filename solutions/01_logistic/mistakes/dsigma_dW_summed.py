"""Summed over the examples too early.

loses: test_dsigma_dW
says: shape (2,), expected (2, 2)
"""
# %% solution id="dsigma_dW"
def dsigma_dW(s, X):
    return X.T @ (s * (1 - s))
