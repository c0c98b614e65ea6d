"""The two terms of the quotient rule exchanged.

loses: test_softmax_jacobian
says: raises its own probability and lowers the others
"""
# %% solution id="softmax_jacobian"
def softmax_jacobian(yhat):
    return np.outer(yhat, yhat) - np.diag(yhat)
