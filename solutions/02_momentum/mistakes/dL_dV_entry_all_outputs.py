"""Summed over outputs that V_kj never enters.

loses: test_dL_dV_entry
says: this sums over the outputs
"""
# %% solution id="dL_dV_entry"
def dL_dV_entry(df, h, k, j):
    return df.sum() * h[j]
