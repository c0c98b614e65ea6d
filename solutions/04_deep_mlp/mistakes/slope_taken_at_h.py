"""tanh applied to h once more.

loses: test_hidden_gradients
says: h is tanh(W x + b) already
"""
# %% solution id="hidden_gradients"
def hidden_gradients(U, dz, h, x):
    db = (1 - np.tanh(h) ** 2) * (U.T @ dz)
    return np.outer(db, x), db
