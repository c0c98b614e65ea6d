"""A step up only.

loses: test_nudge
says: one step only
"""
# %% solution id="nudge"
def nudge(f, point, k, step=1e-4):
    up = point.copy()
    up[k] += step
    return (f(up) - f(point)) / step
