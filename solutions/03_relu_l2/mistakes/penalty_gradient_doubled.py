"""The 1/2 of the penalty forgotten.

loses: test_penalty_gradient
says: cancels against the 1/2
"""
# %% solution id="penalty_gradient"
def penalty_gradient(W, alpha):
    return 2 * alpha * W
