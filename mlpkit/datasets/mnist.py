"""MNIST and Fashion-MNIST: handwritten digits, and articles of clothing in the same format.

An IDX file begins with two zero bytes, the type (8: unsigned bytes), the number of axes, and their
lengths as big-endian 32-bit integers. The bytes of the array follow.
"""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

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

_UNSIGNED_BYTES = 8

Files = dict[tuple[str, str], RemoteFile]  # by ("train" or "test", "images" or "labels")


def _four_files(dataset: str, checksums: tuple[str, ...], *folders: str) -> Files:
    names = [
        (subset, what, f"{prefix}-{what}-idx{axes}-ubyte.gz")
        for subset, prefix in (("train", "train"), ("test", "t10k"))
        for what, axes in (("images", 3), ("labels", 1))
    ]
    return {
        (subset, what): RemoteFile(dataset, name, md5, folders)
        for (subset, what, name), md5 in zip(names, checksums, strict=True)
    }


# checksums as their authors and torchvision publish them
MNIST = _four_files(
    "MNIST",
    (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
FASHION_MNIST = _four_files(
    "Fashion-MNIST",
    (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def fetch_mnist(
    *,
    subset: str = "train",
    n_samples: int | None = None,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Load MNIST: images of handwritten digits, 28 x 28 pixels (12 MB to download).

    Parameters
    ----------
    subset : "train" (60 000 images) or "test" (10 000)
    n_samples : only the first so many; all 60 000 take 376 MB of memory
    data_home : folder of the cache; by default the environment's MLPKIT_DATA or the system's place
    download_if_missing : False to raise DatasetError instead of downloading
    return_X_y : return ``(data, target)`` instead of a Bunch

    Returns
    -------
    Bunch with data (n, 784) in [0, 1], images (n, 28, 28), target (n,), target_names, DESCR

    Raises
    ------
    DatasetError : offline, another checksum, or an unreadable file; nothing half-written is kept
    """
    names = tuple("0123456789")
    return _fetch(MNIST, names, subset, n_samples, data_home, download_if_missing, return_X_y)


def fetch_fashion_mnist(
    *,
    subset: str = "train",
    n_samples: int | None = None,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    """Load Fashion-MNIST: ten kinds of clothing, in the form of `fetch_mnist` (31 MB)."""
    return _fetch(
        FASHION_MNIST, CLOTHES, subset, n_samples, data_home, download_if_missing, return_X_y
    )


def _fetch(
    files: Files,
    names: tuple[str, ...],
    subset: str,
    n_samples: int | None,
    home: str | os.PathLike[str] | None,
    download_if_missing: bool,
    return_X_y: bool,
) -> Bunch | tuple[np.ndarray, np.ndarray]:
    check_subset(subset)
    images, labels = (
        read_idx(fetch_file(files[subset, what], home, download_if_missing))
        for what in ("images", "labels")
    )
    dataset = files[subset, "images"].dataset
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise DatasetError(
            f"{dataset}: the images have shape {images.shape} and the labels {labels.shape}, "
            "expected (n, 28, 28) and (n,); delete the cached files."
        )
    images, target = scaled(images[:n_samples]), labels[:n_samples].astype(np.int64)
    data = images.reshape(len(images), -1)
    if return_X_y:
        return data, target
    return bunch_of_images(f"{dataset}, {subset} set", data, images, target, names)


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Return the array of unsigned bytes in a gzipped IDX file; DatasetError if it holds none."""
    name = Path(path).name
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(f"{name} is no complete gzip file ({error}); delete {path}.") from error
    if len(content) < 4 or content[:3] != bytes([0, 0, _UNSIGNED_BYTES]):
        raise DatasetError(
            f"{name} begins with {content[:4]!r}, expected an IDX file of unsigned bytes; "
            f"delete {path}."
        )
    axes = content[3]
    body = content[4 + 4 * axes :]
    shape = struct.unpack_from(f">{axes}I", content.ljust(4 + 4 * axes, b"\xff"), 4)
    if len(body) != math.prod(shape):
        raise DatasetError(
            f"{name} holds {len(body)} bytes after its head, expected {math.prod(shape)} for an "
            f"array of shape {shape}; delete {path}."
        )
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)
