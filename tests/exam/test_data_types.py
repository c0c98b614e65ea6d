"""What libraries' values are data cross whole, with their real types, and nothing else does."""

import collections
import datetime as dt
import decimal
import math
import pathlib
import uuid
import zoneinfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.exam.protocol import data_types
from autograder.exam.protocol.bounds import Built
from autograder.exam.protocol.codec import ProtocolError, decode, encode

pd = pytest.importorskip("pandas")
sparse = pytest.importorskip("scipy.sparse")
Image = pytest.importorskip("PIL.Image")

Pair = collections.namedtuple("Pair", "x y")


def crossed(value):
    return decode(encode(value))


FRAME = pd.DataFrame(
    {
        "numbers": [1, 2, 3],
        "text": ["x", None, "z"],
        "dates": pd.to_datetime(["2020-01-01", None, "2021-02-03"]),
        "levels": pd.Categorical(["u", "v", "u"], ordered=True),
        "whole": pd.array([1, None, 3], dtype="Int64"),
        "missing": [1.5, np.nan, 2],
        "objects": [[1], {"a": 2}, None],
        "times": pd.to_timedelta([1, 2, 3], unit="h"),
        "zoned": pd.date_range("2020", periods=3, tz="Europe/Berlin"),
        "periods": pd.period_range("2020", periods=3, freq="M"),
        "intervals": pd.interval_range(0, 3),
        "truth": pd.array([True, None, False], dtype="boolean"),
        "strings": pd.array(["a", None, "c"], dtype="string"),
    }
)
FRAMES = [
    FRAME,
    FRAME.set_index(["numbers", "text"]),
    FRAME.set_index("dates"),
    FRAME.T,
    FRAME.describe(),
    FRAME.groupby("levels", observed=True).numbers.agg(["sum", "mean"]),
    FRAME.pivot_table(index="levels", columns="numbers", values="missing", observed=True),
    FRAME.iloc[:0],
    FRAME[["numbers", "numbers"]],
    pd.DataFrame(),
    pd.DataFrame({("x", "y"): [1], ("x", "z"): [2]}),
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_tables_cross(frame):
    pd.testing.assert_frame_equal(crossed(frame), frame)


def test_columns_cross():
    for name in FRAME:
        pd.testing.assert_series_equal(crossed(FRAME[name]), FRAME[name])
    for series in (FRAME.dtypes, FRAME.text.value_counts(), pd.Series([1], name=("a", 2))):
        pd.testing.assert_series_equal(crossed(series), series)
    frame = crossed(FRAME)
    frame.loc[0, "numbers"] = 7  # writable
    assert frame.numbers[0] == 7


@pytest.mark.parametrize(
    "index",
    [
        FRAME.columns,
        FRAME.index,
        pd.date_range("2020", periods=5, freq="D"),
        pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["p", "q"]),
        pd.Index([1.5, 2]),
        pd.CategoricalIndex(["a", "b"]),
        pd.interval_range(0, 3),
        pd.period_range("2020", periods=2, freq="Q"),
        pd.timedelta_range("1h", periods=3, freq="h"),
    ],
    ids=lambda index: type(index).__name__,
)
def test_labels_cross(index):
    pd.testing.assert_index_equal(crossed(index), index)
    assert getattr(crossed(index), "freq", None) == getattr(index, "freq", None)


