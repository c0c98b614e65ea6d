"""Unit vectors as long as the batch, not as the scores.

loses: test_dL_dc
says: ask of every name in that line
"""
# %% solution id="dL_dc"
def dL_dc(q, m):
    return q - np.eye(len(q))[m]
