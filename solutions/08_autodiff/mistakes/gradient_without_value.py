"""The gradients alone.

loses: test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: return the pair
"""
# %% solution id="gradient"
def gradient(loss, params):
    _, tape = trace(loss, params)
    return dict(zip(params, backward(tape)))
