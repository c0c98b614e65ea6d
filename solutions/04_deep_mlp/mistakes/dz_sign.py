"""y - yhat. It costs its own point only: what comes after gets its own right error.

loses: test_dL_dz
says: a score that is too high must come down
"""
# %% solution id="dL_dz"
def dL_dz(y, yhat):
    return y - yhat
