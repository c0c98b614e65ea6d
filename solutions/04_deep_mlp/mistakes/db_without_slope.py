"""1 - h^2 left out.

loses: test_dL_db
says: the slope of tanh is missing
"""
# %% solution id="dL_db"
def dL_db(U, dz, h):
    return U.T @ dz
