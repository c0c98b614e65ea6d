"""Without the sigmoid.

loses: test_li_outputs
says: this is Z W2 + b2, as printed
"""
# %% solution id="li_outputs"
def li_outputs(Z, W2, b2):
    return Z @ W2 + b2
