"""σ'(a_l) is left out.

loses: test_backward
says: the slope σ'(a_l) is missing
"""
# %% solution id="backward"
def backward(w, order, slope, delta_out):
    delta = dict(delta_out)
    for l in reversed(order):
        if l in slope and l not in delta:
            delta[l] = sum(delta[k] * weight for (k, j), weight in w.items() if j == l)
    return delta
