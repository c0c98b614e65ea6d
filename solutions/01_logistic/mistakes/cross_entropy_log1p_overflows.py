"""log(1 + exp(z)) with the large exponent left inside.

loses: test_cross_entropy
says: overflow encountered in exp
"""
# %% solution id="cross_entropy"
def cross_entropy(z, y):
    return (np.log1p(np.exp(z)) - y * z).sum()
