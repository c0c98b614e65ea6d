"""The caller's point moves and does not come back.

loses: test_nudge
says: moved the caller's point
"""
# %% solution id="nudge"
def nudge(f, point, k, step=1e-4):
    point[k] += step
    above = f(point)
    point[k] -= 2 * step
    return (above - f(point)) / (2 * step)
