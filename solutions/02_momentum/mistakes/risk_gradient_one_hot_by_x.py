"""Unit vectors as long as x, not as long as f; hidden when p = K.

loses: test_risk_gradient
says: ask of every name in that line
"""
# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    H = np.tanh(X @ W.T + b)
    F = H @ V.T + c
    F = F - F.max(axis=1, keepdims=True)
    one_hot = np.eye(X.shape[1])[y]
    total = np.exp(F).sum(axis=1, keepdims=True)
    R = np.log(total).sum() - (one_hot * F).sum()
    dF = np.exp(F) / total - one_hot
    dS = dF @ V * (1 - H**2)
    return R, {"W": dS.T @ X, "b": dS.sum(axis=0), "V": dF.T @ H, "c": dF.sum(axis=0)}
