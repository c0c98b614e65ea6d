"""φ Δᵀ in place of Δ φᵀ.

loses: test_layer_gradients
says: transpose
"""
# %% solution id="layer_gradients"
def layer_gradients(deltas, phis):
    return [np.outer(phi, delta) for delta, phi in zip(deltas, phis)]
