"""The wire carries values both ways, and turns everything else into ProtocolError."""

import contextlib
import json
import math
import resource
import socket
import struct
import threading

import hypothesis.extra.numpy as hnp
import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.exam.protocol.bounds import (
    MAX_DEPTH,
    MAX_FRAME,
    MAX_ITEMS,
    MAX_KEYS,
    MAX_TREE,
    ProtocolError,
)
from autograder.exam.protocol.channel import Channel, within
from autograder.exam.protocol.codec import Blob, ConnectionClosed, decode, encode
from autograder.exam.protocol.wire_types import (
    ARRAY,
    BLOB,
    COMPLEX,
    GENERATOR,
    INTEGER,
    REFERENCE,
    SCALAR,
    SET,
    TUPLE,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.binary(max_size=20)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.complex_numbers()
)
arrays = hnp.arrays(
    hnp.boolean_dtypes()
    | hnp.integer_dtypes()
    | hnp.floating_dtypes(sizes=(32, 64))
    | hnp.complex_number_dtypes(sizes=(64, 128)),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
            | st.integers()
            | st.tuples(st.integers()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def same(a, b):
    """Equal in value and exact type; NaN equals NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b


@given(values)
@settings(max_examples=300, deadline=None)
def test_values_come_back_as_they_were(value):
    assert same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::2],
        np.zeros((2, 3, 4))[:, ::2, ::-1],
        np.array(3.0),
        np.zeros((0, 5)),
        np.array(["a", "bc"]),
        np.arange(4, dtype=">i4"),
    ],
)
def test_an_array_keeps_values_shape_and_whether_it_is_contiguous(array):
    back = decode(encode(array))
    np.testing.assert_array_equal(back, array)
    assert back.shape == array.shape and back.dtype == array.dtype
    if array.size > 1:
        assert back.flags.c_contiguous == array.flags.c_contiguous
        assert back.flags.f_contiguous == array.flags.f_contiguous


def test_a_read_only_array_arrives_read_only_and_others_are_writable():
    fixed = np.zeros(3)
    fixed.flags.writeable = False
    assert not decode(encode(fixed)).flags.writeable
    back = decode(encode(np.zeros(3)))
    back += 1


def test_subclasses_arrive_without_their_methods():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return True

    class LyingFloat(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    back = decode(encode(np.zeros(2).view(Liar)))
    assert type(back).__name__ == "Liar" and not np.any(back == 1)  # no plain array, and no liar
    masked = decode(encode(np.ma.masked_array([1.0], [True])))
    assert not np.any(masked == 2)  # what is masked hides nothing
    assert type(decode(encode(LyingFloat(2)))) is float


def test_a_random_generator_goes_on_where_it_was():
    generator = np.random.default_rng(5)
    generator.normal(size=3)
    copy = decode(encode(generator))
    np.testing.assert_array_equal(copy.normal(size=4), generator.normal(size=4))


def test_what_is_no_data_needs_a_reference():
    with pytest.raises(ProtocolError, match="A function cannot be handed over"):
        encode(same)
    frame = encode([same], lambda value: {"id": 7})
    assert decode(frame, lambda reference: reference) == [{"id": 7}]
    with pytest.raises(ProtocolError, match="reference where only data"):
        decode(frame)


def test_text_that_no_file_could_hold_is_cleaned():
    assert decode(encode(["a\ud800b", {"\ud800": 1}])) == ["a?b", {"?": 1}]


def test_a_frame_in_a_frame_arrives_as_bytes():
    inside = Blob(encode(np.zeros(MAX_TREE // 8 + 1)))
    back = decode(encode(["apply", inside, b"plain"]))
    assert back == ["apply", inside, b"plain"] and type(back[1]) is bytes


def nested(value, depth):
    for _ in range(depth):
        value = (value,)
    return value


def test_values_that_are_too_deep_too_large_or_contain_themselves_are_refused():
    loop, through_a_tuple = [], []
    loop.append(loop)
    through_a_tuple.append((through_a_tuple,))
    for value in (loop, through_a_tuple, nested(1, MAX_DEPTH + 1)):
        with pytest.raises(ProtocolError, match="contains itself"):
            encode(value)
    assert decode(encode(nested(1, MAX_DEPTH))) == nested(1, MAX_DEPTH)
    with pytest.raises(ProtocolError, match="MB"):
        encode(np.zeros(MAX_FRAME // 8 + 1))
    with pytest.raises(ProtocolError, match="digits"):
        encode(10**4000)
    with pytest.raises(ProtocolError, match="cannot be handed over"):
        encode(np.array([object()]))


def ext(code, *parts):
    """An extension type as the encoder writes it; bytes alone stand as they are."""
    if len(parts) == 1 and isinstance(parts[0], bytes):
        return msgpack.ExtType(code, parts[0])
    return msgpack.ExtType(code, msgpack.packb(parts[0] if len(parts) == 1 else parts))


def frame(tree, blob=b""):
    text = tree if isinstance(tree, bytes) else msgpack.packb(tree)
    return struct.pack("<II", len(text), len(blob)) + text + blob


def deep(code):
    """A tuple in a tuple in a tuple, deeper than any encoder makes them."""
    part = msgpack.packb([])
    for _ in range(MAX_DEPTH + 2):
        part = msgpack.packb([msgpack.ExtType(code, part)])
    return part


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\x00",
        struct.pack("<II", 2**32 - 1, 2**32 - 1),
        frame(b"\x91" * 100_000 + b"\x90"),  # lists in lists
        frame(deep(TUPLE)),
        frame(b"\xdd\xff\xff\xff\xff"),  # a list of 2**32 - 1 entries, says its head
        frame(b"\xdd\x00\x03\x0d\x40" * 1_000),  # many long lists, say their heads
        frame(b"\xdf\x7f\xff\xff\xff"),
        frame(b"\xc1"),  # no type at all
        frame(b"\xa2\xff\xfe"),  # no UTF-8
        frame(b"\x01\x02"),  # two values
        frame(b"\xd7\xff" + b"\xff" * 7),  # half a time stamp
        frame(b"\x81\x90\x01"),  # a list as a key
        frame(ext(99, b"")),
        frame(ext(127, b"")),
        frame(ext(ARRAY, b"")),
        frame(ext(ARRAY, "O", "C", True, 1), bytes(8)),
        frame(ext(ARRAY, "|V8", "C", True, 1), bytes(8)),
        frame(ext(ARRAY, "f8,f8", "C", True, 1), bytes(16)),
        frame(ext(ARRAY, "(1000,1000)f8", "C", True, 1), bytes(8)),
        frame(ext(ARRAY, "<U999999999", "C", True, 1)),
        frame(ext(ARRAY, "01", "C", True, 1), bytes(8)),
        frame(ext(ARRAY, "f8, (1, 01)f8", "C", True, 1), bytes(16)),
        frame(ext(ARRAY, "<f7", "C", True, 1), bytes(7)),
        frame(ext(ARRAY, ["<f8"], "C", True, 1), bytes(8)),
        frame(ext(ARRAY, "<U0", "C", True, 10**12)),
        frame(ext(ARRAY, "<f8", "C", True, 10**12)),
        frame(ext(ARRAY, "<f8", "C", True, -1), bytes(8)),
        frame(ext(ARRAY, "<f8", "C", True, 2.0), bytes(16)),
        frame(ext(ARRAY, "<f8", "C", True, True), bytes(8)),
        frame(ext(ARRAY, "<f8", "C", True, 0, 2**63)),
        frame(ext(ARRAY, "<f8", "C", True, *[1] * 100), bytes(8)),
        frame(ext(ARRAY, "<f8", "C", True, 1), bytes(16)),
        frame(ext(SCALAR, "<f8", "C", True, 2), bytes(16)),
        frame(ext(BLOB, -1)),
        frame(ext(BLOB, 10**9)),
        frame(ext(BLOB, "x")),
        frame(ext(TUPLE, 3)),
        frame(ext(SET, [[]])),
        frame(ext(SET, "abc")),
        frame(ext(COMPLEX, b"1")),
        frame(ext(INTEGER, bytes(100_000))),
        frame(ext(GENERATOR, 3)),
        frame(ext(GENERATOR, {"bit_generator": "Generator"})),
        frame(ext(GENERATOR, {"bit_generator": "PCG64"})),
        frame(ext(REFERENCE, {"kind": "object"})),
    ],
)
def test_hostile_frames_raise_only_wire_errors(hostile):
    with pytest.raises(ProtocolError):
        decode(hostile)


def test_a_reference_of_no_known_form_is_refused_before_it_is_resolved():
    with pytest.raises(ProtocolError, match="unknown form"):
        decode(frame(ext(REFERENCE, [1])), lambda reference: reference)


def test_a_time_stamp_which_no_encoder_makes_arrives_as_a_number():
    assert type(decode(frame(msgpack.Timestamp(5, 0)))) is float


MUTATIONS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 255), st.sampled_from(["set", "insert", "delete"])),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (np.random.MT19937, lambda state: state["state"].update(pos=4_000)),
        (np.random.MT19937, lambda state: state["state"].update(pos=-1)),
        (np.random.Philox, lambda state: state.update(buffer_pos=-50)),
    ],
)
def test_a_generator_that_would_read_outside_its_memory_is_refused(kind, change):
    """numpy before 2.5 takes any position, and then draws from whatever lies there."""
    state = json.loads(json.dumps(kind(1).state, default=np.ndarray.tolist))
    assert isinstance(decode(frame(ext(GENERATOR, state))), np.random.Generator)
    change(state)
    with pytest.raises(ProtocolError, match="impossible state"):
        decode(frame(ext(GENERATOR, state)))


@pytest.mark.parametrize("size", [MAX_KEYS, MAX_KEYS + 1])
def test_keys_are_bounded_as_colliding_ones_cost_their_square(size):
    keys = list(range(size))
    hostile = dict.fromkeys(keys, 0), ext(SET, keys)
    if size <= MAX_KEYS:
        assert len(decode(frame(hostile[0]))) == len(decode(frame(hostile[1]))) == size
        assert decode(encode(dict.fromkeys(keys))) == dict.fromkeys(keys)
        return
    for tree in hostile:
        with pytest.raises(ProtocolError):
            decode(frame(tree))
    for value in (dict.fromkeys(keys), [1, (dict.fromkeys(keys),)], set(keys)):
        with pytest.raises(ProtocolError, match="more than 20000 entries"):
            encode(value)


def test_keys_of_several_dicts_and_sets_are_bounded_together():
    some = dict.fromkeys(range(MAX_KEYS // 3), 0)
    assert decode(encode([some] * 9)) == [some] * 9
    for many in ([some] * 10, [*[some] * 5, *[set(some)] * 5]):
        with pytest.raises(ProtocolError, match="so many entries together"):
            decode(encode(many))


def test_parts_of_all_lists_are_bounded_together_as_empty_ones_take_most_memory():
    for value in ([[[]] * 60_000] * 3, [{}] * 150_000):
        assert decode(encode(value)) == value
    for value in ([[[]] * 60_000] * 4, [[0.5] * 1_000] * 401, [{}] * 150_000 + [[{}] * 150_000]):
        with pytest.raises(ProtocolError, match="more than 400000 parts together"):
            encode(value)
        with pytest.raises(ProtocolError, match="more than 400000 parts together"):
            decode(frame(value))


def test_what_the_other_side_would_not_take_is_not_sent():
    most = [0] * MAX_ITEMS
    assert decode(encode(most)) == most
    for value in ([*most, 0], (*most, 0)):
        with pytest.raises(ProtocolError, match="list of more than 200000 entries"):
            encode(value)


def test_text_is_bounded_before_it_is_parsed_or_copied():
    with pytest.raises(ProtocolError, match="too many parts"):
        decode(frame(b"\x90" * (MAX_TREE + 1)))
    for value in ("x" * (MAX_TREE + 1), ["x" * (MAX_TREE // 2 + 1)] * 2, b"x" * MAX_TREE):
        with pytest.raises(ProtocolError, match="MB"):
            encode(value)


def test_an_array_that_is_too_large_is_refused_without_a_copy():
    with pytest.raises(ProtocolError, match="more than 64 MB"):
        encode(np.broadcast_to(1.0, (10**6, 10**6)))


def mutate(data, mutations):
    data = bytearray(data)
    for where, byte, how in mutations:
        place = int(where * len(data)) if data else 0
        if how == "insert":
            data.insert(place, byte)
        elif place < len(data):
            data[place : place + 1] = bytes([byte]) if how == "set" else b""
    return bytes(data)


def survives(value, mutations):
    with contextlib.suppress(ProtocolError):
        decode(mutate(encode(value), mutations), lambda reference: reference)


@given(values, MUTATIONS)
@settings(max_examples=500, deadline=None)
def test_mutated_frames_raise_only_wire_errors(value, mutations):
    survives(value, mutations)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_frames_raise_only_wire_errors_and_take_little_memory():
    @given(values, MUTATIONS)
    @settings(max_examples=100_000, deadline=None)
    def fuzz(value, mutations):
        survives(value, mutations)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fuzz()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 512 * 1024, "KiB, hypothesis' own notes among them"


# The channel ---------------------------------------------------------------------------------


@pytest.fixture
def channels():
    pair = [Channel(sock) for sock in socket.socketpair()]
    yield pair
    for channel in pair:
        channel.close()


def test_a_frame_larger_than_the_socket_buffer_arrives_whole(channels):
    here, there = channels
    sent = encode(np.arange(1e6))
    thread = threading.Thread(target=here.send, args=[sent])
    thread.start()
    assert there.receive(within(30)) == sent
    thread.join()


def test_silence_is_a_timeout_and_an_end_is_said(channels):
    here, there = channels
    with pytest.raises(TimeoutError):
        there.receive(within(0.01))
    here.close()
    with pytest.raises(ConnectionClosed):
        there.receive(within(1))


def test_half_a_frame_is_a_timeout(channels):
    here, there = channels
    here.socket.send(encode([1, 2, 3])[:-1])
    with pytest.raises(TimeoutError):
        there.receive(within(0.01))


def test_a_reader_that_does_not_read_is_a_timeout(channels):
    with pytest.raises(TimeoutError):
        channels[0].send(encode(np.zeros(10**6)), within(0.01))


def test_an_announced_frame_over_the_limit_is_refused_before_memory_is_taken(channels):
    here, there = channels
    here.socket.send(struct.pack("<II", MAX_FRAME, 1))
    with pytest.raises(ProtocolError, match="announced"):
        there.receive(within(1))
