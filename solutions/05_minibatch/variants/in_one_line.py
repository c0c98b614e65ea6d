"""Each derivative in one line, as on paper: the slope of σ as z (1 - z)."""
# %% solution id="hidden_gradients"
def hidden_gradients(W2, X, Z, Y, Yhat):
    D = (Yhat - Y) @ W2.T * Z * (1 - Z)
    return X.T @ D, D.sum(axis=0)

# %% solution id="loss_and_gradient"
def loss_and_gradient(params, X, Y):
    Z, T = forward(params, X)
    E = sigmoid(T) - Y
    D = E @ params["W2"].T * Z * (1 - Z)
    gradient = {"W1": X.T @ D, "b1": D.sum(axis=0), "W2": Z.T @ E, "b2": E.sum(axis=0)}
    return loss(T, Y), gradient
