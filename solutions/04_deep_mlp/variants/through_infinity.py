"""Exponentials that overflow where the value is right all the same: one over infinity is 0."""
# %% solution id="activation"
def activation(name, s):
    if name == "sigmoid":
        return 1 / (1 + np.exp(-s))
    return {"tanh": np.tanh(s), "relu": np.maximum(s, 0), "identity": s + 0}[name]


# %% solution id="slope"
def slope(name, s):
    if name == "tanh":
        return 1 / np.cosh(s) ** 2
    if name == "sigmoid":
        return 1 / (4 * np.cosh(s / 2) ** 2)
    return (s > 0).astype(s.dtype) if name == "relu" else np.ones_like(s)
