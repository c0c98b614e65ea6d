"""The mean over the batch where the sum is asked for.

loses: test_hidden_gradients
says: this is the mean over the samples
"""
# %% solution id="hidden_gradients"
def hidden_gradients(W2, X, Z, Y, Yhat):
    D = (Yhat - Y) @ W2.T * Z * (1 - Z) / len(X)
    return X.T @ D, D.sum(axis=0)
