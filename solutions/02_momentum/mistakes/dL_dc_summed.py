"""Summed over the classes as if c were one number.

loses: test_dL_dc
says: which axes you sum over
"""
# %% solution id="dL_dc"
def dL_dc(df):
    return df.sum()
