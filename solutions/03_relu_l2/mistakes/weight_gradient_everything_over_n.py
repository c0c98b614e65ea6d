"""The penalty divided by N too.

loses: test_weight_gradient
says: it counts once
"""
# %% solution id="weight_gradient"
def weight_gradient(below, error, W, alpha):
    return (below.T @ error + alpha * W) / len(below)
