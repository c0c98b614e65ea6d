"""The textbook log-sum-exp: exp(1000) is infinite.

loses: test_loss
says: subtract the maximum before exp
"""
# %% solution id="loss"
def loss(y, f):
    return -f[y] + np.log(np.sum(np.exp(f)))
