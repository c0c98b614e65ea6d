"""The logarithm of a share that was rounded to 0.

loses: test_loss
says: divide by zero encountered in log
"""
# %% solution id="loss"
def loss(params, X, m, alpha):
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    c = np.maximum(X @ W1 + b1, 0) @ W2 + b2
    c = c - c.max(axis=1, keepdims=True)
    q = np.exp(c) / np.exp(c).sum(axis=1, keepdims=True)
    data = -np.log(q[np.arange(len(m)), m]).mean()
    return data + alpha / 2 * ((W1**2).sum() + (W2**2).sum())
