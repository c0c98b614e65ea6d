"""The sign turned.

loses: test_dL_dc
says: the sign: f grows with c
"""
# %% solution id="dL_dc"
def dL_dc(df):
    return -df
