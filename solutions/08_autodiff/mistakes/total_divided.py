"""The gradient is divided among the entries.

loses: test_total_rule, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: each gets all of it
"""
# %% solution id="total_rule"
def total_rule(a, axis=None, keepdims=False):
    kept = a.sum(axis=axis, keepdims=True)
    value = a.sum(axis=axis, keepdims=keepdims)
    return value, lambda G: (np.ones(a.shape) * np.reshape(G, kept.shape) * kept.size / a.size,)
