"""One of the copies.

loses: test_unbroadcast, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao
says: all of them count
"""
# %% solution id="unbroadcast"
def unbroadcast(G, shape):
    while np.ndim(G) > len(shape):
        G = G[0]
    return G[tuple(slice(None) if n > 1 else slice(0, 1) for n in shape)]
