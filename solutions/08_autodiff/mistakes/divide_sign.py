"""The minus of the second is forgotten.

loses: test_divide_rule, test_gradient, test_gradients_of_li
says: a larger b makes a / b smaller
"""
# %% solution id="divide_rule"
def divide_rule(a, b):
    return a / b, lambda G: (G / b, G * a / b**2)
