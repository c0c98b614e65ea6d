"""The note's "1" read as ones everywhere.

loses: test_da_db
says: s_j contains b_j alone
"""
# %% solution id="da_db"
def da_db(slope):
    return np.outer(slope, np.ones(len(slope)))
