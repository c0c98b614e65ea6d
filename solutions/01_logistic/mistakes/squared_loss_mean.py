"""The mean squared error of other books.

loses: test_squared_loss
says: mean
"""
# %% solution id="squared_loss"
def squared_loss(s, y):
    return np.mean((s - y) ** 2)
