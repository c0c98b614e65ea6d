"""The terms of the zeros forgotten, as in a softmax's cross-entropy.

loses: test_cross_entropy
says: the terms with 1 - y are missing
"""
# %% solution id="cross_entropy"
def cross_entropy(z, y):
    return (y * np.logaddexp(0, -z)).sum()
