"""A student's objects that stay in the student process, and the examiner's functions here.

The other end of ``examiner.references``.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import partial
from typing import Any

from autograder.exam.protocol import codec, shared_classes
from autograder.exam.protocol.public_names import find_public

CallBackFunction = Callable[[int, list[Any], dict[str, Any]], Any]


class StudentObjects:
    """Objects by number, kept alive as long as this process."""

    def __init__(self, call_back: CallBackFunction, space: dict[str, Any]):
        self.call_back, self.space = call_back, space
        self.shared: dict[int, Any] = {}  # the examiner's objects of given classes, by number
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}  # id(object) -> its place in ``objects``

    def __getitem__(self, number: int) -> Any:
        return self.objects[number]

    def to_reference(self, value: Any) -> codec.Reference:
        """A reference to a student's object, which stays here; or to the examiner's, back."""
        if isinstance(value, Callback):
            return value.reference
        if (shared := self._shared(value)) is not None:
            return shared
        place = self.numbers.get(id(value))
        if place is None:
            place = self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        kind = "class" if isinstance(value, type) else "object"
        if kind == "class" and issubclass(value, Exception):
            return {
                "kind": "exception",
                "id": place,
                "type": "type",
                "callable": True,
                "name": value.__name__[:100],
                "parameters": [one.__name__ for one in value.__mro__],
                "classes": [],
            }
        return {
            "kind": kind,
            "id": place,
            "type": type(value).__name__,
            "callable": callable(value),
            "name": str(getattr(value, "__name__", ""))[:100],
            "parameters": _parameters(value),
            "classes": [] if isinstance(value, types.FunctionType) else _classes(value),
        } | ({"member": value.name} if shared_classes.is_enumeration(type(value)) else {})

    def from_reference(self, reference: codec.Reference) -> Any:
        """The object that a reference from the examiner stands for."""
        if reference["kind"] == "shared":
            return self._updated(**reference)
        if reference["kind"] == "member":
            return self.space[reference["class"]][reference["name"]]
        if reference["kind"] == "callback":
            if reference["iterator"]:
                return IteratorCallback(self.call_back, reference)
            kind = Callback if "module" not in reference else PublicCallback
            return kind(self.call_back, reference)
        if reference["kind"] == "public":
            return find_public(reference["module"], reference["name"])
        return self.objects[reference["id"]]

    def _updated(self, id: int, state: Any, **about: Any) -> Any:
        """The copy of the examiner's object of this number, in the state that it has there."""
        if id not in self.shared:
            self.shared[id] = shared_classes.build(self.space[about["class"]], {})
        copy = self.shared[id]
        if state is not None:
            vars(copy).clear()
            vars(copy).update(state)
        return copy

    def _shared(self, value: Any) -> codec.Reference | None:
        """The examiner's own object, and the state that it has by now."""
        for number, copy in self.shared.items():
            if copy is value:
                name = type(value).__name__
                state = dict(vars(value))
                return {"kind": "shared", "id": number, "class": name, "state": state}
        return None


class Callback:
    """A function of the examiner's: called here, it runs there."""

    def __init__(self, call_back: CallBackFunction, reference: codec.Reference):
        self.call_back, self.reference = call_back, reference
        self.id, self.__name__ = reference["id"], reference["name"]
        self.__doc__ = reference["doc"] or None

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.call_back(self.id, list(args), kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Callback) and bool(self.id == other.id)

    def __hash__(self) -> int:
        return hash(self.id)


class IteratorCallback(Callback):
    """An iterator of the examiner's: each step is taken there."""

    def __iter__(self) -> IteratorCallback:
        return self

    def __next__(self) -> Any:
        found = self()
        if not found:
            raise StopIteration
        return found[0]


class PublicCallback(Callback):
    """``functools.partial`` of a public function and data: it is the same here, so it runs here.

    For the examiner it is its own function still.
    """

    def __init__(self, call_back: CallBackFunction, reference: codec.Reference):
        super().__init__(call_back, reference)
        function = find_public(reference["module"], reference["function"])
        self.function = partial(function, *reference["args"], **reference["kwargs"])

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def _classes(value: Any) -> list[str]:
    """Its class, and those that this derives from: "module:qualified name" each."""
    classes = type(value).__mro__[:-1]
    return [f"{kind.__module__}:{kind.__qualname__}"[:200] for kind in classes[:30]]


def _parameters(value: Any) -> list[str]:
    """The names of a plain function's positional parameters."""
    if not isinstance(value, types.FunctionType):
        return []
    code = value.__code__
    return list(code.co_varnames[: code.co_argcount])
