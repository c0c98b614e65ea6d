"""y - ŷ, as the note's next section prints it.

loses: test_cross_entropy_gradient
says: prediction minus label
"""
# %% solution id="cross_entropy_gradient"
def cross_entropy_gradient(s, y, X):
    dz = y - s
    return X.T @ dz, dz.sum()
