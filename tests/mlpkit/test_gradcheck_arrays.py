"""Arrays and containers of numpy, pandas, scipy, attrs, and of torch and jax, or what stands in for them.

Each case is a right gradient of parameters that hold one array of VALUES; the same gradient with one
entry off has to be wrong.
"""

import dataclasses
import warnings
from collections import OrderedDict, UserDict, defaultdict
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient, check_jacobian

VALUES = np.array([[0.5, -1.2, 2.0, 0.3], [1.4, 0.9, -0.7, -0.2], [0.8, 1.1, -1.6, 0.6]])
OFF = np.ones(VALUES.shape)
OFF[1, 2] = 1.01


def cubes(w):
    return (np.asarray(w) ** 3).sum()


def slopes(w):
    return 3 * np.asarray(w) ** 2


def verdicts(loss, gradient, params):
    """Of the gradient as it is, and with one entry off. ``gradient(params, OFF)``."""
    right = check_gradient(loss, lambda p: gradient(p, 1.0), params)
    wrong = check_gradient(loss, lambda p: gradient(p, OFF), params)
    return right.verdict, wrong.verdict


# --- arrays of numpy, and of its subclasses


class Unit(np.ndarray):
    """An array with an attribute, as libraries of physical units have it."""

    def __array_finalize__(self, other):
        self.scale = getattr(other, "scale", 1.0)


def with_scale():
    array = VALUES.view(Unit)
    array.scale = 2.0
    return array


def memmap(tmp_path, mode):
    VALUES.tofile(tmp_path / "values")
    return np.memmap(tmp_path / "values", dtype=float, mode=mode, shape=VALUES.shape)


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_memory_maps(tmp_path, mode):
    params = memmap(tmp_path, mode)
    assert verdicts(cubes, lambda w, off: slopes(w) * off, params) == ("correct", "wrong")


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(VALUES),
        VALUES.astype(">f8"),
        VALUES.astype(np.longdouble),
        np.repeat(VALUES, 2, axis=1)[::-1, ::-2],
        np.broadcast_to(VALUES, VALUES.shape),
    ],
    ids=["Fortran order", "big-endian", "long double", "strided", "read-only"],
)
def test_layouts_and_types(array):
    assert verdicts(cubes, lambda w, off: slopes(w) * off, array) == ("correct", "wrong")


def test_the_loss_gets_the_layout_that_was_given():
    def loss(w):
        return (w.ravel(order="K")[:5] ** 3).sum()  # the first five in memory

    def gradient(w):
        g = np.zeros(VALUES.shape, order="F")
        g.ravel(order="K")[:5] = 3 * w.ravel(order="K")[:5] ** 2
        return g

    assert check_gradient(loss, gradient, np.asfortranarray(VALUES)).verdict == "correct"


def test_the_loss_gets_the_subclass_that_was_given():
    def loss(w):
        return w.scale * cubes(w)

    def gradient(w, off):
        return w.scale * slopes(w) * off

    assert verdicts(loss, gradient, with_scale()) == ("correct", "wrong")


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_matrices_of_numpy_multiply_as_matrices():
    X = np.asmatrix(VALUES)
    w = np.asmatrix([[0.3], [-0.2], [0.5], [1.1]])
    off = np.array([[1.01], [1], [1], [1]])

    def loss(w):
        return ((X * w).T * (X * w))[0, 0]

    def gradient(w, off):
        return np.multiply(2 * X.T * (X * w), off)

    right = check_gradient(loss, lambda w: gradient(w, 1.0), w)
    wrong = check_gradient(loss, lambda w: gradient(w, off), w)
    assert (right.verdict, wrong.verdict) == ("correct", "wrong")


def test_what_is_masked_has_no_gradient():
    params = np.ma.masked_array(VALUES, mask=VALUES < -1)

    def loss(w):
        return (w**3).sum()

    def gradient(w, off):
        return 3 * w**2 * off

    assert verdicts(loss, gradient, params) == ("correct", "wrong")
    plain = check_gradient(loss, lambda w: np.where(params.mask, 0, slopes(w)), params)
    assert plain.verdict == "correct"


# --- pandas


def test_tables_of_pandas():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(VALUES, columns=list("abcd"))
    assert verdicts(
        lambda w: float((w**3).to_numpy().sum()), lambda w, off: 3 * w**2 * off, table
    ) == ("correct", "wrong")


@pytest.mark.parametrize("order", [["a", "b", "c"], ["c", "a", "b"]])
def test_a_series_is_compared_by_its_labels(order):
    pd = pytest.importorskip("pandas")
    w = pd.Series([0.3, -0.2, 0.5], index=list("abc"))

    def loss(w):
        return w["a"] ** 2 * w["b"] + w["c"]

    def right(w):
        return pd.Series({"a": 2 * w["a"] * w["b"], "b": w["a"] ** 2, "c": 1.0})[order]

    def wrong(w):
        return pd.Series({"b": 2 * w["a"] * w["b"], "a": w["a"] ** 2, "c": 1.0})[order]

    assert check_gradient(loss, right, w).verdict == "correct"
    assert check_gradient(loss, wrong, w).verdict == "wrong"


