"""The bias as a column: it runs when N = H.

loses: test_affine
says: b is added to the columns
"""
# %% solution id="affine"
def affine(x, W, b):
    return x @ W + b[:, None]
