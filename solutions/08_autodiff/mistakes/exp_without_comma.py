"""A gradient without its comma.

loses: test_exp_rule, test_gradient, test_every_gradient
says: needs a comma
"""
# %% solution id="exp_rule"
def exp_rule(a):
    value = np.exp(a)
    return value, lambda G: G * value
