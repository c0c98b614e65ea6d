"""The gradients of the last wires.

loses: test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: dL/dW
"""
# %% solution id="gradient"
def gradient(loss, params):
    value, tape = trace(loss, params)
    return value, dict(zip(params, reversed(backward(tape))))
