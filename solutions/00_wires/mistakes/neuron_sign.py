"""Label minus prediction.

loses: test_neuron_gradient
says: the sign
"""
# %% solution id="neuron_gradient"
def neuron_gradient(w, b, x, y):
    s = w @ x + b
    ds = y - s if s > 0 else 0.0
    return x * ds, ds, w * ds
