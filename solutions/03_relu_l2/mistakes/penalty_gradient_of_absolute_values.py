"""The derivative of the L1 penalty.

loses: test_penalty_gradient
says: times the sign
"""
# %% solution id="penalty_gradient"
def penalty_gradient(W, alpha):
    return alpha * np.sign(W)
