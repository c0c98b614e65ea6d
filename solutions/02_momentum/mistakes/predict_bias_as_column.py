"""b as a column (M, 1): numpy broadcasts the sum to an M x M matrix.

loses: test_predict
says: axis
"""
# %% solution id="predict"
def predict(params, x):
    W, b, V, c = (params[name] for name in "WbVc")
    h = np.tanh(b[:, None] + W @ x)
    return c[:, None] + V @ h
