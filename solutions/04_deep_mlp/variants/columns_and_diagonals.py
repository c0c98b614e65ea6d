"""Samples as columns, slopes as diagonal matrices, as the note has it."""
# %% solution id="forward"
def forward(layers, gs, x):
    column = np.atleast_2d(x).T
    xs, pres = [x], []
    for (W, b), g in zip(layers, gs):
        pre = (W @ column + b[:, None]).T
        if x.ndim == 1:
            pre = pre[0]
        pres.append(pre)
        xs.append(g(pre))
        column = np.atleast_2d(xs[-1]).T
    return xs, pres

# %% solution id="dyhat_own"
def dyhat_own(yhat):
    return yhat - yhat**2

# %% solution id="softmax_jacobian"
def softmax_jacobian(yhat):
    return np.diag(yhat) @ (np.eye(len(yhat)) - yhat)

# %% solution id="da_dx"
def da_dx(W, slope):
    return np.diag(slope) @ W

# %% solution id="dL_db"
def dL_db(U, dz, h):
    return dz @ U @ np.diag(1 - h**2)

# %% solution id="dL_dW"
def dL_dW(db, x):
    return db[:, None] @ x[None, :]

# %% solution id="step_down"
def step_down(delta, W, slope):
    return np.diag(slope) @ W.T @ delta

# %% solution id="product_form"
def product_form(weights, slopes, xs, error, i):
    product = np.eye(len(error))
    for j in reversed(range(i, len(weights) - 1)):
        product = product @ weights[j + 1] @ np.diag(slopes[j])
    row = error[None, :] @ product
    return row.T @ xs[i][None, :], row.ravel()

# %% solution id="backward"
def backward(weights, slopes, xs, error):
    delta = error.T
    gradients = [(delta @ xs[-1], delta @ np.ones(len(error)))]
    for i in range(len(weights) - 2, -1, -1):
        delta = slopes[i].T * (weights[i + 1].T @ delta)
        gradients.insert(0, (delta @ xs[i], delta.sum(1)))
    return gradients
