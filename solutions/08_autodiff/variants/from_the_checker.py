"""An error in numpy scalars, forward mode over flat positions, the cosine as a projection."""
# %% solution id="forward_gradient"
def forward_gradient(loss, params, step=1e-20):
    def one(name, k):
        moved = np.asarray(params[name]).astype(complex)
        moved.reshape(-1)[k] += step * 1j
        return np.imag(loss(dict(params, **{name: moved}))) / step

    return {
        name: np.array([one(name, k) for k in range(np.size(value))]).reshape(np.shape(value))
        for name, value in params.items()
    }


# %% solution id="relative_error"
def relative_error(given, right):
    given, right = np.asarray(given), np.asarray(right)
    if given.shape != right.shape:
        return float("inf")
    largest = np.max([np.abs(given).max(), np.abs(right).max()])
    return 0.0 if largest == 0 else np.max(np.abs(given - right)) / largest


# %% solution id="cosine_gradient"
def cosine_gradient(u, v):
    length = np.linalg.norm(u)
    projection = np.eye(len(u)) - np.outer(u, u) / length**2
    return -projection @ v / (length * np.linalg.norm(v))
