"""The sum of each row as (N,), lined up with the columns; it runs when N = K.

loses: test_softmax
says: keepdims
"""
# %% solution id="softmax"
def softmax(c):
    e = np.exp(c - c.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)