VALUES = [
    pd.Timestamp("2020-01-01 12:00:01.5"),
    pd.Timestamp("2020", tz="Asia/Tokyo"),
    pd.Timedelta("3h"),
    pd.Period("2020-03", "M"),
    pd.Interval(1, 2),
    dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")),
    dt.datetime(2020, 1, 1, 3),
    dt.timezone(dt.timedelta(hours=2)),
    dt.time(1, 2, tzinfo=dt.UTC),
    decimal.Decimal("1.5"),
    pathlib.Path("/a/b"),
    uuid.UUID(int=5),
    collections.OrderedDict(b=1, a=2),
    collections.Counter("hello"),
    collections.defaultdict(int, {"a": 1}),
    collections.deque([1, 2], maxlen=3),
    frozenset([1]),
    {frozenset([1, 2]), frozenset()},
    {(1, "a"), (2, "b")},
    Pair(1, Pair(2, 3)),
    ...,
    np.dtype("int64"),
    np.dtype([("a", "<i4"), ("b", "U3", (2,))]),
    np.datetime64("2020-01-01"),
    np.timedelta64(3, "h"),
    np.bytes_(b"ab"),
    np.array([(1, "a")], dtype=[("x", "i4"), ("y", "U2")])[0],
    pd.CategoricalDtype(["a", "b"], ordered=True),
    pd.Int64Dtype(),
    pd.StringDtype(),
    {dt.date(2020, 1, 2): 3},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_cross(value):
    found = crossed(value)
    assert type(found) is type(value) and found == value


def test_what_is_missing_is_the_same_object():
    assert crossed(pd.NA) is pd.NA and crossed(pd.NaT) is pd.NaT


def test_a_default_dict_keeps_a_built_in_default():
    assert crossed(collections.defaultdict(list))["new"] == []
    with pytest.raises(KeyError):
        crossed(collections.defaultdict(lambda: 1))["new"]


ARRAYS = [
    np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
    np.array([1, 2], dtype="m8[s]").reshape(2, 1),
    np.array([b"ab", b"c"]),
    np.array([(1, "a"), (2, "b")], dtype=[("x", "i4"), ("y", "U2")]),
    np.array([1, "a", None], dtype=object),
    np.array([[1, [2]], [3, (4,)]], dtype=object),
    np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    np.array(["a", "bc"]),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_arrays_cross(array):
    found = crossed(array)
    assert type(found) is type(array) and found.dtype == array.dtype and str(found) == str(array)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_cross(form, kind):
    matrix = getattr(sparse, f"{form}_{kind}")(np.array([[1, 0, 2], [0, 0, 3.0]]))
    found = crossed(matrix)
    assert type(found) is type(matrix) and (found.toarray() == matrix.toarray()).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "F", "I", "P"])
def test_pictures_cross(mode):
    picture = Image.new(mode, (9, 2), 1)
    found = crossed(picture)
    assert (found.mode, found.size) == (picture.mode, picture.size)
    assert found.tobytes() == picture.tobytes()


# What a stranger may send in place of the parts of each: none of it runs, and all of it is refused.
FORGED = [
    ["pandas.DataFrame", [["plain", np.zeros(3)]], ["range", 0, 1, 1, None], ["range", 0, 10**12, 1, None]],
    ["pandas.DataFrame", [["plain", np.zeros(3)]], ["range", 0, 1, 1, None], ["range", 0, 2, 1, None]],
    ["pandas.DataFrame", [["plain", np.zeros((3, 3))]], ["range", 0, 1, 1, None], ["range", 0, 3, 1, None]],
    ["pandas.Series", ["category", np.array([5]), ["index", ["text", "nan", ["a"]], None, None], False], ["range", 0, 1, 1, None], None],
    ["pandas.Series", ["zoned", "ns", "../../etc/passwd\n", np.zeros(1, int)], ["range", 0, 1, 1, None], None],
    ["pandas.Series", ["masked", "__import__('os')", np.zeros(1), np.zeros(1, bool)], ["range", 0, 1, 1, None], None],
    ["pandas.Series", ["period", "9999999999D", np.zeros(1, int)], ["range", 0, 1, 1, None], None],
    ["pandas.Series", ["unknown", 1], ["range", 0, 1, 1, None], None],
    ["pandas.MultiIndex", "multi", [["range", 0, 1, 1, None]], [np.array([7])], ["a"]],
    ["pandas.Index", "index", ["plain", np.zeros(2)], ["unhashable"], None],
    ["pandas.read_pickle", "x"],
    ["pandas.Int64Dtype", "__import__('os').system('x')"],
    ["numpy.ndarray", "object", [10**9, 10**9], []],
    ["numpy.ndarray", "record", ["a", "a"], [np.zeros(1), np.zeros(1)], [1], False],
    ["numpy.ndarray", "time", "M8[x]", np.zeros(1, int)],
    ["numpy.Int64DType", "i8,os.system('x')"],
    ["scipy.csr_matrix", [2, 2], np.array([5]), np.array([0]), np.array([1.0])],
    ["scipy.csr_matrix", [10**12, 2], np.array([0]), np.array([0]), np.array([1.0])],
    ["scipy.dia_matrix", [10**6, 10**6], np.arange(1000), np.arange(1000)[::-1].copy(), np.ones(1000)],
    ["scipy.csr_matrix", [49_999_999, 1], *[np.zeros(0, int)] * 3],
    ["scipy.csc_array", [1, 49_999_999], *[np.zeros(0, int)] * 3],
    ["scipy.bsr_matrix", [49_999_999, 49_999_999], *[np.zeros(0, int)] * 3],
    ["scipy.lil_matrix", [2_500_000, 1], *[np.zeros(0, int)] * 3],
    ["scipy.dia_matrix", [40_000_000, 40_000_000], *[np.zeros(1, int)] * 3],
    ["scipy.dok_matrix", [10**6, 2], *[np.zeros(2 * 10**6, np.int8)] * 3],
    ["scipy.coo_matrix", [], *[np.zeros(0, int)] * 3],
    ["scipy.csr_matrix", [math.nan, 1], *[np.zeros(0, int)] * 3],
    ["pandas.Timestamp", "ns", 0, "dateutil//etc/passwd"],
    ["pandas.Timestamp", "ns", 0, "/etc/localtime"],
    ["pandas.Series", ["zoned", "ns", "dateutil//etc/localtime", np.zeros(1, int)], ["range", 0, 1, 1, None], None],
    ["pandas.DatetimeTZDtype", "datetime64[ns, dateutil//etc/localtime]"],
    ["PIL.Image", "RGBA", [8192, 8192], np.zeros(3, np.uint8), None],
    ["PIL.Image", "1", [65536, -65536], np.zeros(3, np.uint8), None],
    ["PIL.Image", "RGB", [10**5, 10**5], np.zeros(3, np.uint8), None],
    ["PIL.Image", "RGB", [10, 10], np.zeros(3, np.uint8), None],
    ["namedtuple", "P", ["x", "x"], [1, 2]],
    ["namedtuple", "P", ["__class__"], [1]],
    ["namedtuple", "P):\n import os #", ["x"], [1]],
    ["collections.deque", 5, None],
    ["collections.defaultdict", "eval", {}],
    ["pathlib.PosixPath", "a" * 10**6],
    ["zoneinfo.ZoneInfo", "/etc/passwd"],
    ["datetime.timezone", "x", None],
    ["os.system", "x"],
]  # fmt: skip


