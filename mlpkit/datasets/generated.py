"""Data drawn from a seed: small, learnable, and the same on every machine."""

import numpy as np

_SIDE = 32  # pixels along an edge of a CIFAR image


def make_spirals(
    n_samples: int = 300,
    *,
    n_classes: int = 3,
    turns: float = 1.0,
    noise: float = 0.1,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw points of the plane on ``n_classes`` interleaved spiral arms.

    Parameters
    ----------
    n_samples : number of points; they are spread over the classes as evenly as can be
    turns : how often an arm winds around the origin
    noise : standard deviation of the angle, in radians
    random_state : seed

    Returns
    -------
    X of shape (n_samples, 2), within the unit circle; y of shape (n_samples,), integers
    """
    random = _random(random_state)
    y = random.permutation(np.arange(n_samples) % n_classes)
    radius = np.sqrt(random.uniform(0.01, 1.0, n_samples))
    angle = 2 * np.pi * (turns * radius + y / n_classes) + noise * random.normal(size=n_samples)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), y


def make_cifar_like(
    n_samples: int = 1000,
    *,
    background: float = 1.5,
    noise: float = 0.05,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw images with the shape of CIFAR-10: 32 x 32 pixels, 3 colours, 10 classes.

    Each class has three smooth colour patterns. An image is one of them, moved by up to three
    pixels, on a smooth background of its own, with a brightness and contrast of its own, and
    noise. The patterns do not depend on ``random_state``: two seeds give a training and a test set
    of the same problem.

    Parameters
    ----------
    background : its strength relative to the pattern's; more makes the classes harder to tell
    noise : standard deviation of each pixel

    Returns
    -------
    X of shape (n_samples, 3072) in [0, 1], channel by channel as CIFAR-10 stores them;
    y of shape (n_samples,), integers 0 ... 9
    """
    random = _random(random_state)
    patterns = _smooth_patterns(np.random.RandomState(20), (10, 3))
    y = random.permutation(np.arange(n_samples) % 10)
    chosen = patterns[y, random.randint(3, size=n_samples)]
    down, right = random.randint(-3, 4, size=(2, n_samples, 1))
    rows = (np.arange(_SIDE) + down) % _SIDE
    columns = (np.arange(_SIDE) + right) % _SIDE
    samples = np.arange(n_samples)[:, None, None]
    # two index arrays around a slice: the channel axis comes last, so move it back
    moved = np.moveaxis(chosen[samples, :, rows[:, :, None], columns[:, None, :]], 3, 1)
    smooth = moved + background * _smooth_patterns(random, (n_samples,))
    contrast = random.uniform(0.15, 0.25, size=(n_samples, 1, 1, 1)) / np.hypot(1.0, background)
    brightness = random.uniform(0.4, 0.6, size=(n_samples, 1, 1, 1))
    images = brightness + contrast * smooth + noise * random.normal(size=moved.shape)
    return np.clip(images, 0.0, 1.0).reshape(n_samples, -1), y


def _smooth_patterns(random: np.random.RandomState, shape: tuple[int, ...]) -> np.ndarray:
    """Return (*shape, 3, 32, 32) periodic patterns of mean 0 and variance 1."""
    phase = 2 * np.pi * np.arange(_SIDE) / _SIDE
    waves = np.stack([np.ones(_SIDE)] + [f(k * phase) for k in (1, 2, 3) for f in (np.cos, np.sin)])
    weights = random.normal(size=(*shape, 3, len(waves), len(waves)))
    weights[..., 0, 0] = 0.0
    patterns: np.ndarray = waves.T @ weights @ waves
    patterns = patterns / patterns.std(axis=(-3, -2, -1), keepdims=True)
    return patterns


def make_adding_problem(
    n_samples: int = 1000,
    *,
    length: int = 50,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences for the adding problem: add the two numbers that are marked.

    A network must keep the first number until the second comes. Whoever always answers 1, the
    mean, has a mean squared error of 1/6. Source: Hochreiter and Schmidhuber, Long short-term
    memory (1997), section 5.4, with values in [0, 1] and the plain sum as target.

    Parameters
    ----------
    length : steps of a sequence, at least 2; one mark is in its first half, one in its second

    Returns
    -------
    X of shape (n_samples, length, 2): a value in [0, 1], and 1 where it is marked, else 0;
    y of shape (n_samples,): the sum of the two marked values
    """
    if length < 2:
        raise ValueError(f"make_adding_problem got length = {length}, expected at least 2")
    random = _random(random_state)
    samples = np.arange(n_samples)
    first = random.randint(length // 2, size=n_samples)
    second = random.randint(length // 2, length, size=n_samples)
    X = np.zeros((n_samples, length, 2))
    X[:, :, 0] = random.uniform(size=(n_samples, length))
    X[samples, first, 1] = X[samples, second, 1] = 1.0
    return X, X[samples, first, 0] + X[samples, second, 0]


def _random(seed: int | np.random.RandomState | None) -> np.random.RandomState:
    """scikit-learn's reading of ``random_state``; imported late, for it takes a second."""
    from sklearn.utils import check_random_state

    random: np.random.RandomState = check_random_state(seed)
    return random
