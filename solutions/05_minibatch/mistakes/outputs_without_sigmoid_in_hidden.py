"""The hidden layer left linear.

loses: test_forward, test_loss_and_gradient
says: σ is missing: this is X W1 + b1
"""
# %% solution id="forward"
def forward(params, X):
    Z = X @ params["W1"] + params["b1"]
    return Z, Z @ params["W2"] + params["b2"]