# --- scipy.sparse

SPARSE = ["csr_matrix", "csr_array", "csc_array", "coo_array", "dok_array", "dok_matrix",
          "lil_matrix", "bsr_array", "dia_array"]  # fmt: skip


@pytest.mark.parametrize("kind", SPARSE)
def test_sparse_gradients(kind):
    sparse = pytest.importorskip("scipy.sparse")

    def gradient(w, off):
        return getattr(sparse, kind)(slopes(w) * off)

    assert verdicts(cubes, gradient, VALUES) == ("correct", "wrong")


@pytest.mark.parametrize("kind", [k for k in SPARSE if k[:3] not in ("dok", "lil")])
def test_sparse_parameters(kind):
    sparse = pytest.importorskip("scipy.sparse")
    B = np.array([[1.0, -2.0], [0.5, 0.3], [0.2, 1.0], [-1.0, 0.4]])

    def loss(A):
        return ((A @ B) ** 2).sum()

    def gradient(A, off):
        return 2 * (A @ B) @ B.T * off

    assert verdicts(loss, gradient, getattr(sparse, kind)(VALUES)) == ("correct", "wrong")


def test_a_linear_operator_as_jacobian():
    linalg = pytest.importorskip("scipy.sparse.linalg")
    x = np.ones(4)
    assert check_jacobian(lambda x: VALUES @ x, lambda x: linalg.aslinearoperator(VALUES), x).ok
    wrong = check_jacobian(lambda x: VALUES @ x, lambda x: linalg.aslinearoperator(VALUES * OFF), x)
    assert "df[1]/dx, entry [2]" in str(wrong)


# --- containers


@dataclasses.dataclass(frozen=True)
class Frozen:
    w: np.ndarray
    name: str = "layer"


@dataclasses.dataclass(slots=True)
class Slots:
    w: np.ndarray
    count: int = 3


@dataclasses.dataclass
class WorksOut:
    """What it works out from w follows w."""

    w: np.ndarray
    half: np.ndarray = dataclasses.field(init=False)

    def __post_init__(self):
        self.half = self.w / 2


@dataclasses.dataclass
class Forgets:
    """Its __init__ wants what it does not keep."""

    w: np.ndarray
    size: dataclasses.InitVar[int]

    def __post_init__(self, size):
        self.label = f"of size {size}"


class Bunch(dict):
    """Entries that can be read as attributes, as scikit-learn's Bunch has them."""

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)


CONTAINERS = {
    "frozen dataclass": Frozen(VALUES),
    "dataclass with slots": Slots(VALUES),
    "dataclass that works something out": WorksOut(VALUES),
    "dataclass with InitVar": Forgets(VALUES, 12),
    "namespace": SimpleNamespace(w=VALUES, name="layer"),
    "bunch": Bunch(w=VALUES, n=3),
}
MAPPINGS = {
    "OrderedDict": OrderedDict(w=VALUES),
    "defaultdict": defaultdict(list, w=VALUES),
    "UserDict": UserDict(w=VALUES),
    "mappingproxy": MappingProxyType({"w": VALUES}),
}
FIXED = [None, 3, True, "tanh", b"x", np.tanh, len, slice(1, 3), range(4), np.arange(3),
         np.array(["a"]), np.zeros((0, 2)), np.zeros(2, dtype=[("a", int)]), np.datetime64("2020"),
         np.random.default_rng(0)]  # fmt: skip


@pytest.mark.parametrize("params", CONTAINERS.values(), ids=CONTAINERS)
def test_objects_keep_their_class_and_methods(params):
    def loss(p):
        assert type(p) is type(params)
        return 2 * cubes(p.half) + cubes(p.w) if hasattr(p, "half") else cubes(p.w)

    def gradient(p, off):
        return {"w": slopes(p.w) * off * (1.25 if isinstance(p, WorksOut) else 1)}

    assert verdicts(loss, gradient, params) == ("correct", "wrong")


@pytest.mark.parametrize("params", MAPPINGS.values(), ids=MAPPINGS)
def test_mappings_keep_their_class(params):
    def loss(p):
        assert type(p) is type(params)
        return cubes(p["w"])

    def gradient(p, off):
        return type(params)({"w": slopes(p["w"]) * off}) if type(params) is not defaultdict else {
            "w": slopes(p["w"]) * off
        }  # fmt: skip

    assert verdicts(loss, gradient, params) == ("correct", "wrong")


