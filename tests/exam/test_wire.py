"""The wire carries values both ways, and turns everything else into WireError."""

import json
import math
import socket
import struct
import threading

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.exam.wire import (
    MAX_FRAME,
    MAX_KEYS,
    MAX_TREE,
    Channel,
    WireClosed,
    WireError,
    decode,
    encode,
)

scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.binary(max_size=20)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.complex_numbers()
)
arrays = hnp.arrays(
    hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes(sizes=(32, 64))
    | hnp.complex_number_dtypes(sizes=(64, 128)),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
values = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(st.text(max_size=3).filter(str.isascii), inner, max_size=4),
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


@pytest.mark.parametrize("array", [
    np.arange(12.0).reshape(3, 4).T,
    np.arange(12.0)[::2],
    np.zeros((2, 3, 4))[:, ::2, ::-1],
    np.array(3.0),
    np.zeros((0, 5)),
    np.array(["a", "bc"]),
    np.arange(4, dtype=">i4"),
])
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


def test_subclasses_arrive_as_their_plain_base_types():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return True

    class LyingFloat(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    assert type(decode(encode(np.zeros(2).view(Liar)))) is np.ndarray
    assert type(decode(encode(np.ma.masked_array([1.0], [True])))) is np.ndarray
    assert type(decode(encode(LyingFloat(2)))) is float


def test_a_random_generator_goes_on_where_it_was():
    generator = np.random.default_rng(5)
    generator.normal(size=3)
    copy = decode(encode(generator))
    np.testing.assert_array_equal(copy.normal(size=4), generator.normal(size=4))


def test_what_is_no_data_needs_a_reference():
    with pytest.raises(WireError, match="A function cannot be handed over"):
        encode(same)
    frame = encode([same], lambda value: {"id": 7})
    assert decode(frame, lambda reference: reference) == [{"id": 7}]
    with pytest.raises(WireError, match="reference where only data"):
        decode(frame)


def test_values_that_are_too_deep_too_large_or_contain_themselves_are_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError, match="contains itself"):
        encode(loop)
    with pytest.raises(WireError, match="MB"):
        encode(np.zeros(MAX_FRAME // 8 + 1))
    with pytest.raises(WireError, match="digits"):
        encode(10**4000)
    with pytest.raises(WireError, match="dtype object"):
        encode(np.array([None]))


def frame(tree, blob=b""):
    text = json.dumps(tree).encode() if not isinstance(tree, bytes) else tree
    return struct.pack("<II", len(text), len(blob)) + text + blob


ARRAY = {"@": "array", "d": "<f8", "s": [1], "o": "C", "w": True}


@pytest.mark.parametrize("hostile", [
    b"",
    b"\x00",
    struct.pack("<II", 2**32 - 1, 2**32 - 1),
    frame(b"[" * 100_000 + b"]" * 100_000),
    frame(b"1" * 100_000),
    frame(b"\xff\xfe"),
    frame({"v": 1}),
    frame({"@": "unknown"}),
    frame({"@": "ndarray", "d": "<f8", "s": [1]}, bytes(8)),
    frame({"@": "value"}),
    frame({"@": "take", "v": 3}),
    frame({"@": "_init_"}),
    frame({"@": ["array"]}),
    frame({**ARRAY, "d": "O"}, bytes(8)),
    frame({**ARRAY, "d": "|V8"}, bytes(8)),
    frame({**ARRAY, "d": "f8,f8"}, bytes(16)),
    frame({**ARRAY, "d": "(1000,1000)f8"}, bytes(8)),
    frame({**ARRAY, "d": "<U999999999"}),
    frame({**ARRAY, "s": [10**12]}),
    frame({**ARRAY, "s": [-1]}, bytes(8)),
    frame({**ARRAY, "s": [2.0]}, bytes(16)),
    frame({**ARRAY, "s": [True]}, bytes(8)),
    frame({**ARRAY, "s": [0, 2**63]}),
    frame({**ARRAY, "s": [1] * 100}, bytes(8)),
    frame(ARRAY, bytes(16)),
    frame({"@": "scalar", "d": "<f8", "s": [2], "o": "C", "w": True}, bytes(16)),
    frame({"@": "bytes", "n": -1}),
    frame({"@": "bytes", "n": 10**9}),
    frame({"@": "dict", "v": [[[], 1]]}),
    frame({"@": "dict", "v": [[1]]}),
    frame({"@": "set", "v": [[1]]}),
    frame({"@": "complex", "v": ["a", 1]}),
    frame({"@": "generator", "v": 3}),
    frame({"@": "generator", "v": {"@": "dict", "v": [["bit_generator", "Generator"]]}}),
    frame({"@": "generator", "v": {"@": "dict", "v": [["bit_generator", "PCG64"]]}}),
    frame({"@": "ref", "kind": "object"}),
])
def test_hostile_frames_raise_only_wire_errors(hostile):
    with pytest.raises(WireError):
        decode(hostile)


MUTATIONS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 255), st.sampled_from("set insert delete".split())),
    min_size=1, max_size=6)


