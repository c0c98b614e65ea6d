"""Gradients first, slopes after.

loses: test_recursion
says: own slope is missing
"""
# %% solution id="recursion"
def recursion(weights, slopes, error):
    rows = [error]
    for i in range(len(weights) - 1, 0, -1):
        row = rows[0] if i == len(weights) - 1 else rows[0] * slopes[i]
        rows.insert(0, row @ weights[i])
    return rows
