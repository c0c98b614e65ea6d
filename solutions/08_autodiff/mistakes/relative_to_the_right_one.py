"""Relative to the derivative alone.

loses: test_relative_error
says: largest entry of both
"""
# %% solution id="relative_error"
def relative_error(given, right):
    if np.shape(given) != np.shape(right):
        return np.inf
    return float(np.abs(given - right).max() / (np.abs(right).max() or 1.0))
