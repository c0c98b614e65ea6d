"""A range that stops one sample early.

loses: test_risk
says: the last sample is missing
"""
# %% solution id="risk"
def risk(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    F = np.tanh(X @ W.T + b) @ V.T + c
    F = F - F.max(axis=1, keepdims=True)
    losses = np.log(np.exp(F).sum(axis=1)) - F[np.arange(len(y)), y]
    return losses[: len(y) - 1].sum()
