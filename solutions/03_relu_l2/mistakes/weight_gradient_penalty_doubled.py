"""The 1/2 of the loss forgotten.

loses: test_weight_gradient
says: the penalty is doubled
"""
# %% solution id="weight_gradient"
def weight_gradient(below, error, W, alpha):
    return below.T @ error / len(below) + 2 * alpha * W
