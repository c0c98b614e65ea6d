"""A column against a vector: numpy broadcasts, and a number comes out.

loses: test_relative_error
says: inf first
"""
# %% solution id="relative_error"
def relative_error(given, right):
    largest = max(np.abs(given).max(), np.abs(right).max()) or 1.0
    return float(np.abs(given - right).max() / largest)
