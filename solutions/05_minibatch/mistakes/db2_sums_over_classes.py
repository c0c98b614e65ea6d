"""Row and column sums swapped.

loses: test_output_gradients
says: this sums over the classes
"""
# %% solution id="output_gradients"
def output_gradients(Z, Y, Yhat):
    error = Yhat - Y
    return Z.T @ error, error.sum(axis=1)
