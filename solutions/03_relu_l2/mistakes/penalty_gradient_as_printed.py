"""α ‖W‖, one number for all weights.

loses: test_penalty_gradient
says: is one number
"""
# %% solution id="penalty_gradient"
def penalty_gradient(W, alpha):
    return alpha * np.sqrt((W**2).sum())