@pytest.mark.parametrize("parts", FORGED, ids=lambda parts: f"{parts[0]} {str(parts[1])[:20]}")
def test_a_forged_value_is_refused(parts):
    with pytest.raises(Exception) as refused:
        data_types.build(parts, Built())
    assert not isinstance(refused.value, MemoryError | SystemError)


SMALL = {  # on the wire; some 100 MiB each in memory
    "a sparse matrix": ["scipy.csr_matrix", [14_000_000, 1], *[np.zeros(0, int)] * 3],
    "a picture": ["PIL.Image", "1", [8192, 8192], np.zeros(2**23, np.uint8), None],
}


@pytest.mark.parametrize("parts", SMALL.values(), ids=SMALL)
def test_what_is_small_on_the_wire_and_large_in_memory_is_bounded_for_the_whole_frame(
    parts, monkeypatch
):
    class Forged:
        pass

    monkeypatch.setattr(
        data_types, "parts", lambda value, built: parts if type(value) is Forged else None
    )
    with pytest.raises(ProtocolError, match="together cannot be handed over"):
        decode(encode([Forged()] * 7))


def test_what_the_other_side_would_not_build_is_not_sent():
    with pytest.raises(ProtocolError, match="together cannot be handed over"):
        encode([sparse.csr_matrix((14_000_000, 1))] * 3)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3), st.floats(),
    st.sampled_from([np.zeros(2), np.arange(3), np.array(["a"]), "multi", "range", "index", "object"]),
)  # fmt: skip
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=12)
KNOWN = sorted({parts[0] for parts in FORGED} | {"pandas.Timestamp", "pandas.Categorical"})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KNOWN), st.lists(TREES, max_size=4))
def test_whatever_is_sent_is_a_value_or_refused(name, parts):
    try:
        data_types.build([name, *parts], Built())
    except Exception as refused:
        assert not isinstance(refused, MemoryError | SystemError)


def test_a_table_of_a_students_class_is_no_table():
    class Mine(pd.DataFrame):
        pass

    with pytest.raises(ProtocolError):
        encode(Mine({"a": [1]}))
