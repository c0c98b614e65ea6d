"""The caller's own W and b changed.

loses: test_sgd
says: changed its argument
"""
# %% solution id="sgd"
def sgd(gradient, layers, X, Y, step_size, epochs, rng):
    for _ in range(epochs):
        for i in rng.permutation(len(X)):
            for (W, b), (dW, db) in zip(layers, gradient(layers, X[i : i + 1], Y[i : i + 1])):
                W -= step_size * dW
                b -= step_size * db
    return layers
