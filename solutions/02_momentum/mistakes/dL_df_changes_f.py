"""The shift is done in place: f is the caller's.

loses: test_dL_df
says: in place
"""
# %% solution id="dL_df"
def dL_df(y, f):
    f -= f.max()
    g = np.exp(f) / np.exp(f).sum()
    g[y] -= 1
    return g
