"""The inner derivative forgotten.

loses: test_dL_dw
says: is the factor x there?
"""
# %% solution id="dL_dw"
def dL_dw(w, x, y):
    return np.sum(w * x - y)
