"""Classes counted from 1.

loses: test_dL_df
says: counted from 0
"""
# %% solution id="dL_df"
def dL_df(y, f):
    g = np.exp(f - f.max())
    g /= g.sum()
    g[y - 1] -= 1
    return g
