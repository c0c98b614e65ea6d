"""A mean over the copies.

loses: test_unbroadcast, test_gradient, test_every_gradient
says: the copies add up
"""
# %% solution id="unbroadcast"
def unbroadcast(G, shape):
    G = np.mean(G, axis=tuple(range(np.ndim(G) - len(shape))))
    return np.mean(G, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
