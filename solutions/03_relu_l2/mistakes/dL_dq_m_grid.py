"""A slice and an index array pick a square.

loses: test_dL_dq_m
says: expected (3,)
"""
# %% solution id="dL_dq_m"
def dL_dq_m(q, m):
    return -1 / q[:, m]
