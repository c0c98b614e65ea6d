"""loss_and_gradient put together from the functions above; an in-place shuffle."""
# %% solution id="loss_and_gradient"
def loss_and_gradient(params, X, Y):
    Z, T = forward(params, X)
    Yhat = sigmoid(T)
    dW2, db2 = output_gradients(Z, Y, Yhat)
    dW1, db1 = hidden_gradients(params["W2"], X, Z, Y, Yhat)
    return loss(T, Y), dict(W1=dW1, b1=db1, W2=dW2, b2=db2)

# %% solution id="minibatches"
def minibatches(N, batch_size, rng):
    order = np.arange(N)
    rng.shuffle(order)
    return np.split(order, range(batch_size, N, batch_size))

# %% solution id="sgd"
def sgd(objective, params, X, Y, batches, step_size, epochs):
    params = {name: array.astype(float) for name, array in params.items()}
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in batches():
            L, gradient = objective({k: v.copy() for k, v in params.items()}, X[rows], Y[rows])
            total += L
            for name in params:
                params[name] -= step_size * gradient[name] / len(rows)
        losses.append(total / len(X))
    return params, np.array(losses)
