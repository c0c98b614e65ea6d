"""1/N forgotten.

loses: test_bias_gradient
says: 1/N is missing
"""
# %% solution id="bias_gradient"
def bias_gradient(error):
    return error.sum(axis=0)