@pytest.mark.parametrize(("kind", "change"), [
    (np.random.MT19937, lambda state: state["state"].update(pos=4_000)),
    (np.random.MT19937, lambda state: state["state"].update(pos=-1)),
    (np.random.Philox, lambda state: state.update(buffer_pos=-50)),
])
def test_a_generator_that_would_read_outside_its_memory_is_refused(kind, change):
    """numpy itself takes any position, and then draws from whatever lies there."""
    bits = kind(1)
    state = bits.state
    change(state)
    bits.state = state
    with pytest.raises(WireError, match="impossible state"):
        decode(encode(np.random.Generator(bits)))


@pytest.mark.parametrize("size", [MAX_KEYS, MAX_KEYS + 1])
def test_keys_are_bounded_as_colliding_ones_cost_their_square(size):
    pairs = [[n, 0] for n in range(size)]
    hostile = {"@": "dict", "v": pairs}, {"@": "set", "v": [key for key, _ in pairs]}
    if size <= MAX_KEYS:
        assert len(decode(frame(hostile[0]))) == len(decode(frame(hostile[1]))) == size
        assert decode(encode(dict(pairs))) == dict(pairs)
        return
    for tree in hostile:
        with pytest.raises(WireError, match="too many entries"):
            decode(frame(tree))
    for value in (dict(pairs), {key for key, _ in pairs}):
        with pytest.raises(WireError, match="more than 20000 entries"):
            encode(value)


def test_text_is_bounded_before_it_is_parsed_or_copied():
    with pytest.raises(WireError, match="too many parts"):
        decode(frame(b"[" + b"[]," * (MAX_TREE // 3) + b"[]]"))
    for value in ("x" * (MAX_TREE + 1), ["x" * (MAX_TREE // 2 + 1)] * 2, "\n" * (MAX_TREE - 1)):
        with pytest.raises(WireError, match="MB"):
            encode(value)


def test_an_array_that_is_too_large_is_refused_without_a_copy():
    with pytest.raises(WireError, match="more than 64 MB"):
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
    try:
        decode(mutate(encode(value), mutations), lambda reference: reference)
    except WireError:
        pass


@given(values, MUTATIONS)
@settings(max_examples=500, deadline=None)
def test_mutated_frames_raise_only_wire_errors(value, mutations):
    survives(value, mutations)


@pytest.mark.soak
@given(values, MUTATIONS)
@settings(max_examples=100_000, deadline=None)
def test_a_hundred_thousand_mutated_frames_raise_only_wire_errors(value, mutations):
    survives(value, mutations)


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
    assert there.receive(30) == sent
    thread.join()


def test_silence_is_a_timeout_and_an_end_is_said(channels):
    here, there = channels
    with pytest.raises(TimeoutError):
        there.receive(0.01)
    here.close()
    with pytest.raises(WireClosed):
        there.receive(1)


def test_half_a_frame_is_a_timeout(channels):
    here, there = channels
    here.socket.send(encode([1, 2, 3])[:-1])
    with pytest.raises(TimeoutError):
        there.receive(0.01)


def test_a_reader_that_does_not_read_is_a_timeout(channels):
    with pytest.raises(TimeoutError):
        channels[0].send(encode(np.zeros(10**6)), 0.01)


def test_an_announced_frame_over_the_limit_is_refused_before_memory_is_taken(channels):
    here, there = channels
    here.socket.send(struct.pack("<II", MAX_FRAME, 1))
    with pytest.raises(WireError, match="announced"):
        there.receive(1)
