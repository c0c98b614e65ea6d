"""The maximum is forgotten on the way back.

loses: test_neuron_gradient
says: nothing comes back through a maximum
"""
# %% solution id="neuron_gradient"
def neuron_gradient(w, b, x, y):
    dh = max(0.0, w @ x + b) - y
    return x * dh, dh, w * dh
