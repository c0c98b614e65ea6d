"""Files from elsewhere: fetched once, checked against a pinned checksum, or refused in a sentence.

And what the images in them have in common: two subsets, bytes for pixels, a Bunch for the reader.

pooch downloads to a temporary file and moves it into the cache when its checksum is right, so what
lies in the cache is always complete.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pooch
import requests
from sklearn.utils import Bunch

TIMEOUT = 30  # seconds without a byte


class DatasetError(OSError):
    """The data could not be had; the text says why and what to do."""


@dataclass(frozen=True)
class RemoteFile:
    """A file with its published checksum, and the folders that serve it, the first one first."""

    dataset: str  # "MNIST": the folder in the cache, and what a message calls it
    name: str
    md5: str
    folders: tuple[str, ...]

    @property
    def known_hash(self) -> str:
        return f"md5:{self.md5}"


def data_home(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the cache: ``folder``, else the environment's MLPKIT_DATA, else the system's place."""
    return Path(folder or os.environ.get("MLPKIT_DATA") or pooch.os_cache("mlpkit")).expanduser()


def fetch_file(
    file: RemoteFile, home: str | os.PathLike[str] | None = None, download_if_missing: bool = True
) -> Path:
    """Return the path of ``file`` in the cache, downloading it when it is not there.

    Raises
    ------
    DatasetError : it is missing and may not or cannot be downloaded, or what came is not it
    """
    folder = data_home(home) / file.dataset.lower()
    path = folder / file.name
    if path.is_file() and pooch.file_hash(str(path), alg="md5") == file.md5:
        return path
    by_hand = f"or put {file.name} (md5 {file.md5}) into {folder} yourself"
    if not download_if_missing:
        raise DatasetError(
            f"{file.dataset} is not on this machine: {path} is missing or damaged. Call again "
            f"with download_if_missing=True, {by_hand}."
        )
    reasons = []
    for source in file.folders:
        host = urlsplit(source).netloc
        try:
            return Path(_download(source + file.name, file, folder))
        except requests.RequestException as error:
            reasons.append(f"{host} {_in_words(error)}")
        except ValueError:  # pooch's word for a checksum that differs; it kept nothing
            reasons.append(f"{host} sent a file with another checksum (damaged or changed)")
        except OSError as error:
            raise DatasetError(
                f"{file.dataset} cannot be stored in {folder}: {error.strerror or error}. Free "
                "space there, or name another folder with data_home=... or MLPKIT_DATA."
            ) from error
    raise DatasetError(
        f"{file.dataset} could not be downloaded: {'; '.join(reasons)}. Try again later with a "
        f"network, {by_hand}. Meanwhile load_digits() and make_cifar_like() need no network."
    )


def _download(url: str, file: RemoteFile, folder: Path) -> str:
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
    path: str = pooch.retrieve(url, file.known_hash, file.name, folder, downloader=downloader)
    return path


def _in_words(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"did not answer within {TIMEOUT} s"
    if isinstance(error, requests.ConnectionError):
        return "could not be reached (no network?)"
    return f"broke off ({type(error).__name__})"


def check_subset(subset: str) -> None:
    """Raise ValueError unless ``subset`` is one of the two that exist."""
    if subset not in ("train", "test"):
        raise ValueError(f"subset is {subset!r}, expected 'train' or 'test'")


def scaled(pixels: np.ndarray) -> np.ndarray:
    """Return bytes 0 ... 255 as float64 in [0, 1]."""
    return pixels / 255.0


def bunch_of_images(
    title: str, data: np.ndarray, images: np.ndarray, target: np.ndarray, names: tuple[str, ...]
) -> Bunch:
    """Return what scikit-learn's loaders do; ``images`` is a view of ``data`` as pictures."""
    return Bunch(
        data=data,
        images=images,
        target=target,
        target_names=np.array(names),
        DESCR=f"{title}: {len(data)} images, pixels in [0, 1]",
    )
