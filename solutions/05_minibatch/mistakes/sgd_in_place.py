"""The caller's weights changed.

loses: test_sgd
says: changed its argument
"""
# %% solution id="sgd"
def sgd(objective, params, X, Y, batches, step_size, epochs):
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        for rows in batches():
            L, gradient = objective(params, X[rows], Y[rows])
            for name in params:
                params[name] -= step_size / len(rows) * gradient[name]
            losses[epoch] += L / len(X)
    return params, losses
