"""W transposed, as assignment 2 has it; it runs when p = H.

loses: test_affine
says: this is x Wᵀ
"""
# %% solution id="affine"
def affine(x, W, b):
    return x @ W.T + b
