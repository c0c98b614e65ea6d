"""Every product as an einsum."""
# %% solution id="predict"
def predict(params, x):
    h = np.tanh(params["b"] + np.einsum("ji,i->j", params["W"], x))
    return params["c"] + np.einsum("kj,j->k", params["V"], h)

# %% solution id="dL_dV"
def dL_dV(df, h):
    return np.einsum("k,j->kj", df, h)

# %% solution id="dL_dh"
def dL_dh(V, df):
    return np.einsum("kj,k->j", V, df)

# %% solution id="dL_dW"
def dL_dW(params, x, df):
    s = params["b"] + np.einsum("ji,i->j", params["W"], x)
    return np.einsum("j,kj,k,i->ji", 1 / np.cosh(s) ** 2, params["V"], df, x)

# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    W, b, V, c = (params[name] for name in "WbVc")
    S = b + np.einsum("ji,ni->nj", W, X)
    H = np.tanh(S)
    F = c + np.einsum("kj,nj->nk", V, H)
    log_softmax = F - F.max(axis=1, keepdims=True)
    log_softmax = log_softmax - np.log(np.exp(log_softmax).sum(axis=1, keepdims=True))
    one_hot = np.arange(len(c)) == np.asarray(y)[:, None]
    dF = np.exp(log_softmax) - one_hot
    dS = np.einsum("nk,kj,nj->nj", dF, V, 1 - H * H)
    gradient = {
        "W": np.einsum("nj,ni->ji", dS, X),
        "b": np.einsum("nj->j", dS),
        "V": np.einsum("nk,nj->kj", dF, H),
        "c": np.einsum("nk->k", dF),
    }
    return -log_softmax[one_hot].sum(), gradient
