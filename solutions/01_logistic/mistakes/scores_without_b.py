"""The bias forgotten.

loses: test_scores
says: b is missing
"""
# %% solution id="scores"
def scores(W, b, X):
    return X @ W
