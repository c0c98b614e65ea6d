"""exp at the value.

loses: test_exp_rule, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao
says: at a, not at exp(a)
"""
# %% solution id="exp_rule"
def exp_rule(a):
    value = np.exp(a)
    return value, lambda G: (G * np.exp(value),)
