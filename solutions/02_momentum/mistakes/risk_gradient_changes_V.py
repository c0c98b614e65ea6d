"""V is updated while its old value is still needed: the caller's network changes.

loses: test_risk_gradient
says: in place
"""
# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    H = np.tanh(X @ W.T + b)
    F = H @ V.T
    F += c
    F -= F.max(axis=1, keepdims=True)
    G = np.exp(F)
    total = G.sum(axis=1)
    R = np.log(total).sum() - F[np.arange(len(y)), y].sum()
    G /= total[:, None]
    G[np.arange(len(y)), y] -= 1
    dV = G.T @ H
    dS = G @ V * (1 - H**2)
    V -= 0.1 * dV
    return R, {"W": dS.T @ X, "b": dS.sum(axis=0), "V": dV, "c": G.sum(axis=0)}
