"""The slope of a sigmoid in the place of that of tanh.

loses: test_dL_db
says: this is the slope of a sigmoid
"""
# %% solution id="dL_db"
def dL_db(U, dz, h):
    return h * (1 - h) * (U.T @ dz)
