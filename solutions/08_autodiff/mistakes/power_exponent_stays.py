"""The exponent does not go down.

loses: test_power_rule, test_gradient, test_gradients_of_li, test_gradients_of_hao, test_gradients_of_galvan
says: goes down by 1
"""
# %% solution id="power_rule"
def power_rule(a, n):
    return a**n, lambda G: (G * n * a**n, None)
