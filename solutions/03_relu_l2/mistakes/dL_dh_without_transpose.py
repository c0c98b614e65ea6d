"""W2 not transposed; it runs when H = K.

loses: test_dL_dh
says: the transpose of W2 is missing
"""
# %% solution id="dL_dh"
def dL_dh(dc, W2):
    return dc @ W2
