"""A gradient without its comma.

loses: test_exp_rule, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao
says: needs a comma
"""
# %% solution id="exp_rule"
def exp_rule(a):
    value = np.exp(a)
    return value, lambda G: G * value
