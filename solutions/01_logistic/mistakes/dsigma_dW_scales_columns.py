"""A plain (n,) is lined up with the columns; it runs when n = p.

loses: test_dsigma_dW
says: scale the columns
"""
# %% solution id="dsigma_dW"
def dsigma_dW(s, X):
    return s * (1 - s) * X
