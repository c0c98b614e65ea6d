"""q in the place of q_m.

loses: test_dq_m_dc
says: the factor is q_m
"""
# %% solution id="dq_m_dc"
def dq_m_dc(q, m):
    return q * (np.eye(q.shape[1])[m] - q)
