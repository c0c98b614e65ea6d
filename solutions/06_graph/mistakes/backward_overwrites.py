"""One path overwrites the other where they should add up.

loses: test_backward
says: counts: sum over all of P(l)
"""
# %% solution id="backward"
def backward(w, order, slope, delta_out):
    delta = {l: 0.0 for l in slope} | delta_out
    for l in reversed(order):
        if l in slope and l not in delta_out:
            for k, j in sorted(w, reverse=True):
                if j == l and k != 2:
                    delta[l] = slope[l] * delta[k] * w[k, j]
                elif j == l and not delta[l]:
                    delta[l] = slope[l] * delta[k] * w[k, j]
    return delta
