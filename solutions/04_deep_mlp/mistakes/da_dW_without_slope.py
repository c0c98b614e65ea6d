"""The slope left out, as in the output layer.

loses: test_da_dW
says: the slopes are missing
"""
# %% solution id="da_dW"
def da_dW(x, slope):
    return np.eye(len(slope))[:, :, None] * x
