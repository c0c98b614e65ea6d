"""Rows and columns exchanged.

loses: test_softmax
says: each column was divided by its sum
"""
# %% solution id="softmax"
def softmax(c):
    e = np.exp(c)
    return e / e.sum(axis=0)
