"""Data for the course: bundled, generated, and downloaded on demand.

| bundled with scikit-learn | `load_digits`, `load_breast_cancer` |
| generated from a seed | `make_moons`, `make_spirals`, `make_cifar_like`, `make_adding_problem` |
| downloaded, checksums pinned | `fetch_mnist`, `fetch_fashion_mnist`, `fetch_cifar10` |
| before training | `train_test_split`, `standardise`, `one_hot` |

What a function takes and returns follows scikit-learn: ``load_*`` and ``fetch_*`` give a Bunch, or
``(X, y)`` with ``return_X_y=True``; ``make_*`` give ``(X, y)`` and take ``random_state``.
"""

from importlib import import_module
from typing import Any

from mlpkit.extras import course_extra

# Names are looked up when they are first used: importing scikit-learn takes a second, and most
# cells of a notebook need none of it.
_HOMES = {
    "DatasetError": "mlpkit.datasets.download",
    "fetch_cifar10": "mlpkit.datasets.cifar",
    "fetch_fashion_mnist": "mlpkit.datasets.mnist",
    "fetch_mnist": "mlpkit.datasets.mnist",
    "load_breast_cancer": "sklearn.datasets",
    "load_digits": "sklearn.datasets",
    "make_adding_problem": "mlpkit.datasets.generated",
    "make_cifar_like": "mlpkit.datasets.generated",
    "make_moons": "sklearn.datasets",
    "make_spirals": "mlpkit.datasets.generated",
    "one_hot": "mlpkit.datasets.preparation",
    "standardise": "mlpkit.datasets.preparation",
    "train_test_split": "sklearn.model_selection",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"module 'mlpkit.datasets' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
    with course_extra():
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
