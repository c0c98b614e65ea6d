"""s taken for a score.

loses: test_dsigma_dW
says: s is σ(z) already
"""
# %% solution id="dsigma_dW"
def dsigma_dW(s, X):
    t = 1 / (1 + np.exp(-s))
    return (t * (1 - t))[:, None] * X
