"""Yhat returned where T is asked for. The loss and gradient that call it suffer, too.

loses: test_forward, test_loss_and_gradient
says: return T
"""
# %% solution id="forward"
def forward(params, X):
    Z = sigmoid(X @ params["W1"] + params["b1"])
    return Z, sigmoid(Z @ params["W2"] + params["b2"])
