"""The slope of the unit that is fed, not of the one that feeds.

loses: test_backward
says: it is σ'(a_l)
"""
# %% solution id="backward"
def backward(w, order, slope, delta_out):
    delta = dict(delta_out)
    for l in reversed(order):
        if l in slope and l not in delta:
            delta[l] = sum(delta[k] * v * slope[k] for (k, j), v in w.items() if j == l)
    return delta
