"""Right, and one sample after the other.

loses: test_output_gradients
says: loops over the samples
"""
# %% solution id="output_gradients"
def output_gradients(Z, Y, Yhat):
    dW2, db2 = 0, 0
    for z, y, yhat in zip(Z, Y, Yhat):
        dW2 = dW2 + np.outer(z, yhat - y)
        db2 = db2 + yhat - y
    return dW2, db2
