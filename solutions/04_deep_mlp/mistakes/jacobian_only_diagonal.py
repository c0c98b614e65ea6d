"""Every share moved by its own score only.

loses: test_softmax_jacobian
says: a score moves the other probabilities
"""
# %% solution id="softmax_jacobian"
def softmax_jacobian(yhat):
    return np.diag(yhat * (1 - yhat))
