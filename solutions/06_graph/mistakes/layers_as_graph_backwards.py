"""The keys say source first.

loses: test_layers_as_graph
says: the links run the wrong way
"""
# %% solution id="layers_as_graph"
def layers_as_graph(Ws):
    w, first = {}, 0
    for W in Ws:
        for (r, c), weight in np.ndenumerate(W):
            w[first + c, first + W.shape[1] + r] = float(weight)
        first += W.shape[1]
    return w
