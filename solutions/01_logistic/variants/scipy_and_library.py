"""The sigmoid from scipy, labels turned into signs."""
# %% solution id="sigmoid"
from scipy.special import expit


def sigmoid(z):
    return expit(z.astype(float))


# %% solution id="cross_entropy"
def cross_entropy(z, y):
    signs = np.where(y == 1, -1.0, 1.0)
    total = np.logaddexp(np.zeros(len(z)), signs * z)
    return float(np.sum(total))


# %% solution id="gradient_descent"
def gradient_descent(objective, W, b, step_size, steps):
    W, losses = W.astype(float), []
    while len(losses) < steps:
        loss, dW, db = objective(W, b)
        losses += [loss]
        W, b = W - step_size * dW, b - step_size * db
    return W, b, np.asarray(losses)
