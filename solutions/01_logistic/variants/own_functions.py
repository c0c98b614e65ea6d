"""Everything built on what was written before."""
# %% solution id="sigmoid"
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


# %% solution id="decide"
def decide(z):
    return np.where(sigmoid(z) > 0.5, 1, 0)


# %% solution id="cross_entropy"
def cross_entropy(z, y):
    return np.logaddexp(0, (1 - 2 * y) * z).sum()


# %% solution id="dsigma_dW"
def dsigma_dW(s, X):
    return sigmoid_slope(s).reshape(-1, 1) * X


# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    return dL_dyhat(s, y) @ dsigma_dW(s, X), (dL_dyhat(s, y) * sigmoid_slope(s)).sum()


# %% solution id="two_terms"
def two_terms(s, y, X):
    return chain_rule(s - y, X)


# %% solution id="cross_entropy_gradient"
def cross_entropy_gradient(s, y, X):
    return two_terms(s, y, X), (s - y).sum()
