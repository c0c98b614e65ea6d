"""A result array of integers: every fraction is cut off.

loses: test_dL_df
says: whole numbers
"""
# %% solution id="dL_df"
def dL_df(y, f):
    df = np.zeros(len(f), dtype=int)
    df[:] = np.exp(f - f.max()) / np.exp(f - f.max()).sum()
    df[y] -= 1
    return df
