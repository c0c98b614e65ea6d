"""Homogeneous coordinates: the biases are one more column of the weights."""
# %% solution id="predict"
def predict(params, x):
    h = np.tanh(np.column_stack([params["b"], params["W"]]) @ np.append(1.0, x))
    return np.column_stack([params["c"], params["V"]]) @ np.append(1.0, h)

# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    ones = np.ones((1, len(y)))
    inputs = np.vstack([ones, X.T])
    hidden = np.vstack([ones, np.tanh(np.column_stack([params["b"], params["W"]]) @ inputs)])
    scores = np.column_stack([params["c"], params["V"]]) @ hidden
    scores = scores - scores.max(axis=0)
    softmax = np.exp(scores) / np.exp(scores).sum(axis=0)
    softmax[y, range(len(y))] -= 1
    output = softmax @ hidden.T
    back = (1 - hidden[1:] ** 2) * (params["V"].T @ softmax)
    first = back @ inputs.T
    R = np.log(np.exp(scores).sum(axis=0)).sum() - scores[y, range(len(y))].sum()
    gradient = {"W": first[:, 1:], "b": first[:, 0], "V": output[:, 1:], "c": output[:, 0]}
    return R, gradient
