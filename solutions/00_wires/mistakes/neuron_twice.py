"""The 2 of the square stays.

loses: test_neuron_gradient
says: cancels against the 1/2
"""
# %% solution id="neuron_gradient"
def neuron_gradient(w, b, x, y):
    s = w @ x + b
    ds = 2 * (s - y) if s > 0 else 0.0
    return x * ds, ds, w * ds
