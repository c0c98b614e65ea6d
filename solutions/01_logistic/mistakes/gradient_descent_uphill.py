"""The step goes with the gradient.

loses: test_gradient_descent
says: uphill
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, W, b, step_size, steps):
    losses = []
    for _ in range(steps):
        loss, dW, db = objective(W, b)
        losses.append(loss)
        W = W + step_size * dW
        b = b + step_size * db
    return W, b, np.array(losses)
