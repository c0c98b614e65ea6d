"""The same row for every input: x forgotten.

loses: test_dL_dW
says: x is missing
"""
# %% solution id="dL_dW"
def dL_dW(db, x):
    return np.outer(db, np.ones(len(x)))
