"""True and False where integers are asked for.

loses: test_decide
says: expected int64
"""
# %% solution id="decide"
def decide(z):
    return z > 0
