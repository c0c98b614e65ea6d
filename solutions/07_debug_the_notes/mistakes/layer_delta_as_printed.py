"""σ of the blame for the slope.

loses: test_layer_delta
says: this is (13) as printed
"""
# %% solution id="layer_delta"
def layer_delta(W, delta, slope):
    back = W.T @ delta
    return back * np.tanh(back)
