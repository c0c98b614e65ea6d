"""min for max.

loses: test_values
says: this is the smaller one
"""
# %% solution id="values"
def values(x, y, z):
    q, m = x + y, min(y, z)
    return q, m, q * z, q * z + m
