"""The sum over the outputs forgotten: the term of output 0 alone.

loses: test_dW1_column
says: sum over k
"""
# %% solution id="dW1_column"
def dW1_column(W2, x, z, y, yhat, j):
    return (yhat[0] - y[0]) * W2[j, 0] * z[j] * (1 - z[j]) * x
