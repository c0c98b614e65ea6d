"""A mean over the copies.

loses: test_unbroadcast, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao
says: the copies add up
"""
# %% solution id="unbroadcast"
def unbroadcast(G, shape):
    G = np.mean(G, axis=tuple(range(np.ndim(G) - len(shape))))
    return np.mean(G, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
