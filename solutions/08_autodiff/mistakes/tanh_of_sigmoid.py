"""The slope of the sigmoid.

loses: test_tanh_rule, test_gradients_of_domke, test_gradients_of_galvan
says: the slope of the sigmoid
"""
# %% solution id="tanh_rule"
def tanh_rule(a):
    value = np.tanh(a)
    return value, lambda G: (G * value * (1 - value),)
