"""The data sets: their form, their parsers on small files, and what is said when one is not to be
had. Files come from a server on this machine only."""

import gzip
import hashlib
import io
import os
import struct
import tarfile
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier

from mlpkit import datasets
from mlpkit.datasets import (
    DatasetError,
    fetch_cifar10,
    fetch_fashion_mnist,
    fetch_mnist,
    load_breast_cancer,
    load_digits,
    make_adding_problem,
    make_cifar_like,
    make_moons,
    make_spirals,
    one_hot,
    standardise,
)
from mlpkit.datasets import cifar as cifar_module
from mlpkit.datasets import mnist as mnist_module

# Bundled and generated ----------------------------------------------------------------------------


def test_bundled_data_follow_scikit_learn():
    digits = load_digits()
    assert digits.data.shape == (1797, 64)
    X, y = load_breast_cancer(return_X_y=True)
    assert X.shape == (569, 30) and set(y) == {0, 1}


@pytest.mark.parametrize("make", [make_moons, make_spirals, make_cifar_like, make_adding_problem])
def test_generated_data_depend_on_the_seed_alone(make):
    X, y = make(40, random_state=3)
    again, _ = make(40, random_state=3)
    other, _ = make(40, random_state=4)
    assert len(X) == len(y) == 40
    assert np.array_equal(X, again) and not np.array_equal(X, other)


@pytest.mark.parametrize("n_samples", [1, 10, 31])
def test_spirals_have_as_many_points_of_each_class_as_can_be(n_samples):
    X, y = make_spirals(n_samples, n_classes=3, random_state=0)
    assert X.shape == (n_samples, 2) and np.ptp(np.bincount(y, minlength=3)) <= 1
    assert (np.hypot(*X.T) <= 1).all()


def test_spirals_are_for_curved_boundaries_only():
    X, y = make_spirals(600, random_state=0)
    X_test, y_test = make_spirals(300, random_state=1)
    assert LogisticRegression().fit(X, y).score(X_test, y_test) < 0.7
    assert KNeighborsClassifier(5).fit(X, y).score(X_test, y_test) > 0.95


def test_cifar_like_images_can_be_learnt_and_not_at_a_glance():
    X, y = make_cifar_like(1000, random_state=0)
    X_test, y_test = make_cifar_like(300, random_state=1)
    assert X.shape == (1000, 3072) and X.min() >= 0 and X.max() <= 1
    assert np.bincount(y).tolist() == [100] * 10
    linear = LogisticRegression(C=1e-4, max_iter=20, tol=1e-2).fit(X - 0.5, y)
    assert 0.3 < linear.score(X_test - 0.5, y_test) < 0.9


def test_the_adding_problem_marks_one_number_in_each_half():
    X, y = make_adding_problem(200, length=9, random_state=0)
    values, marks = X[:, :, 0], X[:, :, 1]
    assert X.shape == (200, 9, 2) and set(marks.ravel()) == {0.0, 1.0}
    assert (marks[:, :4].sum(axis=1) == 1).all() and (marks[:, 4:].sum(axis=1) == 1).all()
    np.testing.assert_allclose((values * marks).sum(axis=1), y, rtol=1e-15)


def test_the_adding_problem_needs_the_product_of_mark_and_value():
    X, y = make_adding_problem(4000, length=6, random_state=0)
    flat = X.reshape(len(X), -1)
    error = np.mean((Ridge().fit(flat[:2000], y[:2000]).predict(flat[2000:]) - y[2000:]) ** 2)
    assert 0.1 < error < 1.05 / 6
    with pytest.raises(ValueError, match="length = 1, expected at least 2"):
        make_adding_problem(length=1)


# Preparation --------------------------------------------------------------------------------------


def test_standardising_uses_the_training_set_alone():
    random = np.random.default_rng(0)
    X_train, X_test = random.normal(3, 5, (50, 4)), random.normal(-3, 1, (20, 4))
    X_train[:, 2] = X_test[:, 2] = 7.0
    before = X_test.copy()
    train, test = standardise(X_train, X_test)
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(train.std(axis=0)[[0, 1, 3]], 1, rtol=1e-14)
    scale = np.where(X_train.std(axis=0) > 0, X_train.std(axis=0), 1)
    np.testing.assert_allclose(test, (X_test - X_train.mean(axis=0)) / scale, rtol=1e-13)
    assert (standardise(X_train, 100 * X_test)[0] == train).all()
    assert (X_test == before).all()


