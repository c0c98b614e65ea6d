"""The loss of independent sigmoids in the place of softmax's.

loses: test_cross_entropy
says: another loss
"""
# %% solution id="cross_entropy"
def cross_entropy(y, yhat):
    inside = (yhat > 0) & (yhat < 1)
    y, yhat = y[inside], yhat[inside]
    return -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat)).sum()
