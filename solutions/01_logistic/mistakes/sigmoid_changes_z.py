"""Clips the caller's scores in place.

loses: test_sigmoid
says: changed its argument
"""
# %% solution id="sigmoid"
def sigmoid(z):
    sign = np.where(z >= 0, 1, -1)
    z *= -sign
    small = np.exp(z)
    return np.where(sign > 0, 1, small) / (1 + small)
