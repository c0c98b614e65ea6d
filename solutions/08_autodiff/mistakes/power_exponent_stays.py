"""The exponent does not go down.

loses: test_power_rule, test_gradient, test_every_gradient
says: goes down by 1
"""
# %% solution id="power_rule"
def power_rule(a, n):
    return a**n, lambda G: (G * n * a**n, None)
