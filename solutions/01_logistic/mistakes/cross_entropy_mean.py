"""The mean over the examples.

loses: test_cross_entropy
says: mean over the examples
"""
# %% solution id="cross_entropy"
def cross_entropy(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)
