"""y - yhat. It costs its own point only: what comes after gets its own right error.

loses: test_dL_dz
says: the sign: this is y - ŷ
"""
# %% solution id="dL_dz"
def dL_dz(y, yhat):
    return y - yhat
