"""A frame makes little work: what would cost minutes to build, compare or print is refused.

Each payload is within every bound of size. Without the checks in ``bounds``, ``data_types`` and
``arrays`` most of them do not come to an end while one waits.
"""

import struct

import msgpack
import numpy as np
import pytest

from autograder.exam.examiner.references import References
from autograder.exam.examiner.student_errors import student_error
from autograder.exam.protocol import bounds, codec, random_state
from autograder.exam.protocol.messages import read_reply
from autograder.exam.protocol.wire_types import (
    ARRAY,
    DATA_TYPE,
    GENERATOR,
    INTEGER,
    REFERENCE,
    SCALAR,
    SET,
    TUPLE,
)
from tests.exam.test_wire import ext, frame

P = 2**61 - 1  # Python's hash of a number is the number modulo P
MANY = range(19_999)


def integer(value):
    return ext(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))


def part(name, *parts):
    return ext(DATA_TYPE, name, *parts)


def array(dtype, *shape):
    return ext(ARRAY, dtype, "C", True, *shape)


def signs(number):
    """A tuple of -1 and -2, whose hashes are the same."""
    return ext(TUPLE, [-1 - (number >> bit & 1) for bit in range(15)])


def deep(value, levels=18):
    for _ in range(levels):
        value = ext(TUPLE, [value])
    return value


COLLIDING = {
    "ints": lambda n: (n + 1) * P if (n + 1) * P < 2**63 else integer((n + 1) * P),
    "negative ints": lambda n: integer(-(n + 1) * P),
    "long ints": lambda n: integer((n + 1) * P << 300),
    "numbers of numpy": lambda n: integer((n + 5) * P + 7),
    "fractions": lambda n: part("Fraction", integer((n + 2) * P + 3), 1),
    "halves": lambda n: part("Fraction", integer(2 * (n + 2) * P + 3), 2),
    "decimals": lambda n: part("Decimal", str((n + 2) * P + 3)),
    "tuples of -1 and -2": signs,
    "tuples of ints": lambda n: ext(TUPLE, [integer((n + 5) * P)]),
    "tuples in tuples": lambda n: deep(integer((n + 5) * P), 5),
    "long tuples": lambda n: ext(TUPLE, [0] * 8 + [integer((n + 5) * P)]),
    "ranges": lambda n: part("range", n, n, 1),
}


@pytest.mark.parametrize("kind", COLLIDING)
@pytest.mark.parametrize("place", ["set", "dict", "dict in a tuple"])
def test_keys_of_equal_hashes_are_refused(kind, place):
    keys = [COLLIDING[kind](n) for n in MANY]
    made = {
        "set": lambda: ext(SET, keys),
        "dict": lambda: _map(keys),
        "dict in a tuple": lambda: ext(TUPLE, _map([*keys])),
    }[place]()
    with pytest.raises(bounds.ProtocolError, match="equal hashes"):
        codec.decode(frame(made))


def _map(keys):
    """A msgpack map, as Python would not build one."""
    return (
        b"\xde" + struct.pack(">H", len(keys)) + b"".join(msgpack.packb(k) + b"\x00" for k in keys)
    )


def test_sets_of_few_equal_hashes_are_taken():
    grid = {(x, y, z) for x in range(-3, 3) for y in range(-3, 3) for z in range(-3, 3)}
    powers = {2.0**k: k for k in range(-1000, 1000)} | {2**k: k for k in range(2000)}
    big = {(n, -1, -2): n for n in MANY}
    for value in (grid, powers, big, set(MANY), {float(n) for n in MANY}):
        assert codec.decode(codec.encode([value])) == [value]


def test_several_sets_are_counted_together():
    keys = [integer((n + 5) * P) for n in range(700)]
    assert len(codec.decode(frame(ext(SET, keys)))) == 700
    with pytest.raises(bounds.ProtocolError, match="equal hashes"):
        codec.decode(frame([ext(SET, keys)] * 3))


