"""σ and 1 - σ in each other's place.

loses: test_two_terms
says: σ and 1 - σ are swapped
"""
# %% solution id="two_terms"
def two_terms(s, y, X):
    return X.T @ ((1 - y) * (1 - s) - y * s)
