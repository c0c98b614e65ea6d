"""w for w, x for x.

loses: test_neuron_gradient
says: is sent the other one
"""
# %% solution id="neuron_gradient"
def neuron_gradient(w, b, x, y):
    s = w @ x + b
    ds = s - y if s > 0 else 0.0
    return w * ds, ds, x * ds
