"""0 log 0 computed as it stands: NaN.

loses: test_cross_entropy
says: 0 times log 0
"""
# %% solution id="cross_entropy"
def cross_entropy(y, yhat):
    return -(y * np.log(yhat)).sum()
