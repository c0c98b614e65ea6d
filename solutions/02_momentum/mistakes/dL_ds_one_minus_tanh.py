"""1 - tanh s: the square forgotten.

loses: test_dL_ds
says: tanh is not squared
"""
# %% solution id="dL_ds"
def dL_ds(s, dh):
    return (1 - np.tanh(s)) * dh
