"""Only the denominator differentiated.

loses: test_dyhat_own
says: the numerator was held fixed
"""
# %% solution id="dyhat_own"
def dyhat_own(yhat):
    return -(yhat**2)
