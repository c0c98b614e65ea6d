"""What is done to data before training, without letting the test set leak into it."""

from collections.abc import Sequence

import numpy as np


def standardise(X_train: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Shift and scale features to mean 0 and variance 1, as measured on ``X_train`` alone.

    Parameters
    ----------
    X_train : ndarray of shape (n_train, p)
    *others : ndarrays of shape (n, p), such as X_test; shifted and scaled by the same numbers

    Returns
    -------
    One array for each argument. A feature that is constant in ``X_train`` is only shifted.

    >>> X_train, X_test = standardise(X_train, X_test)
    """
    from sklearn.preprocessing import StandardScaler  # late: it takes a second

    arrays = [np.asarray(X) for X in (X_train, *others)]
    for X in arrays:
        if X.ndim != 2 or X.shape[1] != arrays[0].shape[-1]:
            shapes = ", ".join(str(X.shape) for X in arrays)
            raise ValueError(
                f"standardise got shapes {shapes}, expected (n_train, p), (n, p), ... with one p; "
                "reshape with X.reshape(len(X), -1)"
            )
    scaler = StandardScaler().fit(arrays[0])
    return tuple(scaler.transform(X) for X in arrays)


def one_hot(y: Sequence[int] | np.ndarray, K: int) -> np.ndarray:
    """Return the indicator rows e_y of class labels.

    Parameters
    ----------
    y : integers of shape (n,), each in 0 ... K-1
    K : the number of classes; not ``y.max() + 1``, which is too small when a class is absent

    Returns
    -------
    ndarray of shape (n, K), float64: 1 in column ``y[i]`` of row i, 0 elsewhere
    """
    if isinstance(K, bool) or not isinstance(K, (int, np.integer)) or K < 1:
        what = f"an array of shape {K.shape}" if isinstance(K, np.ndarray) else repr(K)
        raise ValueError(f"one_hot got K = {what}, expected the number of classes, such as 10")
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError(
            f"one_hot got y of shape {y.shape}, expected labels of shape (n,); "
            + ("it may be one-hot already" if y.ndim == 2 and y.shape[1] == K else "use y.ravel()")
        )
    if y.size == 0:
        return np.zeros((0, K))
    if y.dtype.kind not in "iu":
        raise ValueError(
            f"one_hot got labels of dtype {y.dtype}, expected integers 0 ... {K - 1}; "
            "use y.astype(int) if they are whole numbers, and check that y is not X"
        )
    if y.min() < 0 or y.max() >= K:
        outside = y[(y < 0) | (y >= K)][0]
        raise ValueError(
            f"one_hot got the label {outside}, expected 0 ... {K - 1} for K = {K} classes; "
            "check that K counts classes (the length of f), not inputs, and that labels begin at 0"
        )
    vectors: np.ndarray = np.eye(K)[y]
    return vectors
