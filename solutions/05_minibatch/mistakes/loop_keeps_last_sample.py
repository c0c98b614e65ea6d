"""= in the place of +=.

loses: test_dW2_loop
says: += and not =
"""
# %% solution id="dW2_loop"
def dW2_loop(Z, Y, Yhat):
    for z, y, yhat in zip(Z, Y, Yhat):
        dW2 = np.outer(z, yhat - y)
    return dW2
