"""A column of ones carries the biases; the penalty leaves their row alone."""
# %% solution id="affine"
def affine(x, W, b):
    return np.column_stack([x, np.ones(len(x))]) @ np.vstack([W, b])


# %% solution id="gradients"
def gradients(params, X, m, alpha):
    ones = np.ones((len(X), 1))
    X1, V1 = np.hstack([X, ones]), np.vstack([params["W1"], params["b1"]])
    h1 = np.hstack([np.maximum(X1 @ V1, 0), ones])
    c = h1 @ np.vstack([params["W2"], params["b2"]])
    q = np.exp(c - np.logaddexp.reduce(c, axis=1, keepdims=True))
    dc = (q - np.eye(c.shape[1])[m]) / len(X)
    dV2 = h1.T @ dc
    dV1 = X1.T @ (dc @ params["W2"].T * (h1[:, :-1] > 0))
    return {
        "W1": dV1[:-1] + alpha * params["W1"],
        "b1": dV1[-1],
        "W2": dV2[:-1] + alpha * params["W2"],
        "b2": dV2[-1],
    }
