"""An index array shuffled in place, and copies of the layers changed in place."""
# %% solution id="sgd"
def sgd(gradient, layers, X, Y, step_size, epochs, rng):
    layers = [[W.copy(), b.copy()] for W, b in layers]
    order = np.arange(len(X))
    for _ in range(epochs):
        rng.shuffle(order)
        for i in order:
            frozen = [(W.copy(), b.copy()) for W, b in layers]
            for (W, b), (dW, db) in zip(layers, gradient(frozen, X[[i]], Y[[i]])):
                W -= step_size * dW
                b -= step_size * db
    return layers

# %% solution id="hidden"
def hidden(W, b, x):
    return np.tanh(np.column_stack([W, b]) @ np.append(x, 1.0))
