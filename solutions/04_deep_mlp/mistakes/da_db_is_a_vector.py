"""The slopes themselves, without the zeros between them.

loses: test_da_db
says: (3, 3)
"""
# %% solution id="da_db"
def da_db(slope):
    return slope
