"""G to both.

loses: test_maximum_rule, test_gradients_of_hao
says: the smaller input gets nothing
"""
# %% solution id="maximum_rule"
def maximum_rule(a, b):
    return np.maximum(a, b), lambda G: (G, G)
