"""Both signs: the derivative of the logarithm of the likelihood.

loses: test_dL_dsigma
says: both signs are turned
"""
# %% solution id="dL_dsigma"
def dL_dsigma(s, y):
    return y / s - (1 - y) / (1 - s)
