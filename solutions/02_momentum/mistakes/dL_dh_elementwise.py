"""V.T * df: entry by entry where a matrix product is meant; it runs when K = M.

loses: test_dL_dh
says: @, not *
"""
# %% solution id="dL_dh"
def dL_dh(V, df):
    return V.T * df
