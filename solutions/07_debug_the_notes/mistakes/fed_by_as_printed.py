"""The set with w_lk.

loses: test_fed_by
says: this is (6) as printed
"""
# %% solution id="fed_by"
def fed_by(w, l):
    return sorted(j for k, j in w if k == l)
