"""The printed box read from right to left: sigma' meets the outer product.

loses: test_dL_dW
says: brackets
"""
# %% solution id="dL_dW"
def dL_dW(params, x, df):
    W, b, V = params["W"], params["b"], params["V"]
    slope = 1 - np.tanh(b + W @ x) ** 2
    return slope * ((V.T @ df)[:, None] @ x[None, :])
