"""X in a new order, Y in the old one.

loses: test_sgd
says: different samples came together
"""
# %% solution id="sgd"
def sgd(gradient, layers, X, Y, step_size, epochs, rng):
    for _ in range(epochs):
        shuffled = X[rng.permutation(len(X))]
        for i in range(len(X)):
            gradients = gradient(layers, shuffled[i : i + 1], Y[i : i + 1])
            layers = [
                (W - step_size * dW, b - step_size * db)
                for (W, b), (dW, db) in zip(layers, gradients)
            ]
    return layers
