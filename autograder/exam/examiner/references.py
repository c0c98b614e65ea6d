"""What crosses between the two sides by reference: a student's objects, the examiner's functions.

A student's object stays in the student process and is a ``Proxy`` here; a function of the
examiner's stays here and is called back. Functions and types of numpy and mlpkit are the same on
both sides and cross by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from io import BytesIO, IOBase, StringIO
from itertools import islice
from typing import Any

import numpy as np

from autograder.exam.examiner.proxies import Asker, CallableProxy, Proxy, inside
from autograder.exam.examiner.student_errors import (
    StudentError,
    exception_class,
    is_exception_class,
)
from autograder.exam.protocol import codec, shared_classes
from autograder.exam.protocol.generators import was_only_drawn_from
from autograder.exam.protocol.public_names import public_name

SET_ANEW = (
    "Your code put the random generator that it was given into another state. "
    "Next: draw from it, and set nothing."
)
LIBRARIES = "numpy", "mlpkit"  # the same on both sides, and their functions keep no count


class References:
    """The references of one exam. ``bindings`` maps the student's names to what they hold."""

    def __init__(self, asker: Asker, bindings: dict[str, Any]):
        self.asker, self.bindings = asker, bindings
        self.callbacks: list[Callable[..., Any]] = []
        self.proxies: dict[int, Any] = {}  # by the number that the student process gave

    def forget_proxies(self) -> None:
        """A new student process numbers its objects anew."""
        self.proxies.clear()

    def retire(self, kept: int) -> list[Callable[..., Any]]:
        """End the call-backs handed over since there were ``kept``: they were one test's own."""
        ended = self.callbacks[kept:]
        self.callbacks[kept:] = [
            one if isinstance(one, _Handed) else _retired for one in ended
        ]  # what the student's code has kept of the data may come back
        return ended

    def revive(self, kept: int, ended: list[Callable[..., Any]]) -> None:
        """Let a test's call-backs answer again, as its hidden part begins."""
        self.callbacks[kept : kept + len(ended)] = ended

    def callback(self, number: Any) -> Callable[..., Any]:
        """The examiner's function of this number; ProtocolError when there is none."""
        if not (type(number) is int and 0 <= number < len(self.callbacks)):
            raise codec.ProtocolError("a call to a function that was never handed over.")
        found = self.callbacks[number]
        if isinstance(found, _Handed):
            raise codec.ProtocolError("a call to an object that is no function.")
        return found

    def to_reference(self, value: Any) -> codec.Reference | None:
        """Examiner to student: the student's own objects, public functions, call-backs."""
        if isinstance(value, Proxy):
            return {"kind": "own", "id": self.current(value)}
        if is_exception_class(value):
            return {"kind": "own", "id": self.current(value._proxy)}
        if isinstance(value, np.dtype):
            value = value.type
        public = public_name(value)
        if public is not None:
            return {"kind": "public", "module": public[0], "name": public[1]}
        if self.asker.names.shares(type(value)):
            return self._shared(value)
        iterator = not callable(value) and isinstance(value, Iterator)
        if isinstance(value, IOBase) or not (callable(value) or iterator):
            return None
        name = str(getattr(value, "__name__", "function"))
        place = self._place(value, _Steps(value) if iterator else value)
        reference = {"kind": "callback", "id": place, "name": name, "iterator": iterator}
        reference["doc"] = str(getattr(value, "__doc__", None) or "")[:2_000]
        return reference | (self._called_there(value) if isinstance(value, partial) else {})

    def as_bytes(self, value: Any) -> bytes | None:
        """The value as it crosses; None where it cannot."""
        try:
            return codec.encode(value, self.to_reference)
        except codec.ProtocolError:
            return None

    def _place(self, value: Any, kept: Any) -> int:
        """The number of what is handed over: the same again for the same."""
        for place, known in enumerate(self.callbacks):
            if known is value or (isinstance(known, _Handed | _Steps) and known.value is value):
                return place
        self.callbacks.append(kept)
        return len(self.callbacks) - 1

    def _shared(self, value: Any) -> codec.Reference | None:
        """An object of a class that a given cell made, as the student process builds one."""
        kind = type(value)
        if shared_classes.is_enumeration(kind):
            return {"kind": "member", "class": kind.__name__, "name": value.name}
        if not shared_classes.is_plain(kind):
            return None
        number = self._place(value, _Handed(value))
        return {
            "kind": "shared",
            "id": number,
            "class": kind.__name__,
            "state": dict(vars(value)),
        }

    def _came_back(self, reference: codec.Reference) -> Any:
        """The object of a given cell's class that was handed over, in its present state."""
        number, state = reference.get("id"), reference.get("state")
        if not (type(number) is int and 0 <= number < len(self.callbacks)):
            raise codec.ProtocolError("an object that was never handed over.")
        found = self.callbacks[number]
        if not isinstance(found, _Handed):
            raise codec.ProtocolError("an object that belonged to a check that has ended.")
        if state is not None:
            apply_changes(vars(found.value), shared_classes.checked(type(found.value), state))
        return found.value

    def _member(self, reference: codec.Reference) -> Any:
        """The member of a given cell's Enum that a student's object is, or None."""
        name, classes = reference.get("member"), reference.get("classes")
        if type(name) is not str or type(classes) is not list or not classes:
            return None
        module, _, qualified = str(classes[0]).partition(":")
        kind = self.asker.names.given_class(qualified) if module == "__main__" else None
        if not isinstance(kind, type) or not self.asker.names.shares(kind):
            return None
        return kind.__members__.get(name) if issubclass(kind, Enum) else None

    def _called_there(self, function: partial[Any]) -> codec.Reference:
        """What the student process needs to call a partial of a library's function by itself."""
        module, name = public_name(function.func) or ("", "")
        held = {"args": list(function.args), "kwargs": function.keywords}
        if module.partition(".")[0] not in LIBRARIES:
            return {}
        try:
            codec.encode(held, self.to_reference)
        except codec.ProtocolError:
            return {}
        return {"module": module, "function": name, **held}

    def current(self, proxy: Proxy) -> int:
        """The number of an object now: after a death, a named one is found again by its name."""
        space = inside(proxy)
        if space["_generation"] != self.asker.generation:
            found = self.bindings.get(space["_binding"])
            if (
                not isinstance(found, Proxy)
                or inside(found)["_generation"] != self.asker.generation
            ):
                raise StudentError(
                    f"{proxy._described()} was lost when the notebook's process ended."
                )
            space = inside(found)
        number: int = space["_reference"]["id"]
        return number

    def from_reference(self, reference: codec.Reference) -> Any:
        """Student to examiner: a proxy, or the examiner's own function coming back."""
        kind = reference.get("kind")
        if type(kind) is str and kind == "callback":
            return self.callback(reference.get("id"))
        if type(kind) is str and kind == "shared":
            return self._came_back(reference)
        if "member" in reference and (member := self._member(reference)) is not None:
            return member
        clean = _clean(reference)
        if clean["id"] not in self.proxies:
            stand_in = CallableProxy if reference.get("callable") is True else Proxy
            proxy = stand_in(self.asker, clean)
            self.proxies[clean["id"]] = (
                exception_class(clean["name"] or "Exception", clean["parameters"], proxy)
                if clean["kind"] == "exception"
                else proxy
            )
        return self.proxies[clean["id"]]


