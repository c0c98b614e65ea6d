"""Adds the data's part to the caller's own weights.

loses: test_gradients
says: in place
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
    W1 *= alpha
    W1 += X.T @ dD / N
    dW1, dW2 = W1, h.T @ dc / N + alpha * W2
    return {"W1": dW1, "b1": dD.mean(axis=0), "W2": dW2, "b2": dc.mean(axis=0)}
