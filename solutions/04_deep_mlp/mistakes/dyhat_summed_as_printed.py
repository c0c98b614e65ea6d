"""The printed line taken at its word: one sum for all entries.

loses: test_dL_dyhat
says: nothing is summed
"""
# %% solution id="dL_dyhat"
def dL_dyhat(y, yhat):
    counts = y > 0
    return np.full(len(y), -(y[counts] / yhat[counts]).sum())
