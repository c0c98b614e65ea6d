"""What stands in the examiner for a student's functions, classes and objects.

A proxy sends each use over to the candidate and brings the value back. It compares by identity,
so no ``__eq__`` of a student's is ever asked, and nothing of it can be reached but by name.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.exam import wire

if TYPE_CHECKING:
    from autograder.exam.session import Session


class StudentError(Exception):
    """The student's code raised, died, ran out of time, or is missing. The text is a sentence."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


def student_error(kind: str, sentence: str) -> StudentError:
    """A StudentError that is also a ``kind``, if that is a built-in exception.

    So a test can expect a ValueError of the student's code as it would in one process.
    """
    base = getattr(builtins, kind, None)
    if isinstance(base, type) and issubclass(base, Exception):
        try:
            return type(kind, (StudentError, base), {})(sentence)
        except TypeError:  # a few of them, like UnicodeDecodeError, are built otherwise
            pass
    return StudentError(sentence)


class Proxy:
    """A student's object. Operations on it run in the candidate."""

    def __init__(self, session: Session, reference: dict[str, Any], name: str | None = None):
        space = self.__dict__
        space["_session"], space["_reference"], space["_binding"] = session, reference, name
        space["_generation"] = session.generation
        space["__name__"] = name or reference["name"] or reference["type"]

    def _apply(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        return self._session.apply(operation, self, list(args), kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{name} of a student's object stays with the student")
        return self._apply("getattr", name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._apply("setattr", name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._apply("getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._apply("setitem", key, value)

    def __len__(self) -> int:
        return int(self._apply("len"))

    def __contains__(self, item: Any) -> bool:
        return bool(self._apply("contains", item))

    def __iter__(self) -> Any:
        found = self._apply("iter")
        return iter(found) if not isinstance(found, Proxy) else found

    def __next__(self) -> Any:
        return self._apply("next")

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<the student's {self._reference['type']} {self.__name__}>"


class CallableProxy(Proxy):
    """A student's function, method or class."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._apply("call", *args, **kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        names = [name for name in self._reference["parameters"] if name.isidentifier()]
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in dict.fromkeys(names)])

    def count_lines(self, *args: Any, **kwargs: Any) -> int:
        """Executed Python lines of a call, counted where it runs.

        The counted call must return what an ordinary one returns; a function that is not the same
        twice in a row cannot be held to that.
        """
        lines, value = self._apply("count_lines", *_fresh(args), **_fresh(kwargs))
        once = self._apply("call", *_fresh(args), **_fresh(kwargs))
        if not _alike(value, once) and _alike(once, self._apply("call", *args, **kwargs)):
            raise StudentError(
                f"{self.__name__}(...) returned something else while its lines were counted.")
        return int(lines)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Proxy) and bool(self._apply("isinstance", instance))


def _fresh(value: Any) -> Any:
    """The value with arrays and generators of its own."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(map(_fresh, value))
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value


def _alike(value: Any, other: Any) -> bool:
    """Whether two values are the same as data."""
    return wire.encode(value, _thing) == wire.encode(other, _thing)


def _thing(value: Any) -> dict[str, Any]:
    return {"kind": type(value).__name__}


class Missing:
    """A name that the student's notebook did not define, or that could not be handed over."""

    def __init__(self, name: str, sentence: str, kind: str = "NameError"):
        self.__dict__.update(__name__=name, _sentence=sentence, _kind=kind)

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise student_error(self._kind, self._sentence)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        self._refuse()

    __call__ = __getitem__ = __setitem__ = __setattr__ = __len__ = __iter__ = _refuse
    __contains__ = __float__ = __int__ = __bool__ = __array__ = __eq__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _refuse
    __rtruediv__ = __pow__ = __matmul__ = __rmatmul__ = __neg__ = __abs__ = _refuse
    __lt__ = __gt__ = __le__ = __ge__ = __index__ = __complex__ = __format__ = _refuse
    __hash__ = object.__hash__


def apply_changes(original: Any, changed: Any) -> Any:
    """Bring in-place changes of an argument back: arrays, lists and dicts keep their identity."""
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
        merged = {k: apply_changes(original[k], v) if k in original else v
                  for k, v in changed.items()}
        original.clear()
        original.update(merged)
        return original
    elif isinstance(original, tuple) and isinstance(changed, tuple):
        return tuple(apply_changes(a, b) for a, b in zip(original, changed, strict=False))
    elif isinstance(original, np.random.Generator) and isinstance(changed, np.random.Generator):
        if original.bit_generator.state["bit_generator"] == \
                changed.bit_generator.state["bit_generator"]:
            original.bit_generator.state = changed.bit_generator.state
        return original
    elif callable(original):
        return original
    return changed


def kind_of(value: Any) -> str:
    """function, class, object, variable or missing: what stands for a student's name."""
    if isinstance(value, Proxy):
        return "class" if value.__dict__["_reference"]["kind"] == "class" else \
            "function" if isinstance(value, CallableProxy) else "object"
    return "missing" if value is None or isinstance(value, Missing) else "variable"


def public_name(value: Any) -> tuple[str, str] | None:
    """Where numpy, mlpkit or builtins export this function or type, if they do."""
    if isinstance(value, np.ufunc):
        return ("numpy", value.__name__) if getattr(np, value.__name__, None) is value else None
    if not isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return None
    module = value.__module__ or ""
    if module.partition(".")[0] not in ("numpy", "mlpkit", "builtins"):
        return None
    found: Any = sys.modules.get(module)
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    return (module, value.__qualname__) if found is value else None
