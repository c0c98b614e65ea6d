"""The boxes called once for each sample.

loses: test_risk_gradient
says: loops over the samples
"""
# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    R, gradient = 0.0, {name: np.zeros(array.shape) for name, array in params.items()}
    for x, k in zip(X, y):
        h = np.tanh(params["b"] + params["W"] @ x)
        f = params["c"] + params["V"] @ h
        g = np.exp(f - f.max()) / np.exp(f - f.max()).sum()
        R += np.log(np.exp(f - f.max()).sum()) + f.max() - f[k]
        g[k] -= 1
        ds = (1 - h**2) * (params["V"].T @ g)
        for name, part in {"W": np.outer(ds, x), "b": ds, "V": np.outer(g, h), "c": g}.items():
            gradient[name] += part
    return R, gradient
