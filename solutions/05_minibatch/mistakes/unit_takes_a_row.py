"""A row of W1 where the column of the unit is meant.

loses: test_unit_input
says: unit j has column j
"""
# %% solution id="unit_input"
def unit_input(W1, b1, x, j):
    return W1[j] @ x + b1[j] if W1.shape[0] == W1.shape[1] else x @ W1[:, j] + b1[j]