def test_standardising_refuses_shapes_that_do_not_agree():
    with pytest.raises(ValueError, match=r"\(5, 3\), \(4, 2\)"):
        standardise(np.ones((5, 3)), np.ones((4, 2)))
    with pytest.raises(ValueError, match="reshape"):
        standardise(np.ones((5, 8, 8)))


def test_one_hot_puts_a_one_in_the_column_of_the_label():
    assert one_hot([2, 0], 4).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    assert one_hot(np.array([], dtype=int), 4).shape == (0, 4)
    assert one_hot(np.array([1], dtype=np.uint8), 2).dtype == np.float64


@pytest.mark.parametrize(
    ("y", "K", "says"),
    [
        ([0, 3], 3, "got the label 3, expected 0 ... 2 for K = 3"),
        ([0, -1], 3, "got the label -1"),
        ([0.0, 1.0], 3, "labels of dtype float64"),
        ([True, False], 2, "labels of dtype bool"),
        ([[0], [1]], 3, "shape (2, 1), expected labels of shape (n,); use y.ravel()"),
        (np.eye(3), 3, "one-hot already"),
        (1, 3, "shape ()"),
        ([0, 1], np.zeros(3), "an array of shape (3,), expected the number of classes"),
        ([0, 1], 2.0, "K = 2.0"),
        ([0, 1], 0, "K = 0"),
    ],
)
def test_one_hot_says_what_is_wrong_with_the_labels(y, K, says):
    with pytest.raises(ValueError) as caught:
        one_hot(y, K)
    assert says in str(caught.value)


# Downloaded ---------------------------------------------------------------------------------------


def idx(array):
    """The bytes of a gzipped IDX file."""
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


def python2_text(text):
    return b"U" + bytes([len(text)]) + text.encode()


def python2_batch(pixels, labels):
    """A batch as CIFAR-10's authors wrote it: a pickle of protocol 2, by Python 2 and numpy 1."""
    content = pixels.tobytes()
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        + b"(K\x01"
        + b"".join(b"J" + struct.pack("<i", n) for n in pixels.shape)
        + b"\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN"
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + b"T"
        + struct.pack("<i", len(content))
        + content
        + b"tb"
    )
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    fields = python2_text("labels") + numbers + python2_text("data") + array
    return b"\x80\x02}(" + fields + b"u."


