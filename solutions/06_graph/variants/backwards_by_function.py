"""Recursive functions in place of loops; rows in place of columns."""
# %% solution id="backward"
def backward(w, order, slope, delta_out):
    known = dict(delta_out)

    def delta(l):
        if l not in known:
            known[l] = sum(delta(k) * v for (k, j), v in w.items() if j == l) * slope[l]
        return known[l]

    return {l: delta(l) for l in slope}

# %% solution id="layer_deltas"
def layer_deltas(Ws, slopes, delta_last):
    if len(Ws) == 1:
        return [delta_last]
    behind = layer_deltas(Ws[1:], slopes[1:], delta_last)
    return [slopes[0] * (behind[0] @ Ws[1])] + behind

# %% solution id="layer_gradients"
def layer_gradients(deltas, phis):
    return [deltas[i][:, None] * phis[i][None, :] for i in range(len(deltas))]

# %% solution id="rnn_deltas"
def rnn_deltas(W, slopes, direct):
    deltas = []
    back = np.zeros(W.shape[0])
    for d, slope in zip(direct[::-1], slopes[::-1]):
        deltas.insert(0, slope * (d + back))
        back = deltas[0] @ W
    return np.stack(deltas)

# %% solution id="carousel_backward"
def carousel_backward(direct, gate, candidate):
    epsilon = direct.sum(axis=0) - np.cumsum(direct, axis=0) + direct
    return epsilon * candidate, epsilon * gate
