"""The unit vector added instead of subtracted.

loses: test_dL_df
says: ê_y has the wrong sign
"""
# %% solution id="dL_df"
def dL_df(y, f):
    g = np.exp(f - f.max())
    e_y = np.zeros(len(f))
    e_y[y] = 1
    return e_y + g / g.sum()
