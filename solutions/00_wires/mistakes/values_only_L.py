"""Only the last number.

loses: test_values
says: expected a tuple of 4
"""
# %% solution id="values"
def values(x, y, z):
    return (x + y) * z + max(y, z)
