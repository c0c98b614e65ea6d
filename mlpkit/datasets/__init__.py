"""Data for the course: bundled, generated, and downloaded on demand.

| bundled with scikit-learn | `load_digits`, `load_breast_cancer` |
| generated from a seed | `make_moons`, `make_spirals`, `make_cifar_like`, `make_adding_problem` |
| downloaded, checksums pinned | `fetch_mnist`, `fetch_fashion_mnist`, `fetch_cifar10` |
| before training | `train_test_split`, `standardise`, `one_hot` |

What a function takes and returns follows scikit-learn: ``load_*`` and ``fetch_*`` give a Bunch, or
``(X, y)`` with ``return_X_y=True``; ``make_*`` give ``(X, y)`` and take ``random_state``.
"""

from sklearn.datasets import load_breast_cancer, load_digits, make_moons
from sklearn.model_selection import train_test_split

from mlpkit.datasets.cifar import fetch_cifar10
from mlpkit.datasets.download import DatasetError
from mlpkit.datasets.generated import make_adding_problem, make_cifar_like, make_spirals
from mlpkit.datasets.mnist import fetch_fashion_mnist, fetch_mnist
from mlpkit.datasets.preparation import one_hot, standardise

__all__ = [
    "DatasetError",
    "fetch_cifar10",
    "fetch_fashion_mnist",
    "fetch_mnist",
    "load_breast_cancer",
    "load_digits",
    "make_adding_problem",
    "make_cifar_like",
    "make_moons",
    "make_spirals",
    "one_hot",
    "standardise",
    "train_test_split",
]
