"""The sign in the exponent lost.

loses: test_sigmoid
says: this is σ(-z)
"""
# %% solution id="sigmoid"
def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z < 0, 1, small) / (1 + small)
