"""The loss is a sum and its gradient a mean: both right, and not of the same thing.

loses: test_loss_and_gradient
says: this is the mean over the samples
"""
# %% solution id="loss_and_gradient"
def loss_and_gradient(params, X, Y):
    Z, T = forward(params, X)
    E = (sigmoid(T) - Y) / len(X)
    D = E @ params["W2"].T * Z * (1 - Z)
    gradient = {"W1": X.T @ D, "b1": D.sum(axis=0), "W2": Z.T @ E, "b2": E.sum(axis=0)}
    return loss(T, Y), gradient
