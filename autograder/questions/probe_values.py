"""Numbers in the arguments and results of a student's functions: found, changed, described.

The text goes along with that of `probe`, so it imports nothing of the project.
"""

import functools

import numpy as np


def parts_of(result):
    """The numbers of a result by where they are: the whole, or each entry of a tuple or dict."""
    if isinstance(result, tuple):
        inner = {str(place): value for place, value in enumerate(result, 1)}
    elif isinstance(result, dict):
        inner = {f"[{key!r}]": value for key, value in result.items()}
    else:
        inner = {"": result}
    found = {}
    for key, value in inner.items():
        if isinstance(value, dict):
            found |= {f"{key}{k}": v for k, v in parts_of(value).items()}
        elif isinstance(value, (np.ndarray, np.number, float)):
            array = np.asarray(value)
            if array.dtype.kind == "f" and array.size and np.isfinite(array).all():
                found[key] = array
    return found


def agree(wanted, got):
    return got is not None and got.shape == wanted.shape and np.allclose(got, wanted, 1e-7, 1e-12)


def arrays_in(values):
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, (list, tuple, dict)):
            yield from arrays_in(value)


def with_length(value, old, new):
    """The value with every axis of length ``old`` taken again and again up to ``new``."""
    again = functools.partial(with_length, old=old, new=new)
    if isinstance(value, np.ndarray):
        for axis, length in enumerate(value.shape):
            if length == old:
                value = np.take(value, np.arange(new) % old, axis)
        return value
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(map(again, value))
    return {key: again(one) for key, one in value.items()} if isinstance(value, dict) else value


def described(names, values):
    """``X (5, 3), y (5,), alpha = 0.5``."""
    found = []
    for name, value in zip(names, values, strict=False):
        if isinstance(value, np.ndarray):
            found.append(f"{name} {value.shape}")
        elif isinstance(value, dict):
            found.append(f"{name}: {described(value.keys(), value.values())}")
        elif isinstance(value, (list, tuple)):
            inner = ", ".join(
                str(np.shape(one)) for one in value[:6] if isinstance(one, np.ndarray)
            )
            found.append(f"{name}: {len(value)} entries" + (f", {inner}" if inner else ""))
        elif isinstance(value, (int, float, str, bool, np.number)):
            found.append(f"{name} = {value!r:.30}")
        else:
            found.append(name)
    return ", ".join(map(str, found))


def shape_of(value):
    """The shape of an array with axes, as a list; None for all else."""
    return list(value.shape) if isinstance(value, np.ndarray) and value.ndim else None


def numbers_of(value):
    """A copy of a number or an array of them; None for all else, also where one is not finite."""
    if not isinstance(value, (np.ndarray, np.number, int, float)):
        return None
    array = np.array(value)
    return array if array.dtype.kind in "iuf" and np.isfinite(array).all() else None


def changeable(values):
    """The numbers among the arguments: (place, key in a dict or None, value)."""
    for place, value in enumerate(values):
        entries = value.items() if isinstance(value, dict) else [(None, value)]
        for key, one in entries:
            if type(one) in (int, float) or (isinstance(one, np.ndarray) and one.dtype.kind == "f"):
                yield place, key, one


def other_numbers(value, size):
    """Numbers in the place of these; of an array two sets, as one may fall alike by chance."""
    if not isinstance(value, np.ndarray):
        return [value + 1 + size % 5]
    drawn = np.random.default_rng(size).normal(size=(2, *value.shape))
    return list(np.abs(drawn) if value.size and value.min() >= 0 else drawn)


def with_entry(values, place, key, other):
    """The arguments with one of them, or an entry of a dict among them, replaced."""
    changed = list(values)
    changed[place] = other if key is None else {**values[place], key: other}
    return changed


def small(values, size):
    """The arguments with every axis 2 long at most and small whole numbers; None if not all fit."""
    drawn = np.random.default_rng(size)
    for length in sorted({n for array in arrays_in(values) for n in array.shape if n > 2}):
        values = with_length(values, length, 2)
    for place, key, value in list(changeable(values)):
        if isinstance(value, np.ndarray) or type(value) is float:
            signs = (
                1
                if np.size(value) and np.min(value) >= 0
                else drawn.choice((-1, 1), np.shape(value))
            )
            other = signs * drawn.integers(1, 4, np.shape(value)) * 1.0
            values = with_entry(values, place, key, other if np.ndim(value) else float(other))
    left = (
        one for value in values for one in (value.values() if isinstance(value, dict) else [value])
    )
    usual = all(isinstance(one, (np.ndarray, int, float)) for one in left)
    return values if usual and sum(array.size for array in arrays_in(values)) <= 16 else None


def listed(names, values):
    """``X = [[1, -2], [3, 1]], y = [0, 1], alpha = 2.0``."""
    found = []
    for name, value in zip(names, values, strict=False):
        if isinstance(value, dict):
            found.append(f"{name}: {listed(value.keys(), value.values())}")
        elif isinstance(value, np.ndarray):
            whole = np.all(value == np.round(value)) and value.dtype.kind == "f"
            found.append(f"{name} = {(value.astype(int) if whole else value).tolist()}")
        else:
            found.append(f"{name} = {value!r}")
    return ", ".join(map(str, found))
