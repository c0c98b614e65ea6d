"""The factor 1/2 forgotten.

loses: test_penalty
says: the factor 1/2 is missing
"""
# %% solution id="penalty"
def penalty(W1, W2, alpha):
    return alpha * ((W1**2).sum() + (W2**2).sum())
