"""Section 3 with the sign of the print.

loses: test_hidden_gradients
says: this points downhill
"""
# %% solution id="hidden_gradients"
def hidden_gradients(W2, X, Z, Y, Yhat):
    D = (Y - Yhat) @ W2.T * Z * (1 - Z)
    return X.T @ D, D.sum(axis=0)
