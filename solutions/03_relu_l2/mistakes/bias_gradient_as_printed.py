"""A row for each sample, as the note prints it.

loses: test_bias_gradient
says: one for each of 2 samples
"""
# %% solution id="bias_gradient"
def bias_gradient(error):
    return error / len(error)
