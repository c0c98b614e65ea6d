"""Nothing is transposed.

loses: test_to_rows
says: rows and columns have to change places
"""
# %% solution id="to_rows"
def to_rows(W, b, V, c):
    return W, b, V, c
