"""The factor q_m forgotten: the last rung's answer with the sign turned.

loses: test_dq_m_dc
says: the factor q_m is missing
"""
# %% solution id="dq_m_dc"
def dq_m_dc(q, m):
    return np.eye(q.shape[1])[m] - q
