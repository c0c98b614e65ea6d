"""δ_m - q, the sign of the factor before it.

loses: test_dL_dc
says: q comes first
"""
# %% solution id="dL_dc"
def dL_dc(q, m):
    return np.eye(q.shape[1])[m] - q
