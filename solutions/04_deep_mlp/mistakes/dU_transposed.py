"""The outer product the wrong way round.

loses: test_output_gradients
says: transposed
"""
# %% solution id="output_gradients"
def output_gradients(dz, h):
    return np.outer(h, dz), dz
