"""Moves the caller's W; with whole numbers numpy refuses, with floats it does not.

loses: test_gradient_descent
says: in place
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, W, b, step_size, steps):
    W = W.astype(float, copy=False)
    losses = []
    for _ in range(steps):
        loss, dW, db = objective(W, b)
        losses.append(loss)
        W -= step_size * dW
        b -= step_size * db
    return W, b, np.array(losses)
