"""No shift.

loses: test_softmax
says: overflow encountered in exp
"""
# %% solution id="softmax"
def softmax(c):
    e = np.exp(c)
    return e / e.sum(axis=1, keepdims=True)
