"""The maximum subtracted inside and never added back.

loses: test_loss
says: never added back
"""
# %% solution id="loss"
def loss(y, f):
    return np.log(np.exp(f - f.max()).sum()) - f[y]
