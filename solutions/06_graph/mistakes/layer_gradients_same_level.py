"""Each delta meets what comes out of its own level.

loses: test_layer_gradients
says: it is the one below
"""
# %% solution id="layer_gradients"
def layer_gradients(deltas, phis):
    return [np.outer(delta, phi) for delta, phi in zip(deltas, phis[1:])]
