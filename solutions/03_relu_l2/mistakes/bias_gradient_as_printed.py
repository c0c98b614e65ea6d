"""A row for each sample, as the note prints it.

loses: test_bias_gradient
says: each sample still has its row
"""
# %% solution id="bias_gradient"
def bias_gradient(error):
    return error / len(error)
