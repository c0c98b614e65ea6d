"""The slope of ReLU forgotten.

loses: test_dL_dD
says: the gate is missing
"""
# %% solution id="dL_dD"
def dL_dD(D, dh):
    return dh.copy()
