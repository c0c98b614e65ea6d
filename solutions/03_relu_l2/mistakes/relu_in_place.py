"""Sets the caller's negative entries to 0.

loses: test_relu
says: in place
"""
# %% solution id="relu"
def relu(D):
    D[D < 0] = 0
    return D
