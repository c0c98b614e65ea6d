"""The slopes alone.

loses: test_multiply_rule, test_gradient, test_gradients_of_li, test_gradients_of_galvan
says: multiplied by the slope
"""
# %% solution id="multiply_rule"
def multiply_rule(a, b):
    return a * b, lambda G: (b, a)
