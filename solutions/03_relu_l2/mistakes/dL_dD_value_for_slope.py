"""ReLU itself in the place of its slope.

loses: test_dL_dD
says: the slope is 1 or 0
"""
# %% solution id="dL_dD"
def dL_dD(D, dh):
    return np.maximum(D, 0) * dh
