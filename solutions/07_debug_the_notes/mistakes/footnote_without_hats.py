"""The Jacobian from y.

loses: test_footnote
says: the hats are missing
"""
# %% solution id="footnote"
def footnote(y, yhat):
    return -y / yhat, np.diag(y) - np.outer(y, y)
