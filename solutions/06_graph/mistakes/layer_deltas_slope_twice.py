"""The last slope is applied again.

loses: test_layer_deltas
says: its slope is in it already
"""
# %% solution id="layer_deltas"
def layer_deltas(Ws, slopes, delta_last):
    deltas = [delta_last * slopes[-1]]
    for W, slope in zip(Ws[:0:-1], slopes[-2::-1]):
        deltas.append(W.T @ deltas[-1] * slope)
    return deltas[::-1]
