"""h_j forgotten: the derivative of a bias.

loses: test_dL_dV_entry
says: h is missing
"""
# %% solution id="dL_dV_entry"
def dL_dV_entry(df, h, k, j):
    return df[k]
