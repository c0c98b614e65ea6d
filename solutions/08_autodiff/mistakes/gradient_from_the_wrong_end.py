"""The gradients of the last wires.

loses: test_gradient, test_every_gradient
says: dL/dW
"""
# %% solution id="gradient"
def gradient(loss, params):
    value, tape = trace(loss, params)
    return value, dict(zip(params, reversed(backward(tape))))
