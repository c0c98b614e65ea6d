"""Y - Ŷ in both layers.

loses: test_li_output_gradients, test_li_dW1
says: this is Y - Ŷ, as printed
"""
# %% solution id="li_output_gradients"
def li_output_gradients(Z, Y, Yhat):
    return Z.T @ (Y - Yhat), (Y - Yhat).sum(axis=0)

# %% solution id="li_dW1"
def li_dW1(X, Z, W2, Y, Yhat):
    return X.T @ (((Y - Yhat) @ W2.T) * Z * (1 - Z))
