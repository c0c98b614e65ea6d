"""The slopes computed into the caller's Z.

loses: test_hidden_gradients
says: changed its argument
"""
# %% solution id="hidden_gradients"
def hidden_gradients(W2, X, Z, Y, Yhat):
    Z *= 1 - Z
    D = (Yhat - Y) @ W2.T * Z
    return X.T @ D, D.sum(axis=0)
