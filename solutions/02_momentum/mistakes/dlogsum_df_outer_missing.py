"""The inner derivative alone.

loses: test_dlogsum_df
says: the outer derivative is missing
"""
# %% solution id="dlogsum_df"
def dlogsum_df(f):
    return np.exp(f)