REFUSED = {
    "a Fraction of text": part("Fraction", "1e20000000", 1),
    "a Fraction of one text": part("Fraction", "1e20000000"),
    "a Fraction of a float": part("Fraction", 1e300, 3),
    "a Fraction of a Decimal": part("Fraction", part("Decimal", "1e9000"), 1),
    "a Fraction of a truth value": part("Fraction", True, 3),
    "a Decimal of 10^9 digits as an int": part("Decimal", "1e999999999"),
    "a Decimal near 0": part("Decimal", "1e-999999999"),
    "a Decimal of an int": part("Decimal", 10),
    "a Decimal of parts": part("Decimal", [0, [1], 10**9]),
    "a Decimal of many digits": part("Decimal", "1" * 5_000),
    "an int of many digits": ext(INTEGER, b"\x01" * 200_000),
    "a range without end": part("range", 0, 2**62, 1),
    "a range of floats": part("range", 0.0, 3.0, 1.0),
    "a range backwards": part("range", 2**62, 0, -1),
    "a slice of lists": part("slice", [[0] * 100], None, None),
    "a slice of tuples": part("slice", deep(1), None, None),
    "a date of text": part("date", "2026", 1, 1),
    "a time difference of text": part("timedelta", "1", 0, 0),
    "a time difference of 10^300 days": part("timedelta", integer(10**300), 0, 0),
    "a time difference of floats": part("timedelta", 1e300, 0, 0),
    "a datetime of floats": part("datetime", 2026.0, 1, 1, 0, 0, 0, 0),
    "a type of no name": part([1], 2),
    "an eval": part("eval", "1"),
    "an array of one letter of 4 GB": array("<U999999999", 0),
    "an array of no size but wide": array("<f8", 0, 2**60),
    "an array of no size in many ways": array("<f8", 0, *[2**10] * 10),
    "an array of 10^18 numbers": array("<f8", 10**18),
    "an array of 100 dimensions": array("<f8", *[1] * 100),
    "an array laid out as text": ext(ARRAY, "<f8", "C" * 400, True, 0),
    "an array laid out as a list": ext(ARRAY, "<f8", ["C"], True, 0),
    "an array written to or not, as a list": ext(ARRAY, "<f8", "C", [1], 0),
    "an array with a long heading": ext(ARRAY, "<f8", "C", True, *[0] * 10_000),
    "an array of Python": array("O", 1),
    "an array of records": array("f8,f8", 1),
    "a number with a shape": ext(SCALAR, "<f8", "C", True, 0),
    "a set of sets": ext(SET, [ext(SET, [1])]),
    "a set of lists": ext(SET, [[1]]),
    "a generator of another library": ext(GENERATOR, {"bit_generator": "seed"}),
    "a generator that is a list": ext(GENERATOR, [1, 2]),
    "20 tuples and one more": deep(1, bounds.MAX_DEPTH + 1),
    "lists in lists": b"\x91" * 5_000 + b"\x90",
    "a list of a million empty ones": [[]] * 150_000 + [[[]] * 150_000] * 2,
    "two thousand generators": [
        ext(GENERATOR, msgpack.packb({"bit_generator": "SFC64", "x": "y" * 20}))
    ]
    * 2_000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_take_minutes_is_refused(name):
    with pytest.raises(bounds.ProtocolError):
        codec.decode(frame(REFUSED[name]))


def test_bytes_that_numpy_never_writes_are_refused():
    for text, data in (
        (array("|b1", 4), b"\x00\x01\x02\x01"),
        (array("<U1", 1), b"\xff\xff\xff\xff"),
        (array("<U2", 1), struct.pack("<II", 65, 0xD800)),
        (array(">U1", 1), struct.pack(">I", 0xDFFF)),
    ):
        with pytest.raises(bounds.ProtocolError):
            codec.decode(frame(text, data))
    for value in (np.array([True, False]), np.array(["a\U0010ffff"]), np.array(["b"], ">U3")):
        assert (codec.decode(codec.encode(value)) == value).all()


BOMBS = {  # few bytes, and much memory or work once a check reads it; the second: what it takes
    "an index of two levels": (
        part("pandas.MultiIndex", "multi", [["index", ["object", ["x"]], None, None]] * 2,
             [array("|i1", 4_000_000)] * 2, [None, None]), 8_000_000),
    "a table with such an index": (
        part("pandas.DataFrame", [], ["range", 0, 0, 1, None],
             ["multi", [["range", 0, 9, 1, None]], [array("|i1", 4_000_000)], [None]]), 4_000_000),
    "categories of one text": (
        part("pandas.Series", ["category", array("|i1", 40_000_000),
             ["index", ["object", ["x"]], None, None], False],
             ["range", 0, 40_000_000, 1, None], None), 40_000_000),
    "categories that are a range": (
        [part("pandas.CategoricalDtype", ["range", 0, 10**7, 1, None], False)] * 4, 0),
    "many ranges": ([part("range", 0, 10**7, 1)] * 4, 0),
    "ranges of labels": ([part("pandas.RangeIndex", "range", 0, 10**7, 1, None)] * 4, 0),
    "nodes with equal hashes": (
        part("networkx.Graph",
             [ext(TUPLE, [integer((n + 5) * P), {}]) for n in range(9_000)], [], {}), 0),
    "ends of edges with equal hashes": (
        part("networkx.Graph", [], [ext(TUPLE, [integer((n + 5) * P), 0, {}]) for n in MANY], {}), 0),
    "keys of edges with equal hashes": (
        part("networkx.MultiGraph", [ext(TUPLE, [0, {}])],
             [ext(TUPLE, [0, 0, integer((n + 5) * P), {}]) for n in range(9_000)], {}), 0),
    "keys of a dict with equal hashes": (
        part("builtins.dict_keys", [integer((n + 5) * P) for n in MANY]), 0),
    "items of a dict with equal hashes": (
        part("builtins.dict_items", [[integer((n + 5) * P), 0] for n in MANY]), 0),
    "times of a unit of 0": (part("numpy.ndarray", "time", "M8[0s]", array("<i8", 1)), 8),
    "a dtype of a unit of 0": (part("numpy.VoidDType", [["a", "m8[00D]", []]]), 0),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_few_bytes_make_large_is_refused(name):
    pytest.importorskip("pandas"), pytest.importorskip("networkx")
    tree, size = BOMBS[name]
    with pytest.raises(bounds.ProtocolError):
        codec.decode(frame(tree, bytes(size)))


def test_tables_and_graphs_of_a_usual_size_cross():
    pd, nx = pytest.importorskip("pandas"), pytest.importorskip("networkx")
    rows = np.arange(500_000)
    table = pd.DataFrame({"a": rows % 7, "b": rows}).set_index(["a", "b"], drop=False)
    column = pd.Series(pd.Categorical.from_codes((rows % 3).astype(np.int8), ["x", "y", "z"]))
    star = nx.MultiGraph([(0, n) for n in range(5_000)] + [(0, 1)] * 500)
    views = {n: n for n in range(9_000)}
    for value, size in ((table, 500_000), (column, 500_000), (star, 5_000), (views.items(), 9_000)):
        assert len(codec.decode(codec.encode(value))) == size


TAKEN = {
    "an int of 2 400 digits": ext(INTEGER, b"\x7f" * bounds.MAX_DIGITS),
    "a Decimal of 10 000 digits": part("Decimal", "1e10000"),
    "a signalling NaN": part("Decimal", "sNaN"),
    "a range of 10^7": part("range", 0, 10**7, 1),
    "a Fraction of long ints": part("Fraction", integer(10**2300 + 1), integer(10**2300 + 3)),
    "19 999 ints that share their way through the table": ext(SET, [n << 40 for n in MANY]),
    "19 999 keys": _map(list(MANY)),
    "lists in lists": b"\x91" * 500 + b"\x90",
    "8 MB of text": "x" * (bounds.MAX_TREE - 10),
    "200 000 numbers": [ext(SCALAR, "<f8", "C", True)] * 150_000,
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_is_soon_compared_hashed_and_printed(name):
    blob = bytes(8 * 150_000) if name == "200 000 numbers" else b""
    value, again = (codec.decode(frame(TAKEN[name], blob)) for _ in range(2))
    for use in (repr, str, hash, bool, float, int, lambda value: value == again, codec.encode):
        try:
            use(value)
        except (TypeError, ValueError, ArithmeticError, RecursionError, bounds.ProtocolError):
            continue


# A reply's parts are looked at before anything is done with them ---------------------------------


class Tempting:
    """Stands for a student's object: whatever is done with it would be sent to the student."""

    def _asked(self, *args):
        raise AssertionError("a part of a reply was used before its type was known")

    __eq__ = __ne__ = __lt__ = __gt__ = __int__ = __index__ = __str__ = __iter__ = __len__ = _asked
    __bool__ = __getitem__ = __getattr__ = __float__ = _asked
    __hash__ = object.__hash__


@pytest.mark.parametrize(
    "reply",
    [
        [Tempting(), "Done"],
        [1, Tempting()],
        [np.arange(3), "Done"],
        [1.0, "Done"],
        [True, "Done"],
        Tempting,
        {0: 1},
        [],
        [1],
        [1, "Done", Tempting()],
    ],
)
def test_a_reply_of_another_form_is_refused_unused(reply):
    with pytest.raises(bounds.ProtocolError):
        read_reply(Tempting() if reply is Tempting else reply)


GOOD = {"kind": "object", "id": 1, "type": "T", "name": "t", "parameters": [], "callable": True}


@pytest.mark.parametrize("part_of_it", [*GOOD])
@pytest.mark.parametrize("value", [Tempting, 10**2000, [[1]] * 5, 1.5, None, np.arange(2)])
def test_a_reference_of_another_form_is_refused_unused(part_of_it, value):
    class Asker:
        generation = 1

    value = Tempting() if value is Tempting else value
    references = References(Asker(), {})
    if part_of_it == "callable" or (part_of_it == "id" and type(value) is int):
        return  # any other than True means no; any number is one
    with pytest.raises(bounds.ProtocolError):
        references.from_reference({**GOOD, part_of_it: value})
    with pytest.raises(bounds.ProtocolError):
        references.from_reference({key: GOOD[key] for key in GOOD if key != part_of_it})


def test_parameters_are_looked_at_one_by_one():
    with pytest.raises(bounds.ProtocolError):
        References(None, {}).from_reference({**GOOD, "parameters": ["a", Tempting()]})


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("value", [Tempting, [1] * 5, "x", 10**2000, {}])
def test_a_state_of_another_form_is_refused_unused(place, value):
    state = random_state.get_state()
    state[place] = Tempting() if value is Tempting else value
    if place == 2 and type(value) is int:
        return  # a truth value
    with pytest.raises(bounds.ProtocolError):
        random_state.advance_to(state)
    with pytest.raises(bounds.ProtocolError):
        random_state.advance_to(Tempting())


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "", "x" * 100, "UnicodeDecodeError"])
def test_an_exception_class_of_any_name_is_an_error_of_the_student(name):
    assert student_error([name], "it raised").description == "it raised"


def test_a_reference_is_resolved_only_where_it_has_the_form():
    with pytest.raises(bounds.ProtocolError):
        codec.decode(
            frame(ext(REFERENCE, {"kind": "object", "id": "9" * 4_000})),
            References(None, {}).from_reference,
        )
