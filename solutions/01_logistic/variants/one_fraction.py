"""The two fractions of ∂L/∂σ brought to one, σ' as s - s², and the chain in one line."""
# %% solution id="dL_dsigma"
def dL_dsigma(s, y):
    return (s - y) / (s * (1 - s))


# %% solution id="sigmoid_slope"
def sigmoid_slope(s):
    return s - s**2


# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    dz = (s - y) * (s * (1 - s))
    return X.T @ dz, np.sum(dz)
