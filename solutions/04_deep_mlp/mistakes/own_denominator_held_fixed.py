"""The exponential is its own derivative, and the sum below it is forgotten.

loses: test_dyhat_own
says: the sum in the denominator was held fixed
"""
# %% solution id="dyhat_own"
def dyhat_own(yhat):
    return yhat.copy()
