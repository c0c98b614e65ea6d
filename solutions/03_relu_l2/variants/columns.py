"""Samples as columns inside, and the gate taken from h."""
# %% solution id="relu"
def relu(D):
    return D * (D > 0)


# %% solution id="gradients"
def gradients(params, X, m, alpha):
    W1, W2 = params["W1"].T, params["W2"].T
    H = np.maximum(W1 @ X.T + params["b1"][:, None], 0)
    C = W2 @ H + params["b2"][:, None]
    E = np.exp(C - C.max(axis=0))
    dC = E / E.sum(axis=0)
    dC[m, np.arange(len(m))] -= 1
    dC /= len(m)
    dD = (W2.T @ dC) * (H > 0)
    return {
        "b2": dC.sum(axis=1),
        "W2": (dC @ H.T).T + alpha * params["W2"],
        "b1": dD.sum(axis=1),
        "W1": (dD @ X).T + alpha * params["W1"],
    }


# %% solution id="penalty"
def penalty(W1, W2, alpha):
    return 0.5 * alpha * sum(np.linalg.norm(W) ** 2 for W in (W1, W2))


# %% solution id="one_sided"
def one_sided(D, dh):
    return np.where(D > 0, dh, 0.0), np.where(D < 0, 0.0, dh)
