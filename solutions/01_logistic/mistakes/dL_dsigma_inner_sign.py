"""The minus of ∂(1 - σ) forgotten.

loses: test_dL_dsigma
says: its sign turns to plus
"""
# %% solution id="dL_dsigma"
def dL_dsigma(s, y):
    return -y / s - (1 - y) / (1 - s)
