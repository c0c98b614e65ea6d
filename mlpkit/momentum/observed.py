"""Measuring a descent from outside: how fast, and with which step and momentum."""

from collections.abc import Sequence

import numpy as np

from mlpkit.momentum.quadratic import Quadratic


def observed_rate(distances: Sequence[float] | np.ndarray) -> float:
    """Return the factor per step by which ``distances`` shrink in the long run (or grow).

    Distances from the minimiser oscillate when eigenvalues are complex, and now and then one is
    nearly 0, so a fit through all of them is biased. This one touches the peaks only: the line
    through the highest point of the first half and that of the second, both measured from the
    line itself. The first third is left out, and what rounding has eaten. Expect an error of
    about 1 / steps.

    Parameters
    ----------
    distances : shape (steps + 1,), at least 4 of them positive; norm(theta - minimiser), say
    """
    distances = np.asarray(distances, dtype=float)
    if distances.ndim != 1 or not np.isfinite(distances).all() or (distances < 0).any():
        raise ValueError("expected a sequence of finite distances, none negative")
    rounded = distances <= 1e-13 * np.max(distances, initial=0.0)
    end = int(np.argmax(rounded)) if rounded.any() else len(distances)
    begin = min(end // 3, max(end - 4, 0))
    if end - begin < 4:
        raise ValueError(f"{end} distances are above rounding, expected at least 4")
    k, y = np.arange(begin, end), np.log(distances[begin:end])
    slope, middle = np.polyfit(k, y, 1)[0], len(k) // 2
    for _ in range(100):
        above = y - slope * k
        i, j = np.argmax(above[:middle]), middle + np.argmax(above[middle:])
        previous, slope = slope, (y[j] - y[i]) / (k[j] - k[i])
        if slope == previous:
            break
    return float(np.exp(slope))


def observed_recurrence(iterates: np.ndarray, quadratic: Quadratic) -> tuple[float, float, float]:
    """Return (eta, beta, misfit) of the two-term recurrence that the iterates follow.

    Every way to write momentum with constant parameters comes down to
    theta_{k+1} = theta_k - eta grad R(theta_k) + beta (theta_k - theta_{k-1});
    Domke's has eta = gamma alpha and beta = 1 - alpha. Least squares over all steps finds both,
    exactly but for rounding, however the iterates oscillate.

    Parameters
    ----------
    iterates : shape (steps + 1, p), steps >= 2

    Returns
    -------
    eta, beta, and the largest deviation from the recurrence relative to the iterates it joins:
    near 0 for every momentum method, of order 1 for something else, infinite for a path that stays
    on the minimiser. Where the iterates leave beta open, it is 0.
    """
    c = quadratic.coordinates(iterates)
    before, here, after = c[:-2], c[1:-1], c[2:]
    size = np.max(np.abs(c), axis=1)  # squares of a divergent path would overflow
    scale = np.maximum.reduce([size[:-2], size[1:-1], size[2:]])
    so_far = np.maximum.accumulate(size)[2:]
    scale = np.maximum(scale, 1e-6 * so_far)[:, None]  # close to the minimum is rounding only
    if not np.all(scale > 0):
        return 0.0, 0.0, np.inf
    columns = np.stack([-quadratic.curvatures * here, here - before]) / scale
    A, b = columns.reshape(2, -1).T, ((after - here) / scale).ravel()
    (eta, beta), _, rank, _ = np.linalg.lstsq(A, b, rcond=1e-7)
    if rank < 2:  # a geometric path fits many pairs; the simplest has no momentum
        eta, beta = np.linalg.lstsq(A[:, :1], b)[0][0], 0.0
    misfit = np.max(np.abs(b - A @ (eta, beta)))
    return float(eta), float(beta), float(misfit)
