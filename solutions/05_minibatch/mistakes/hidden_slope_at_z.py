"""sigma applied to z once more.

loses: test_hidden_slope
says: which has been through σ already
"""
# %% solution id="hidden_slope"
def hidden_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))
