"""The slope of σ, one rung too early.

loses: test_dL_dyhat
says: belongs to the next rung
"""
# %% solution id="dL_dyhat"
def dL_dyhat(s, y):
    return (s - y) * s * (1 - s)
