"""Each factor gets its own value.

loses: test_multiply_rule, test_gradient, test_gradients_of_li, test_gradients_of_hao, test_gradients_of_galvan
says: each factor is sent the other one
"""
# %% solution id="multiply_rule"
def multiply_rule(a, b):
    return a * b, lambda G: (G * a, G * b)
