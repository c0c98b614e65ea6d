"""Functions that call themselves, activations from a table, sigmoid as a tanh."""
# %% solution id="activation"
def activation(name, s):
    return {
        "tanh": np.tanh,
        "sigmoid": lambda s: (1 + np.tanh(s / 2)) / 2,
        "relu": lambda s: s * (s > 0),
        "identity": np.copy,
    }[name](s)

# %% solution id="slope"
def slope(name, s):
    if name == "identity":
        return np.ones_like(s)
    if name == "relu":
        return (s > 0).astype(float)
    if name == "sigmoid":
        return (1 - np.tanh(s / 2) ** 2) / 4
    return 1 - np.tanh(s) ** 2

# %% solution id="product_form"
def product_form(weights, slopes, xs, error, i):
    def row(j):
        if j == len(weights) - 1:
            return error
        return row(j + 1) @ weights[j + 1] * slopes[j]

    return np.outer(row(i), xs[i]), row(i)

# %% solution id="backward"
def backward(weights, slopes, xs, error):
    here = (error.T @ xs[-1], error.sum(axis=0))
    if len(weights) == 1:
        return [here]
    below = error @ weights[-1] * slopes[-1]
    return backward(weights[:-1], slopes[:-1], xs[:-1], below) + [here]
