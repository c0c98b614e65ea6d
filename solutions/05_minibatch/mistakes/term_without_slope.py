"""The link through the sigmoid left out.

loses: test_dW1_term
says: the slope δ_j is missing
"""
# %% solution id="dW1_term"
def dW1_term(W2, x, z, y, yhat, j, k):
    return (yhat[k] - y[k]) * W2[j, k] * x