def archive(**batches):
    """The bytes of a gzipped tar archive with these batches."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in batches.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (5, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], dtype=np.uint8)
PIXELS = RANDOM.integers(0, 256, (6, 2, 3072), dtype=np.uint8)
BATCHES = {
    name: python2_batch(PIXELS[i], [i, 9 - i])
    for i, name in enumerate([f"data_batch_{k}" for k in range(1, 6)] + ["test_batch"])
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """A folder, and the address on loopback where its files are served."""
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder, f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path):
    return tmp_path / "cache"


def published(remote, content, server, md5=None):
    """``remote`` as if ``content`` were what its authors published, put on the server."""
    folder, address = server
    (folder / remote.name).write_bytes(content)
    md5 = md5 or hashlib.md5(content).hexdigest()
    return replace(remote, md5=md5, folders=(address,))


@pytest.fixture
def small_mnist(server, monkeypatch):
    for name in ("MNIST", "FASHION_MNIST"):
        files = {
            (subset, what): published(remote, idx(IMAGES if what == "images" else LABELS), server)
            for (subset, what), remote in getattr(mnist_module, name).items()
        }
        monkeypatch.setattr(mnist_module, name, files)
    return server


@pytest.fixture
def small_cifar(server, monkeypatch):
    remote = published(cifar_module.CIFAR10, archive(**BATCHES), server)
    monkeypatch.setattr(cifar_module, "CIFAR10", remote)
    return server


def files_in(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


@pytest.mark.parametrize("fetch", [fetch_mnist, fetch_fashion_mnist])
@pytest.mark.parametrize("subset", ["train", "test"])
def test_mnist_is_read_as_bunch(small_mnist, home, fetch, subset):
    bunch = fetch(subset=subset, data_home=home)
    assert bunch.data.shape == (5, 784) and bunch.data.dtype == np.float64
    np.testing.assert_array_equal(bunch.images, IMAGES / 255)
    np.testing.assert_array_equal(bunch.data, bunch.images.reshape(5, -1))
    assert bunch.target.tolist() == LABELS.tolist() and bunch.target.dtype == np.int64
    assert len(bunch.target_names) == 10 and f"{subset} set: 5 images" in bunch.DESCR


def test_mnist_is_read_as_X_y_and_cut(small_mnist, home):
    X, y = fetch_mnist(n_samples=2, data_home=home, return_X_y=True)
    assert X.shape == (2, 784) and y.tolist() == [3, 1]


def test_what_is_in_the_cache_is_not_fetched_again(small_mnist, home):
    fetch_mnist(data_home=home)
    for path in small_mnist[0].iterdir():
        path.unlink()
    assert len(fetch_mnist(data_home=home, download_if_missing=False).data) == 5


def test_the_environment_names_the_cache(small_mnist, home, monkeypatch):
    monkeypatch.setenv("MLPKIT_DATA", str(home))
    fetch_mnist()
    assert len(files_in(home)) == 2


def test_mnist_and_fashion_mnist_do_not_share_files(small_mnist, home):
    fetch_mnist(data_home=home)
    fetch_fashion_mnist(data_home=home)
    assert sorted(os.listdir(home)) == ["fashion-mnist", "mnist"]


def test_cifar10_is_read_in_order(small_cifar, home):
    train = fetch_cifar10(data_home=home)
    np.testing.assert_array_equal(train.data, PIXELS[:5].reshape(10, 3072) / 255)
    assert train.target.tolist() == [0, 9, 1, 8, 2, 7, 3, 6, 4, 5]
    X, y = fetch_cifar10(subset="test", data_home=home, return_X_y=True)
    np.testing.assert_array_equal(X, PIXELS[5] / 255)
    assert y.tolist() == [5, 4]
    assert len(fetch_cifar10(n_samples=3, data_home=home).data) == 3


def test_cifar10_images_have_their_colours_last(small_cifar, home):
    bunch = fetch_cifar10(data_home=home)
    assert bunch.images.shape == (10, 32, 32, 3)
    assert bunch.images[4, 2, 7, 1] == bunch.data[4, 1024 + 2 * 32 + 7]


def failure(fetch, **kwargs):
    """The one message, or few, of a DatasetError."""
    with pytest.raises(DatasetError) as caught:
        fetch(**kwargs)
    text = str(caught.value)
    assert "\n" not in text and "Traceback" not in text
    return text


def test_an_unknown_subset_is_refused(home):
    for fetch in (fetch_mnist, fetch_cifar10):
        with pytest.raises(ValueError, match="subset is 'all', expected 'train' or 'test'"):
            fetch(subset="all", data_home=home)


def test_offline_says_so_and_keeps_nothing(server, home, monkeypatch):
    unreachable = replace(cifar_module.CIFAR10, folders=("http://127.0.0.1:9/",))
    monkeypatch.setattr(cifar_module, "CIFAR10", unreachable)
    text = failure(fetch_cifar10, data_home=home)
    assert "CIFAR-10 could not be downloaded: 127.0.0.1:9 could not be reached" in text
    assert unreachable.md5 in text and str(home) in text and "make_cifar_like()" in text
    assert files_in(home) == []


def test_a_missing_page_says_404_and_keeps_nothing(small_mnist, home):
    for path in small_mnist[0].iterdir():
        path.unlink()
    assert "answered 404" in failure(fetch_mnist, data_home=home)
    assert files_in(home) == []


def test_another_checksum_says_so_and_keeps_nothing(server, home, monkeypatch):
    remote = published(cifar_module.CIFAR10, archive(**BATCHES)[:-9], server, md5="0" * 32)
    monkeypatch.setattr(cifar_module, "CIFAR10", remote)
    text = failure(fetch_cifar10, data_home=home)
    assert "sent a file with another checksum (damaged or changed)" in text
    assert files_in(home) == []


def test_the_second_source_is_asked_when_the_first_fails(server, home, monkeypatch):
    remote = published(cifar_module.CIFAR10, archive(**BATCHES), server)
    folders = ("http://127.0.0.1:9/", *remote.folders)
    monkeypatch.setattr(cifar_module, "CIFAR10", replace(remote, folders=folders))
    assert len(fetch_cifar10(data_home=home).data) == 10


def test_a_damaged_file_in_the_cache_is_fetched_again(small_cifar, home):
    fetch_cifar10(data_home=home)
    path = home / "cifar-10" / "cifar-10-python.tar.gz"
    path.write_bytes(path.read_bytes()[:100])
    assert "missing or damaged" in failure(fetch_cifar10, data_home=home, download_if_missing=False)
    assert len(fetch_cifar10(data_home=home).data) == 10


def test_no_download_without_permission(home):
    text = failure(fetch_mnist, data_home=home, download_if_missing=False)
    assert "is not on this machine" in text and "download_if_missing=True" in text
    assert files_in(home) == []


def test_a_cache_that_cannot_be_written_says_so(small_mnist, home):
    home.write_text("a file where the folder should be")
    text = failure(fetch_mnist, data_home=home)
    assert "MNIST cannot be stored in" in text and "MLPKIT_DATA" in text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html>not found</html>", "no complete gzip file"),
        (idx(IMAGES)[:-20], "no complete gzip file"),
        (gzip.compress(b"<html>", mtime=0), "expected an IDX file"),
        (gzip.compress(b"", mtime=0), "expected an IDX file"),
        (gzip.compress(b"\0\0\x08\x03\0\0", mtime=0), "holds 0 bytes"),
        (gzip.compress(gzip.decompress(idx(IMAGES))[:-1], mtime=0), "holds 3919 bytes"),
        (idx(LABELS), "the images have shape (5,)"),
    ],
    ids=["html", "cut gzip", "gzipped html", "empty", "cut head", "cut body", "labels"],
)
def test_an_unreadable_idx_file_is_described(server, home, monkeypatch, content, says):
    files = dict(mnist_module.MNIST)
    files["train", "images"] = published(files["train", "images"], content, server)
    files["train", "labels"] = published(files["train", "labels"], idx(LABELS), server)
    monkeypatch.setattr(mnist_module, "MNIST", files)
    assert says in failure(fetch_mnist, data_home=home)


EVIL = b"\x80\x02cos\nsystem\nU\x0btouch stolen\x85R."
OBJECTS = BATCHES["test_batch"].replace(b"U\x02u1", b"U\x02O8")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no archive", "no complete archive"),
        (archive(**BATCHES)[:-2000], "no complete archive"),
        (archive(data_batch_1=BATCHES["data_batch_1"]), "no complete archive"),
        (archive(test_batch=b"no pickle"), "no batch of CIFAR-10"),
        (archive(test_batch=BATCHES["test_batch"][:-30]), "no batch of CIFAR-10"),
        (archive(test_batch=b"\x80\x02}."), "no batch of CIFAR-10"),
        (archive(test_batch=python2_batch(PIXELS[0], [1])), "one label each"),
        (archive(test_batch=EVIL), "asks for os.system"),
        (archive(test_batch=OBJECTS), "not bytes"),
    ],
    ids=[
        "no archive",
        "cut archive",
        "batch missing",
        "no pickle",
        "cut pickle",
        "empty pickle",
        "label missing",
        "code in the pickle",
        "array of objects",
    ],
)
def test_an_unreadable_archive_is_described(server, home, monkeypatch, tmp_path, content, says):
    monkeypatch.chdir(tmp_path)
    remote = published(cifar_module.CIFAR10, content, server)
    monkeypatch.setattr(cifar_module, "CIFAR10", remote)
    assert says in failure(fetch_cifar10, subset="test", data_home=home)
    assert not (tmp_path / "stolen").exists()


def test_the_published_checksums_are_pinned():
    files = [*mnist_module.MNIST.values(), *mnist_module.FASHION_MNIST.values()]
    assert len({file.md5 for file in [*files, cifar_module.CIFAR10]}) == 9
    assert all(len(file.md5) == 32 and int(file.md5, 16) for file in files)
    assert {file.name for file in files} == {
        f"{subset}-{what}-ubyte.gz"
        for subset in ("train", "t10k")
        for what in ("images-idx3", "labels-idx1")
    }


def test_every_public_name_exists_and_is_described():
    assert datasets.__all__ == sorted(datasets.__all__)
    for name in datasets.__all__:
        assert getattr(datasets, name).__doc__
