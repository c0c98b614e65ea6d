"""The same rules, written another way."""
# %% solution id="multiply_rule"
def multiply_rule(a, b):
    def back(G):
        return b * G, a * G

    return np.multiply(a, b), back


# %% solution id="divide_rule"
def divide_rule(a, b):
    value = a / b
    return value, lambda G: (G / b, -G * value / b)


# %% solution id="power_rule"
def power_rule(a, n):
    return np.power(a, n), lambda G: (n * np.power(a, n - 1) * G, 0.0)


# %% solution id="exp_rule"
def exp_rule(a):
    return np.exp(a), lambda G: (np.exp(a) * G,)


# %% solution id="tanh_rule"
def tanh_rule(a):
    return np.tanh(a), lambda G: (G / np.cosh(a) ** 2,)


# %% solution id="maximum_rule"
def maximum_rule(a, b):
    return np.maximum(a, b), lambda G: (np.where(a >= b, G, 0.0), np.where(a >= b, 0.0, G))


# %% solution id="matmul_rule"
def matmul_rule(a, b):
    def back(G):
        if a.ndim == 1 and b.ndim == 1:
            return G * b, G * a
        if a.ndim == 1:
            return b @ G, np.outer(a, G)
        if b.ndim == 1:
            return np.outer(G, b), a.T @ G
        return np.einsum("nk,mk->nm", G, b), np.einsum("nm,nk->mk", a, G)

    return a @ b, back


# %% solution id="total_rule"
def total_rule(a, axis=None, keepdims=False):
    def back(G):
        if axis is not None and not keepdims:
            G = np.expand_dims(G, axis)
        return (np.ones(a.shape) * G,)

    return np.sum(a, axis=axis, keepdims=keepdims), back


# %% solution id="take_rule"
def take_rule(a, index):
    places = np.arange(a.size).reshape(a.shape)[index]

    def back(G):
        counts = np.bincount(np.ravel(places), weights=np.ravel(G), minlength=a.size)
        return (counts.reshape(a.shape),)

    return a[index], back
