"""1/b for 1/b squared.

loses: test_divide_rule, test_gradient, test_gradients_of_li
says: b is squared
"""
# %% solution id="divide_rule"
def divide_rule(a, b):
    return a / b, lambda G: (G / b, -G * a / b)
