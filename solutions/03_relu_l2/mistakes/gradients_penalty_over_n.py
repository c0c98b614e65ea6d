"""The penalty averaged with the samples.

loses: test_gradients
says: it counts once
"""
# %% solution id="gradients"
def gradients(params, X, m, alpha):
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    D = X @ W1 + b1
    h = np.maximum(D, 0)
    c = h @ W2 + b2
    e = np.exp(c - c.max(axis=1, keepdims=True))
    dc = e / e.sum(axis=1, keepdims=True) - np.eye(len(b2))[m]
    dD = (dc @ W2.T) * (D > 0)
    N = len(X)
    dW1, dW2 = X.T @ dD / N + alpha * W1 / N, h.T @ dc / N + alpha * W2 / N
    return {"W1": dW1, "b1": dD.mean(axis=0), "W2": dW2, "b2": dc.mean(axis=0)}
