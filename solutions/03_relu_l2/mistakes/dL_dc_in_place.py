"""Subtracts 1 in the caller's shares.

loses: test_dL_dc
says: in place
"""
# %% solution id="dL_dc"
def dL_dc(q, m):
    dc = q
    dc[np.arange(len(m)), m] -= 1
    return dc
