"""Only the kinks ahead.

loses: test_safe_step
says: goes both ways
"""
# %% solution id="safe_step"
def safe_step(D, change):
    with np.errstate(divide="ignore", invalid="ignore"):
        t = -D / change
    ahead = t[np.isfinite(t) & (t >= 0)]
    return np.min(ahead, initial=np.inf)
