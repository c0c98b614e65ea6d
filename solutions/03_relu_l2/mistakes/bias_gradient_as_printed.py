"""A row for each sample, as the note prints it.

loses: test_bias_gradient
says: an axis of length 2 is left in front
"""
# %% solution id="bias_gradient"
def bias_gradient(error):
    return error / len(error)
