"""The slope of the hidden units left out, for one sample.

loses: test_hidden_one
says: the slopes δ are missing
"""
# %% solution id="hidden_one"
def hidden_one(W2, x, z, y, yhat):
    db1 = W2 @ (yhat - y)
    return np.outer(x, db1), db1
