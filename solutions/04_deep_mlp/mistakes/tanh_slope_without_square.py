"""1 - tanh: the square forgotten.

loses: test_slope
says: the square is missing
"""
# %% solution id="slope"
def slope(name, s):
    return {
        "tanh": lambda: 1 - np.tanh(s),
        "sigmoid": lambda: activation(name, s) * (1 - activation(name, s)),
        "relu": lambda: 1.0 * (s > 0),
        "identity": lambda: np.ones(s.shape),
    }[name]()
