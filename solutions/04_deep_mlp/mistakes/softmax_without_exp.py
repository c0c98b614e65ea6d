"""Scores divided by their sum.

loses: test_softmax
says: without exp
"""
# %% solution id="softmax"
def softmax(z):
    return z / z.sum()
