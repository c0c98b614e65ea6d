"""Predictions clipped to keep the logarithm finite.

loses: test_cross_entropy
says: clipped at 1e-12
"""
# %% solution id="cross_entropy"
def cross_entropy(z, y):
    small = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, small) / (1 + small)
    s = np.clip(s, 1e-12, 1 - 1e-12)
    return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum()
