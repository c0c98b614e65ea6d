"""The axis is forgotten on the way back.

loses: test_total_rule, test_gradients_of_domke, test_gradients_of_hao
says: along the wrong axis
"""
# %% solution id="total_rule"
def total_rule(a, axis=None, keepdims=False):
    return a.sum(axis=axis, keepdims=keepdims), lambda G: (np.ones(a.shape) * G,)
