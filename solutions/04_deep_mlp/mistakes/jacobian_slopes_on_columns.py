"""The slopes scale the columns of W: silent when M = p.

loses: test_layer_jacobians
says: row j belongs to s_j
"""
# %% solution id="layer_jacobians"
def layer_jacobians(W, x, slope):
    by_b = np.diag(slope)
    by_x = W * slope if len(x) == len(slope) else by_b @ W
    return by_x, by_b, by_b[:, :, None] * x
