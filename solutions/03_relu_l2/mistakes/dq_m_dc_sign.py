"""q - δ_m: the sign.

loses: test_dq_m_dc
says: δ_m comes first
"""
# %% solution id="dq_m_dc"
def dq_m_dc(q, m):
    rows = np.arange(len(m))
    return q[rows, m][:, None] * (q - np.eye(q.shape[1])[m])
