"""max in the place of maximum: one row of numbers is left.

loses: test_relu
says: expected (2, 3)
"""
# %% solution id="relu"
def relu(D):
    return np.max(D, axis=0, initial=0)
