"""Everything transposed inside: one sample in each column."""
# %% solution id="forward"
def forward(params, X):
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    Z = sigmoid(W1.T @ X.T + b1[:, None])
    return Z.T, (W2.T @ Z + b2[:, None]).T

# %% solution id="output_gradients"
def output_gradients(Z, Y, Yhat):
    error = (Yhat - Y).T
    return (error @ Z).T, error @ np.ones(len(Z))

# %% solution id="hidden_gradients"
def hidden_gradients(W2, X, Z, Y, Yhat):
    D = W2 @ (Yhat - Y).T
    D = D * Z.T * (1 - Z).T
    return (D @ X).T, D.sum(1)
