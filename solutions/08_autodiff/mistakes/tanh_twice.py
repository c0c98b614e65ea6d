"""tanh of the value.

loses: test_tanh_rule, test_gradients_of_domke, test_gradients_of_galvan
says: value is tanh(a) already
"""
# %% solution id="tanh_rule"
def tanh_rule(a):
    value = np.tanh(a)
    return value, lambda G: (G * (1 - np.tanh(value) ** 2),)
