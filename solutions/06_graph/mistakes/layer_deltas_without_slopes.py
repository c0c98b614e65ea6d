"""The slopes are left out.

loses: test_layer_deltas
says: the slopes σ'(a_i) are missing
"""
# %% solution id="layer_deltas"
def layer_deltas(Ws, slopes, delta_last):
    deltas = [delta_last]
    for W in Ws[:0:-1]:
        deltas.append(W.T @ deltas[-1])
    return deltas[::-1]
