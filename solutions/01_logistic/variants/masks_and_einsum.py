"""The sigmoid by two masks, sums by einsum."""
# %% solution id="sigmoid"
def sigmoid(z):
    s, up = np.empty(z.shape), z >= 0
    s[up] = 1 / (1 + np.exp(-z[up]))
    grown = np.exp(z[~up])
    s[~up] = grown / (1 + grown)
    return s


# %% solution id="scores"
def scores(W, b, X):
    return np.einsum("ij,j->i", X, W) + b


# %% solution id="squared_loss"
def squared_loss(s, y):
    error = s - y
    return error @ error / 2


# %% solution id="dsigma_dW"
def dsigma_dW(s, X):
    return np.einsum("i,ij->ij", s - s**2, X)


# %% solution id="squared_gradient"
def squared_gradient(s, y, X):
    return np.einsum("i,i,ij->j", s - y, s - s**2, X), float(np.dot(s - y, s - s**2))


# %% solution id="chain_rule"
def chain_rule(outer, inner):
    return (outer[:, None] * inner).sum(axis=0)


# %% solution id="two_terms"
def two_terms(s, y, X):
    ones, zeros = y == 1, y == 0
    return -(1 - s[ones]) @ X[ones] + s[zeros] @ X[zeros]


# %% solution id="dL_dsigma"
def dL_dsigma(s, y):
    return np.where(y == 1, -1 / s, 1 / (1 - s))


# %% solution id="sigmoid_slope"
def sigmoid_slope(s):
    return s - np.square(s)


# %% solution id="dL_dyhat"
def dL_dyhat(s, y):
    return np.where(y == 1, s - 1, s)
