"""The gradients alone.

loses: test_gradient, test_every_gradient
says: return the pair
"""
# %% solution id="gradient"
def gradient(loss, params):
    _, tape = trace(loss, params)
    return dict(zip(params, backward(tape)))
