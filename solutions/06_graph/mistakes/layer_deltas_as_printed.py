"""Equation (13) with σ of what is being computed, in the place of the slope.

loses: test_layer_deltas
says: as (13) prints it
"""
# %% solution id="layer_deltas"
def layer_deltas(Ws, slopes, delta_last):
    deltas = [delta_last]
    for W in Ws[:0:-1]:
        back = W.T @ deltas[-1]
        deltas.append(back * np.tanh(back))
    return deltas[::-1]
