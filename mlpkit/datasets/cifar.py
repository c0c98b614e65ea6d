"""CIFAR-10: photographs of ten kinds of things, from the archive made for Python.

The archive holds pickles, and a pickle may run any code. This reader admits what an array of bytes
needs and nothing else, and takes the files out of the archive without unpacking it.
"""

import io
import os
import pickle
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from mlpkit.datasets.download import (
    DatasetError,
    RemoteFile,
    bunch_of_images,
    check_subset,
    fetch_file,
    scaled,
)

CIFAR10 = RemoteFile(
    "CIFAR-10",
    "cifar-10-python.tar.gz",
    "c58f30108f718f92721af3b95e74349a",  # as published on the page that offers it
    ("https://www.cs.toronto.edu/~kriz/",),
)
BATCHES = {"train": [f"data_batch_{i}" for i in range(1, 6)], "test": ["test_batch"]}
THINGS = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def fetch_cifar10(
    *,
    subset: str = "train",
    n_samples: int | None = None,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Load CIFAR-10: colour photographs, 32 x 32 pixels, 10 classes (170 MB to download).

    Parameters
    ----------
    subset : "train" (50 000 images) or "test" (10 000)
    n_samples : only the first so many; all 50 000 take 1.2 GB of memory
    data_home : folder of the cache; by default the environment's MLPKIT_DATA or the system's place
    download_if_missing : False to raise DatasetError instead of downloading
    return_X_y : return ``(data, target)`` instead of a Bunch

    Returns
    -------
    Bunch with data (n, 3072) in [0, 1], channel by channel; images (n, 32, 32, 3), a view of it;
    target (n,), target_names, DESCR

    Raises
    ------
    DatasetError : offline, another checksum, or an unreadable file; nothing half-written is kept
    """
    check_subset(subset)
    path = fetch_file(CIFAR10, data_home, download_if_missing)
    pixels, labels = read_archive(path, BATCHES[subset], n_samples)
    data = scaled(pixels)
    if return_X_y:
        return data, labels
    images = data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return bunch_of_images(f"CIFAR-10, {subset} set", data, images, labels, THINGS)


def read_archive(
    path: str | os.PathLike[str], batches: list[str], n_samples: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels (n, 3072), uint8, and the labels (n,) of some batches of the archive."""
    name = Path(path).name
    pixels, labels = [], []
    try:
        with tarfile.open(path, "r:gz") as archive:
            for batch in batches:
                member = archive.extractfile(f"cifar-10-batches-py/{batch}")
                if member is None:
                    raise DatasetError(f"{name}: {batch} is no file in it; delete {path}.")
                some_pixels, some_labels = _read_batch(member.read(), batch)
                pixels.append(some_pixels)
                labels.append(some_labels)
                if n_samples is not None and sum(map(len, labels)) >= n_samples:
                    break
    except (tarfile.TarError, EOFError, zlib.error, KeyError) as error:
        raise DatasetError(f"{name} is no complete archive ({error}); delete {path}.") from error
    return np.concatenate(pixels)[:n_samples], np.concatenate(labels)[:n_samples]


def _read_batch(content: bytes, batch: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        found = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
        pixels, labels = found[b"data"].array, np.asarray(found[b"labels"])
    except DatasetError:
        raise
    except Exception as error:  # a damaged pickle may raise anything
        raise DatasetError(f"{batch} is no batch of CIFAR-10 ({error!r}).") from error
    if labels.ndim != 1 or labels.dtype.kind != "i" or pixels.shape != (len(labels), 3072):
        raise DatasetError(f"{batch} holds no images of 3072 bytes with one label each.")
    return pixels, labels


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numbers, strings, containers and arrays of bytes; runs no code of the pickle."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _PickledBytes
        if (module, name) == ("numpy", "ndarray"):
            return np.ndarray  # the first argument of _reconstruct, not called
        if (module, name) == ("numpy", "dtype"):
            return _PickledDtype
        raise DatasetError(f"the archive asks for {module}.{name}; it is not CIFAR-10, delete it.")


class _PickledBytes:
    """Takes numpy's place while an array of bytes is unpickled."""

    def __init__(self, *_ignored: Any):
        self.array = np.empty(0, dtype=np.uint8)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, by_column, content = state
        if not isinstance(dtype, _PickledDtype) or dtype.code != b"u1" or by_column:
            raise DatasetError("the archive holds an array that is not bytes by rows; delete it.")
        self.array = np.frombuffer(content, dtype=np.uint8).reshape(shape)


class _PickledDtype:
    """Takes the place of np.dtype; only its code matters."""

    def __init__(self, code: bytes, *_flags: Any):
        self.code = code

    def __setstate__(self, _state: tuple[Any, ...]) -> None:
        """Byte order and alignment say nothing about bytes."""
