"""The last, smaller batch divided by the size of the others.

loses: test_sgd
says: divided by the size of the full ones
"""
# %% solution id="sgd"
def sgd(objective, params, X, Y, batches, step_size, epochs):
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        size = None
        for rows in batches():
            size = size or len(rows)
            L, gradient = objective(params, X[rows], Y[rows])
            params = {k: v - step_size / size * gradient[k] for k, v in params.items()}
            losses[epoch] += L / len(X)
    return params, losses
