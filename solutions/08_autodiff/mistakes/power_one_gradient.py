"""One gradient, where two inputs are waiting.

loses: test_power_rule
says: a tuple of 2
"""
# %% solution id="power_rule"
def power_rule(a, n):
    return a**n, lambda G: (G * n * a ** (n - 1),)
