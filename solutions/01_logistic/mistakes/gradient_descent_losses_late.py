"""Keeps the loss after each step.

loses: test_gradient_descent
says: the losses after each step
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, W, b, step_size, steps):
    losses = []
    for _ in range(steps):
        _, dW, db = objective(W, b)
        W, b = W - step_size * dW, b - step_size * db
        losses.append(objective(W, b)[0])
    return W, b, np.array(losses)
