"""(db, dW): the pair exchanged.

loses: test_cross_entropy_gradient
says: wrong way round
"""
# %% solution id="cross_entropy_gradient"
def cross_entropy_gradient(s, y, X):
    dz = s - y
    return dz.sum(), X.T @ dz
