"""W2[k, j] for W2[j, k].

loses: test_dW1_term
says: unit j and output k meet in W2[j, k]
"""
# %% solution id="dW1_term"
def dW1_term(W2, x, z, y, yhat, j, k):
    W2 = W2.T if W2.shape[0] != W2.shape[1] else W2
    weight = W2[k, j]
    return (yhat[k] - y[k]) * weight * z[j] * (1 - z[j]) * x
