"""reshape for a transpose.

loses: test_to_rows
says: rows and columns have to change places
"""
# %% solution id="to_rows"
def to_rows(W, b, V, c):
    return W.reshape(W.shape[::-1]), b, V.reshape(V.shape[::-1]), c
