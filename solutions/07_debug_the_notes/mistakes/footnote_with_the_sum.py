"""The sum over k is kept.

loses: test_footnote
says: the sum is in every entry
"""
# %% solution id="footnote"
def footnote(y, yhat):
    return np.full(len(y), -(y / yhat).sum()), np.diag(yhat) - np.outer(yhat, yhat)
