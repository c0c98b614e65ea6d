"""The quotient as it stands on paper: exp(1000) is infinite.

loses: test_dlogsum_df
says: subtract the maximum before exp
"""
# %% solution id="dlogsum_df"
def dlogsum_df(f):
    with np.errstate(all="ignore"):
        return np.exp(f) / np.exp(f).sum()
