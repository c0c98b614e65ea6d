"""The logarithms of rounded predictions.

loses: test_cross_entropy
says: divide by zero encountered in log
"""
# %% solution id="cross_entropy"
def cross_entropy(z, y):
    small = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, small) / (1 + small)
    return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum()
