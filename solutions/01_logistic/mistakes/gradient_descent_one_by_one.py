"""b gets its derivative where W has already moved.

loses: test_gradient_descent
says: W moves before b has its derivative
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, W, b, step_size, steps):
    losses = []
    for _ in range(steps):
        losses.append(objective(W, b)[0])
        W = W - step_size * objective(W, b)[1]
        b = b - step_size * objective(W, b)[2]
    return W, b, np.array(losses)
