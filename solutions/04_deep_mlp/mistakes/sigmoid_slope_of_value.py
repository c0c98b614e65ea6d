"""sigma' = s (1 - s), with s before the sigmoid.

loses: test_slope
says: it has s in the place of σ(s)
"""
# %% solution id="slope"
def slope(name, s):
    if name == "tanh":
        return 1 - np.tanh(s) ** 2
    if name == "sigmoid":
        return s * (1 - s)
    if name == "relu":
        return np.where(s > 0, 1.0, 0.0)
    return np.ones(s.shape)
