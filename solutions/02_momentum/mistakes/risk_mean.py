"""The mean over the samples where the note prints a sum.

loses: test_risk
says: mean over the samples
"""
# %% solution id="risk"
def risk(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    F = np.tanh(X @ W.T + b) @ V.T + c
    F = F - F.max(axis=1, keepdims=True)
    losses = np.log(np.exp(F).sum(axis=1)) - F[np.arange(len(y)), y]
    return losses.mean()
