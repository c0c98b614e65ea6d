"""Every output said to depend on every row of W.

loses: test_da_dW
says: s_j contains row j alone
"""
# %% solution id="da_dW"
def da_dW(x, slope):
    return slope[:, None, None] * np.ones((len(slope), 1)) * x
