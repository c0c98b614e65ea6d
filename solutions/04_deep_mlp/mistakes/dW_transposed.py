"""The outer product the wrong way round.

loses: test_dL_dW
says: swap the factors
"""
# %% solution id="dL_dW"
def dL_dW(db, x):
    return np.outer(x, db)
