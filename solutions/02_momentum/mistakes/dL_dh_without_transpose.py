"""V in the place of its transpose; it runs when K = M.

loses: test_dL_dh
says: the transpose of V is missing
"""
# %% solution id="dL_dh"
def dL_dh(V, df):
    return V @ df
