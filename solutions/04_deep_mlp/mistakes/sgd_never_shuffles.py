"""The samples in their order, epoch after epoch.

loses: test_sgd
says: shuffle them
"""
# %% solution id="sgd"
def sgd(gradient, layers, X, Y, step_size, epochs, rng):
    for _ in range(epochs):
        for i in range(len(X)):
            gradients = gradient(layers, X[i : i + 1], Y[i : i + 1])
            layers = [
                (W - step_size * dW, b - step_size * db)
                for (W, b), (dW, db) in zip(layers, gradients)
            ]
    return layers
