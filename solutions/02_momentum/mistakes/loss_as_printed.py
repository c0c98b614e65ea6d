"""The note's printed loss: log of a sum without exp.

loses: test_loss
says: exp is missing
"""
# %% solution id="loss"
def loss(y, f):
    return -f[y] + np.log(np.sum(f))
