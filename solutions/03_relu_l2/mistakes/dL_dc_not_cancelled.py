"""The product as it stands, with its division.

loses: test_dL_dc
says: divides by q_m
"""
# %% solution id="dL_dc"
def dL_dc(q, m):
    q_m = q[np.arange(len(m)), m][:, None]
    return -1 / q_m * (q_m * (np.eye(q.shape[1])[m] - q))
