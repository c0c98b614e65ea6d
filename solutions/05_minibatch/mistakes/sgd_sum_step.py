"""The step along the sum, not the mean, of the batch.

loses: test_sgd
says: not divided by |B|
"""
# %% solution id="sgd"
def sgd(objective, params, X, Y, batches, step_size, epochs):
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        for rows in batches():
            L, gradient = objective(params, X[rows], Y[rows])
            params = {k: v - step_size * gradient[k] for k, v in params.items()}
            losses[epoch] += L / len(X)
    return params, losses