@pytest.mark.parametrize("leaf", FIXED, ids=lambda leaf: str(type(leaf).__name__))
def test_what_holds_no_floats_is_held_fixed(leaf):
    def loss(p):
        assert p["fixed"] is leaf
        return cubes(p["w"])

    params = {"fixed": leaf, "w": VALUES}
    assert verdicts(loss, lambda p, off: {"w": slopes(p["w"]) * off}, params) == (
        "correct", "wrong",
    )  # fmt: skip


def test_attrs_classes():
    attr = pytest.importorskip("attr")
    layer = attr.make_class("Layer", ["w", "name"], frozen=True)

    def gradient(p, off):
        return layer(slopes(p.w) * off, "")

    assert verdicts(lambda p: cubes(p.w), gradient, layer(VALUES, "x")) == ("correct", "wrong")


def test_the_losses_of_other_libraries():
    for wrap in (lambda v: np.array(v, dtype=object), lambda v: [v], lambda v: np.array([[v]])):
        assert check_gradient(lambda w, wrap=wrap: wrap(cubes(w)), slopes, VALUES).ok


def test_what_is_no_container_is_refused_with_what_to_do():
    class Module:
        def named_parameters(self):
            return iter(())

        def __call__(self):
            return None

    with pytest.raises(TypeError, match="named_parameters"):
        check_gradient(lambda m: 0.0, lambda m: m, Module())
    with pytest.raises(TypeError, match="dataclasses"):
        check_gradient(lambda m: 0.0, lambda m: m, object())


# --- torch and jax: what is peculiar to them, as stand-ins that need neither


class Tensor:
    """Refuses to become an array before it is detached and dense, as torch's tensors do."""

    layout = "torch.sparse_coo"

    def __init__(self, array, ready=False):
        self.array, self.ready = array, ready

    def detach(self):
        return self

    def to_dense(self):
        return Tensor(self.array, ready=True)

    def __array__(self, dtype=None, copy=None):
        if not self.ready:
            raise TypeError("can't convert a sparse tensor that requires grad")
        return np.array(self.array, dtype=dtype)


def test_sparse_tensors():
    assert verdicts(cubes, lambda w, off: Tensor(slopes(w) * off), VALUES) == ("correct", "wrong")


def test_a_gradient_in_a_tuple_of_one():
    """As torch.autograd.grad returns it."""
    assert verdicts(cubes, lambda w, off: (slopes(w) * off,), VALUES) == ("correct", "wrong")
    assert check_gradient(cubes, lambda w: (cubes(w), (slopes(w),)), VALUES).verdict == "correct"


def test_what_a_loss_gets_can_be_written_into():
    """torch.from_numpy warns of arrays that cannot."""
    seen = []

    def loss(p):
        seen.append(all(array.flags.writeable for array in p.values()))
        return cubes(p["w"]) + cubes(p["v"])

    def gradient(p):
        return {"w": slopes(p["w"]), "v": slopes(p["v"])}

    assert check_gradient(loss, gradient, {"w": VALUES, "v": VALUES + 1}).ok
    assert all(seen)


# --- the libraries themselves, where they are installed


def test_torch():
    torch = pytest.importorskip("torch")
    w = torch.tensor(VALUES, requires_grad=True)

    def loss(w):
        return (w**3).sum()

    def gradient(w):
        return torch.autograd.grad(loss(w), w)

    assert check_gradient(loss, gradient, w).verdict == "correct"
    assert check_gradient(loss, lambda w: 3.01 * w**2, w).verdict == "wrong"
    assert check_gradient(loss, lambda w: (3 * w**2).to_sparse(), w.detach()).verdict == "correct"
    assert check_gradient(loss, gradient, w.float().detach().requires_grad_()).ok
    jacobian = check_jacobian(torch.sin, torch.func.jacrev(torch.sin), w[0].detach())
    assert jacobian.verdict == "correct"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        by_view = check_gradient(
            lambda p: loss(torch.from_numpy(p["w"])) + p["b"],
            lambda p: {"w": slopes(p["w"]), "b": 1.0}, {"w": VALUES.copy(), "b": 0.5},
        )  # fmt: skip
    assert by_view.verdict == "correct"


def test_jax():
    jax = pytest.importorskip("jax")
    sparse = pytest.importorskip("jax.experimental.sparse")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w = jax.numpy.asarray(VALUES)  # float32, as jax has it by default
        params = {"w": w, "key": jax.random.key(0)}

        def loss(p):
            return (p["w"] ** 3).sum()

        assert check_gradient(loss, lambda p: {"w": 3 * p["w"] ** 2}, params).ok
        assert check_gradient(loss, lambda p: {"w": 3.1 * p["w"] ** 2}, params).verdict == "wrong"
        dense = check_gradient(
            cubes, lambda w: sparse.BCOO.fromdense(jax.numpy.asarray(slopes(w))), VALUES
        )
    assert dense.verdict in ("correct", "precision")
