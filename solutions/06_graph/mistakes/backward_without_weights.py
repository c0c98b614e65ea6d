"""δ is handed on unweighted.

loses: test_backward
says: the weights w_kl are missing
"""
# %% solution id="backward"
def backward(w, order, slope, delta_out):
    delta = dict(delta_out)
    for l in reversed(order):
        if l in slope and l not in delta:
            delta[l] = slope[l] * sum(delta[k] for k, j in w if j == l)
    return delta
