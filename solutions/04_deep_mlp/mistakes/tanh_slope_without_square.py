"""1 - tanh: the square forgotten.

loses: test_slope
says: the square is missing
"""
# %% solution id="slope"
def slope(name, a):
    return {
        "tanh": lambda: 1 - np.tanh(a),
        "sigmoid": lambda: activation(name, a) * (1 - activation(name, a)),
        "relu": lambda: 1.0 * (a > 0),
        "identity": lambda: np.ones(a.shape),
    }[name]()
