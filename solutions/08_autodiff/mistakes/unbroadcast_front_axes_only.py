"""Axes of length 1 are forgotten.

loses: test_unbroadcast, test_gradients_of_domke, test_gradients_of_hao
says: back to (3, 1)
"""
# %% solution id="unbroadcast"
def unbroadcast(G, shape):
    return np.sum(G, axis=tuple(range(np.ndim(G) - len(shape))))
