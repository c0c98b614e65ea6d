"""No one half in the loss; the derivative is not to suffer for it.

loses: test_line_loss
says: one half of a square
"""
# %% solution id="line_loss"
def line_loss(w, x, y):
    return np.sum((w * x - y) ** 2)
