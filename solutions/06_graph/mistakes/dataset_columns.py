"""Pairs of columns: samples and features exchanged.

loses: test_dataset
says: this is a column of X
"""
# %% solution id="dataset"
def dataset(X, Y):
    return [(X[:, i % X.shape[1]], Y[:, 0]) for i in range(len(X))]
