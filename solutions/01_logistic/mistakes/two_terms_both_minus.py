"""Minus in front of both terms.

loses: test_two_terms
says: the second term has the wrong sign
"""
# %% solution id="two_terms"
def two_terms(s, y, X):
    return X.T @ (-y * (1 - s) - (1 - y) * s)
