"""The sign of f_y in the loss.

loses: test_loss
says: sign of f_y
"""
# %% solution id="loss"
def loss(y, f):
    return f[y] + f.max() + np.log(np.exp(f - f.max()).sum())
