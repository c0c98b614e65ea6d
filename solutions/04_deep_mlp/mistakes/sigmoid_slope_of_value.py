"""sigma' = a (1 - a), with a before the sigmoid.

loses: test_slope
says: it has a in the place of σ(a)
"""
# %% solution id="slope"
def slope(name, a):
    if name == "tanh":
        return 1 - np.tanh(a) ** 2
    if name == "sigmoid":
        return a * (1 - a)
    if name == "relu":
        return np.where(a > 0, 1.0, 0.0)
    return np.ones(a.shape)
