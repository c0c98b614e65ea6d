"""The minus in front of the logarithm forgotten.

loses: test_dL_dq_m
says: the logarithm has a minus
"""
# %% solution id="dL_dq_m"
def dL_dq_m(q, m):
    return 1 / q[np.arange(len(m)), m]
