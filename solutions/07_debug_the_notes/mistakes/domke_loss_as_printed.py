"""Without exp.

loses: test_domke_loss
says: this is the printed loss
"""
# %% solution id="domke_loss"
def domke_loss(y, f):
    return -f[y] + np.log(f.sum())
