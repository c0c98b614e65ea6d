"""Entries that do not move are divided by their speed.

loses: test_safe_step
says: divided by its speed
"""
# %% solution id="safe_step"
def safe_step(D, change):
    return np.min(np.abs(D / change))
