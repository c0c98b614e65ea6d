"""Backward as dear as forward, and one nudge for each weight.

loses: test_multiplications
says: both of its factors
"""
# %% solution id="multiplications"
def multiplications(sizes):
    weights = sum(n * m for n, m in zip(sizes, sizes[1:]))
    return weights, weights, weights**2
