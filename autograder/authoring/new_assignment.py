"""A new assignment, whole and small: it builds and proves as it is, and is there to be changed."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.errors import AutograderError
from autograder.files import write_atomically

_NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*")

_SOURCE = '''\
# %% [markdown]
# # TITLE
#
# What is to be learned, and the formula: with $L = \\frac12 \\sum_i (w x_i - y_i)^2$,
# $dL/dw = \\sum_i (w x_i - y_i)\\, x_i$.

# %% given id="setup"
import numpy as np

from mlpkit.testing import assert_number, secret_rng


# %% solution id="dL_dw"
def dL_dw(w, x, y):
    """dL/dw = sum (w x - y) x. w a number, x (n,), y (n,) -> a number."""
    ### BEGIN SOLUTION
    return np.sum((w * x - y) * x)
    ### END SOLUTION


# %% test id="test_dL_dw" points=2
"""The derivative of the loss is the sum of residual times x"""
x, y = np.array([1.0, 3.0, 2.0]), np.array([0.0, 2.0, 5.0])
hints = {"the factor x is missing": 1.0, "it is a mean where the sum is meant": -2 / 3}
assert_number(dL_dw(1.0, x, y), -2.0, "dL/dw", hints=hints)
### BEGIN HIDDEN TESTS
rng = secret_rng("dL_dw")
for n in (1, 4, 7):
    x, y, w = rng.normal(size=n), rng.normal(size=n), rng.normal()
    step = 1e-30j  # the trusted loss, differentiated by a complex step
    right = (0.5 * np.sum(((w + step) * x - y) ** 2)).imag / 1e-30
    assert_number(dL_dw(w, x, y), right, "dL/dw")
### END HIDDEN TESTS

# %% manual [markdown] id="why" points=2
# Why does $dL/dw$ vanish at the best $w$?
#
# ### BEGIN SOLUTION
# There $L$ has its minimum, and $L$ is differentiable.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1: the minimum
# - 1: differentiable
# ### END MARK SCHEME
'''

_MISTAKE = '''\
"""The mean over the samples where the sum is meant.

loses: test_dL_dw
says: a mean
"""


# %% solution id="dL_dw"
def dL_dw(w, x, y):
    return np.mean((w * x - y) * x)
'''

_VARIANT = '''\
"""The sum as a scalar product."""


# %% solution id="dL_dw"
def dL_dw(w, x, y):
    return (w * x - y) @ x
'''


def write_new_assignment(root: Path, name: str) -> list[Path]:
    """Write ``root/solutions/NAME`` with a source, a mistake and a variant; returns the files.

    Raises AutograderError for a name that is none, or where something is already.
    """
    if not _NAME.fullmatch(name):
        raise AutograderError(
            f"{name!r} is no name for an assignment. Give two digits and a topic in small "
            "letters, like 08_batch_norm."
        )
    folder = root / "solutions" / name
    if folder.exists():
        raise AutograderError(f"{folder} is there already; nothing was changed.")
    title = name[3:].replace("_", " ").capitalize()
    texts = {
        f"{name}.py": _SOURCE.replace("TITLE", title),
        "mistakes/mean.py": _MISTAKE,
        "variants/scalar_product.py": _VARIANT,
    }
    for file, text in texts.items():
        write_atomically(folder / file, text.encode())
    return [folder / file for file in texts]
