"""Whole scores make a buffer of whole numbers.

loses: test_sigmoid
says: whole numbers
"""
# %% solution id="sigmoid"
def sigmoid(z):
    s = np.zeros_like(z)
    up = z >= 0
    s[up] = 1 / (1 + np.exp(-z[up]))
    s[~up] = np.exp(z[~up]) / (1 + np.exp(z[~up]))
    return s
