"""The value where the slope belongs.

loses: test_maximum_rule, test_gradients_of_hao
says: not by the value
"""
# %% solution id="maximum_rule"
def maximum_rule(a, b):
    m = np.maximum(a, b)
    return m, lambda G: (G * m * (a > b), G * m * (b > a))
