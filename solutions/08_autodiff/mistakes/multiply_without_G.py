"""The slopes alone.

loses: test_multiply_rule, test_gradient, test_every_gradient
says: multiplied by the slope
"""
# %% solution id="multiply_rule"
def multiply_rule(a, b):
    return a * b, lambda G: (b, a)
