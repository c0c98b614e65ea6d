"""1 - h^2 left out.

loses: test_hidden_gradients
says: the slopes 1 - h² are missing
"""
# %% solution id="hidden_gradients"
def hidden_gradients(U, dz, h, x):
    db = U.T @ dz
    return np.outer(db, x), db
