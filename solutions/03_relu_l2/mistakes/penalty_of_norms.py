"""Norms that are not squared.

loses: test_penalty
says: the norms are not squared
"""
# %% solution id="penalty"
def penalty(W1, W2, alpha):
    return alpha / 2 * (np.linalg.norm(W1) + np.linalg.norm(W2))
