"""Minus in front of both terms.

loses: test_two_terms
says: the sign of the second term is plus
"""
# %% solution id="two_terms"
def two_terms(s, y, X):
    return X.T @ (-y * (1 - s) - (1 - y) * s)
