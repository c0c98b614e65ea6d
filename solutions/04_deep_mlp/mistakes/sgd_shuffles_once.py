"""One order for all epochs.

loses: test_sgd
says: every epoch has the same order
"""
# %% solution id="sgd"
def sgd(gradient, layers, X, Y, step_size, epochs, rng):
    order = rng.permutation(len(X))
    for _ in range(epochs):
        for i in order:
            gradients = gradient(layers, X[i : i + 1], Y[i : i + 1])
            layers = [
                (W - step_size * dW, b - step_size * db)
                for (W, b), (dW, db) in zip(layers, gradients)
            ]
    return layers
