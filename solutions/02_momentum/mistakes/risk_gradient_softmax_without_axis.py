"""One sum for the whole matrix of exponentials: every sample is divided by all of them.

loses: test_risk_gradient
says: each column by its own sum
"""
# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    H = np.tanh(W @ X.T + b[:, None])
    F = V @ H + c[:, None]
    F -= F.max(axis=0)
    E = np.exp(F)
    R = np.log(E.sum(axis=0)).sum() - F[y, np.arange(len(y))].sum()
    dF = E / E.sum()
    dF[y, np.arange(len(y))] -= 1
    dS = (1 - H**2) * (V.T @ dF)
    return R, {"W": dS @ X, "b": dS.sum(axis=1), "V": dF @ H.T, "c": dF.sum(axis=1)}
