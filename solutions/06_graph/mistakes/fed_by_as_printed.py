"""The units that feed l, as equation (6) prints it.

loses: test_fed_by
says: as (6) prints it
"""
# %% solution id="fed_by"
def fed_by(w, l):
    return sorted(j for k, j in w if k == l)
