"""A slice and an index array pick a square.

loses: test_dL_dq_m
says: each row has one class
"""
# %% solution id="dL_dq_m"
def dL_dq_m(q, m):
    return -1 / q[:, m]
