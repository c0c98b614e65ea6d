"""Output and unit exchanged in W2; silent where both indices fit.

loses: test_dLk_dzj
says: unit j and output k meet in W2[j, k]
"""
# %% solution id="dLk_dzj"
def dLk_dzj(W2, y, yhat, j, k):
    return (yhat[k] - y[k]) * W2.T[min(j, W2.shape[1] - 1), min(k, W2.shape[0] - 1)]
