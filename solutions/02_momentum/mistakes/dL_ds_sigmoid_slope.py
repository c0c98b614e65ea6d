"""The slope of the sigmoid, h (1 - h), for that of tanh.

loses: test_dL_ds
says: the slope of the sigmoid
"""
# %% solution id="dL_ds"
def dL_ds(s, dh):
    h = np.tanh(s)
    return h * (1 - h) * dh
