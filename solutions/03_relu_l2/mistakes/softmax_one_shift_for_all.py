"""The largest score of the batch taken out of every row.

loses: test_softmax
says: one shift for all rows
"""
# %% solution id="softmax"
def softmax(c):
    e = np.exp(c - c.max())
    return e / e.sum(axis=1, keepdims=True)
