"""The outer product the wrong way round.

loses: test_dL_dV
says: transpose
"""
# %% solution id="dL_dV"
def dL_dV(df, h):
    return np.outer(h, df)
