"""scikit-learn's ``Bunch`` as data: a dict whose entries are attributes, too."""

from __future__ import annotations

from typing import Any

from sklearn.utils import Bunch

from autograder.exam.protocol.data_type import DataType


def _bunch(found: Any) -> Bunch:
    if type(found) is not dict or not all(type(name) is str for name in found):
        raise TypeError("no Bunch")
    return Bunch(**found)


DATA_TYPES = (DataType(Bunch, lambda one: [dict(one)], _bunch),)
