"""Two points that are 2ε apart, divided by ε.

loses: test_nudge
says: divide by 2ε
"""
# %% solution id="nudge"
def nudge(f, point, k, step=1e-4):
    up, down = point.copy(), point.copy()
    up[k] += step
    down[k] -= step
    return (f(up) - f(down)) / step
