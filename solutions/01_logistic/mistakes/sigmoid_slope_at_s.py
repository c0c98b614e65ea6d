"""σ applied to what is σ(z) already.

loses: test_sigmoid_slope
says: s is σ(z) already
"""
# %% solution id="sigmoid_slope"
def sigmoid_slope(s):
    t = 1 / (1 + np.exp(-s))
    return t * (1 - t)
