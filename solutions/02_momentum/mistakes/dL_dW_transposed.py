"""x times dL/ds: the shape of W transposed, hidden when M = p.

loses: test_dL_dW
says: transpose
"""
# %% solution id="dL_dW"
def dL_dW(params, x, df):
    W, b, V = params["W"], params["b"], params["V"]
    ds = (1 - np.tanh(b + W @ x) ** 2) * (V.T @ df)
    return np.outer(x, ds)
