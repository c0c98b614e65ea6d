"""The factor 1/2 forgotten.

loses: test_squared_loss
says: the factor 1/2 is missing
"""
# %% solution id="squared_loss"
def squared_loss(s, y):
    return ((s - y) ** 2).sum()
