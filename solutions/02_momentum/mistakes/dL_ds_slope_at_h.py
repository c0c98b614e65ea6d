"""sigma' taken at h instead of s.

loses: test_dL_ds
says: σ' is taken at h
"""
# %% solution id="dL_ds"
def dL_ds(s, dh):
    h = np.tanh(s)
    return (1 - np.tanh(h) ** 2) * dh
