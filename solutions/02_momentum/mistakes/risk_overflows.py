"""exp of the bare scores: infinite from 710 on.

loses: test_risk
says: subtract the maximum before exp
"""
# %% solution id="risk"
def risk(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    F = np.tanh(X @ W.T + b) @ V.T + c
    return (np.log(np.exp(F).sum(axis=1)) - F[np.arange(len(y)), y]).sum()
