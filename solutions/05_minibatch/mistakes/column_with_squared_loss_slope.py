"""The slope of the output, which cancels here, kept.

loses: test_dW2_column
says: belongs to a squared loss
"""
# %% solution id="dW2_column"
def dW2_column(z, y, yhat, i):
    return (yhat[i] - y[i]) * yhat[i] * (1 - yhat[i]) * z
