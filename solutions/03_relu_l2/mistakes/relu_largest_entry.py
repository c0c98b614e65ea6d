"""max in the place of maximum: one row of numbers is left.

loses: test_relu
says: np.maximum goes entry by entry
"""
# %% solution id="relu"
def relu(D):
    return np.max(D, axis=0, initial=0)
