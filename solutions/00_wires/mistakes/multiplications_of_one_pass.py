"""A nudge as dear as one product.

loses: test_multiplications
says: a pass through the whole network
"""
# %% solution id="multiplications"
def multiplications(sizes):
    weights = sum(n * m for n, m in zip(sizes, sizes[1:]))
    return weights, 2 * weights, 2 * weights