def _clean(reference: codec.Reference) -> dict[str, Any]:
    """What a reference says of a student's object; ProtocolError for another form.

    Types are checked, not converted to: a part may be a student's object itself.
    """
    texts = {name: reference.get(name) for name in ("type", "name", "kind")}
    number, lists = reference.get("id"), {n: reference.get(n) for n in ("parameters", "classes")}
    if (
        type(number) is not int
        or not all(type(text) is str for text in texts.values())
        or not all(
            type(one) is list and all(type(text) is str for text in one[:50])
            for one in lists.values()
        )
    ):
        raise codec.ProtocolError("a reference of an unknown form.")
    short = {name: str(text)[:100] for name, text in texts.items()}
    names = {name: [text[:200] for text in (one or ())[:50]] for name, one in lists.items()}
    return {"id": number, **names, **short}


class _Handed:
    """An object of a class that a given cell made, which the student process has a copy of."""

    def __init__(self, value: Any):
        self.value = value


class _Steps:
    """An iterator of the examiner's, called for each step: ``[item]``, or ``[]`` at its end."""

    def __init__(self, value: Iterator[Any]):
        self.value = value

    def __call__(self) -> list[Any]:
        return list(islice(self.value, 1))


def _retired(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("This function belonged to a check that has ended.")


def write_back(changed: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Bring in-place changes of arguments back, from the frame that carries them as they are now.

    ProtocolError for another form, StudentError as ``apply_changes``.
    """
    if not (isinstance(changed, list) and [type(part) for part in changed] == [list, dict]):
        raise codec.ProtocolError("arguments of an unknown form.")
    apply_changes(args, changed[0])
    apply_changes(kwargs, changed[1])


def apply_changes(original: Any, changed: Any) -> Any:
    """Bring in-place changes of an argument back: arrays, lists and dicts keep their identity.

    StudentError where a random generator was not only drawn from.
    """
    if isinstance(original, np.ndarray) and isinstance(changed, np.ndarray):
        fits = original.shape == changed.shape and original.dtype == changed.dtype
        if fits and original.flags.writeable:
            original[...] = changed
            return original
    elif isinstance(original, list) and isinstance(changed, list):
        if len(original) == len(changed):
            changed = [apply_changes(a, b) for a, b in zip(original, changed, strict=True)]
        original[:] = changed
        return original
    elif isinstance(original, dict) and isinstance(changed, dict):
        merged = {
            k: apply_changes(original[k], v) if k in original else v for k, v in changed.items()
        }
        original.clear()
        original.update(merged)
        return original
    elif isinstance(original, tuple) and isinstance(changed, tuple):
        return tuple(apply_changes(a, b) for a, b in zip(original, changed, strict=False))
    elif isinstance(original, np.random.Generator) and isinstance(changed, np.random.Generator):
        if not was_only_drawn_from(original, changed):
            failure = StudentError(SET_ANEW)
            failure.about_hidden = SET_ANEW
            raise failure
        original.bit_generator.state = changed.bit_generator.state
        return original
    elif isinstance(original, StringIO | BytesIO) and type(changed) is type(original):
        place = changed.tell()
        original.seek(0)
        original.truncate()
        original.write(changed.getvalue())  # type: ignore[arg-type]
        original.seek(place)
        return original
    elif isinstance(original, set) and isinstance(changed, set):
        original.clear()
        original.update(changed)
        return original
    elif type(original) is type(changed) and hasattr(original, "_update_inplace"):
        original._update_inplace(changed)  # a table of pandas
        return original
    elif callable(original):
        return original
    return changed
