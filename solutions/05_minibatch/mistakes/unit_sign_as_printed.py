"""The note's y - yhat, on the way to a hidden unit.

loses: test_dLk_dzj
says: this points downhill
"""
# %% solution id="dLk_dzj"
def dLk_dzj(W2, y, yhat, j, k):
    return (y[k] - yhat[k]) * W2[j, k]
