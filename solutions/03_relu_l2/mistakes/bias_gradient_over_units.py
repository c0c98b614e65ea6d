"""The mean along the wrong axis.

loses: test_bias_gradient
says: the samples are the rows
"""
# %% solution id="bias_gradient"
def bias_gradient(error):
    return error.mean(axis=1)
