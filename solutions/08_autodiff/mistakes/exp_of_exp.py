"""exp at the value.

loses: test_exp_rule, test_gradient, test_every_gradient
says: at a, not at exp(a)
"""
# %% solution id="exp_rule"
def exp_rule(a):
    value = np.exp(a)
    return value, lambda G: (G * np.exp(value),)
