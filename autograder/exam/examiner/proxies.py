"""What stands in the examiner for a student's functions, classes and objects.

A proxy sends each use over to the student process and brings the value back. Operators that hand
the student's code an operand of the test's, ``==`` first of all, are asked only where the course's
own solution is asked, too (``operators``); else a proxy compares by identity.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any, Protocol

from autograder.exam.examiner.claimed_class import claimed_class
from autograder.exam.examiner.student_errors import StudentError, is_exception_class
from autograder.exam.protocol import codec, shared_classes
from autograder.exam.protocol.codec import fresh
from autograder.exam.protocol.operators import UNARY, WITH_OPERAND


class Names(Protocol):
    """The notebook's names."""

    def given_class(self, name: str) -> Any:
        """What a given cell made under this name."""

    def shares(self, kind: type) -> bool:
        """Whether a given cell made this class."""


class Asker(Protocol):
    """What a proxy asks: the session behind it."""

    generation: int  # of the student process that lives now

    @property
    def names(self) -> Names:
        """The notebook's names."""

    def apply(self, operation: str, target: Proxy, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """One operation on a student's object; StudentError when it fails."""

    def may_delegate(self, operator: str) -> bool:
        """Whether the running check may hand an operand to the student's operator."""


def _apply(proxy: Proxy, operation: str, /, *args: Any, **kwargs: Any) -> Any:
    """One operation on a student's object."""
    return inside(proxy)["_asker"].apply(operation, proxy, list(args), kwargs)


def inside(proxy: Proxy) -> dict[str, Any]:
    """What a proxy knows; any name asked of it in Python's own way might be the student's."""
    space: dict[str, Any] = object.__getattribute__(proxy, "__dict__")
    return space


def _class_of(proxy: Proxy) -> type:
    """For ``isinstance``: the library's class that the object is of, else the proxy's own."""
    space = inside(proxy)
    found = claimed_class(space["_reference"]["classes"], space["_asker"].names.given_class)
    return found or type(proxy)


def _unary(name: str) -> Any:
    """An operator of the object and nothing else."""
    return lambda self: _apply(self, name)


def _binary(name: str) -> Any:
    """An operator that hands the student's code an operand of the test's."""

    def method(self: Proxy, other: Any) -> Any:
        same = of_the_class(other, self)
        if same is not None:  # the class is the course's own, and so is its operator
            operator = getattr(type(other), f"__{name}__", None)
            return NotImplemented if operator is None else operator(same, other)
        return _apply(self, name, other) if self._asker.may_delegate(name) else NotImplemented

    return method


def of_the_class(other: Any, proxy: Proxy) -> Any:
    """A copy of the student's object, where a given cell made its class and ``other`` is of it."""
    kind, space = type(other), inside(proxy)
    if space["_reference"]["classes"][:1] != [f"{kind.__module__}:{kind.__qualname__}"]:
        return None
    if not (space["_asker"].names.shares(kind) and shared_classes.is_plain(kind)):
        return None
    return shared_classes.build(kind, _apply(proxy, "vars"))


class Proxy:
    """A student's object. Operations on it run in the student process."""

    def __init__(self, asker: Asker, reference: dict[str, Any], name: str | None = None):
        space = inside(self)
        space["_asker"], space["_reference"], space["_binding"] = asker, reference, name
        space["_generation"] = asker.generation
        space["__name__"] = name or reference["name"] or reference["type"]

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return _class_of(self)
        if name == "__dict__":
            return _apply(self, "vars")
        if name in _STUDENTS_OWN:  # defined here for Python's sake; asked for by name, it is theirs
            return _attribute(self, name)
        return object.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{name} of a student's object stays with the student")
        return _attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _apply(self, "setattr", name, value)

    def __delattr__(self, name: str) -> None:
        _apply(self, "delattr", name)

    def __getitem__(self, key: Any) -> Any:
        return _apply(self, "getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _apply(self, "setitem", key, value)

    def __delitem__(self, key: Any) -> None:
        _apply(self, "delitem", key)

    def __len__(self) -> int:
        return int(_apply(self, "len"))

    def __contains__(self, item: Any) -> bool:
        if self._asker.may_delegate("contains"):
            return bool(_apply(self, "contains", item))
        return any(one is item or one == item for one in self)

    def __iter__(self) -> Any:
        found = _apply(self, "iter")
        return iter(found) if not isinstance(found, Proxy) else found

    def __next__(self) -> Any:
        return _apply(self, "next")

    def __bool__(self) -> bool:
        return _apply(self, "bool") is True

    def __str__(self) -> str:
        return str(_apply(self, "str"))

    def __repr__(self) -> str:
        return str(_apply(self, "repr"))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        """What a test asserts inside of ``with`` stays asserted, whatever the student's says."""
        if error is not None and not isinstance(error, Exception):
            return False  # a test that ran out of time
        gone = _apply(self, "exit", kind and kind.__name__, "" if error is None else str(error))
        if gone is not True or isinstance(error, AssertionError):
            return False
        return bool(self._asker.may_delegate("exit"))

    # Operators of one operand, of two, and comparisons.
    __neg__ = _unary("neg")
    __pos__ = _unary("pos")
    __abs__ = _unary("abs")
    __invert__ = _unary("invert")
    __int__ = _unary("int")
    __float__ = _unary("float")
    __complex__ = _unary("complex")
    __index__ = _unary("index")
    __reversed__ = _unary("reversed")
    __enter__ = _unary("enter")
    __add__, __radd__, __iadd__ = _binary("add"), _binary("radd"), _binary("iadd")
    __sub__, __rsub__, __isub__ = _binary("sub"), _binary("rsub"), _binary("isub")
    __mul__, __rmul__, __imul__ = _binary("mul"), _binary("rmul"), _binary("imul")
    __truediv__, __rtruediv__, __itruediv__ = (
        _binary("truediv"),
        _binary("rtruediv"),
        _binary("itruediv"),
    )
    __floordiv__, __rfloordiv__, __ifloordiv__ = (
        _binary("floordiv"),
        _binary("rfloordiv"),
        _binary("ifloordiv"),
    )
    __mod__, __rmod__, __imod__ = _binary("mod"), _binary("rmod"), _binary("imod")
    __pow__, __rpow__, __ipow__ = _binary("pow"), _binary("rpow"), _binary("ipow")
    __matmul__, __rmatmul__, __imatmul__ = _binary("matmul"), _binary("rmatmul"), _binary("imatmul")
    __and__, __rand__, __iand__ = _binary("and"), _binary("rand"), _binary("iand")
    __or__, __ror__, __ior__ = _binary("or"), _binary("ror"), _binary("ior")
    __xor__, __rxor__, __ixor__ = _binary("xor"), _binary("rxor"), _binary("ixor")
    __lshift__, __rlshift__, __ilshift__ = _binary("lshift"), _binary("rlshift"), _binary("ilshift")
    __rshift__, __rrshift__, __irshift__ = _binary("rshift"), _binary("rrshift"), _binary("irshift")
    __eq__ = _binary("eq")
    __ne__ = _binary("ne")
    __lt__ = _binary("lt")
    __le__ = _binary("le")
    __gt__ = _binary("gt")
    __ge__ = _binary("ge")
    __hash__ = object.__hash__

    def __dir__(self) -> list[str]:
        return [name for name in _apply(self, "dir") if type(name) is str]

    def _described(self) -> str:
        return f"<the student's {self._reference['type']} {self.__name__}>"


_FUNCTIONS = frozenset({"function", "method", "builtin_function_or_method", "partial", "ufunc"})


class CallableProxy(Proxy):
    """A student's function, method, class, or object that can be called."""

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        value = _apply(self, "call", *args, **kwargs)
        if isinstance(value, Proxy) and inside(value)["_reference"]["type"] == "coroutine":
            return _awaited(value)
        return value

    def _is_function(self) -> bool:
        """Or a class; else an object that can be called besides."""
        return self._reference["kind"] == "class" or self._reference["type"] in _FUNCTIONS

    def __bool__(self) -> bool:
        return self._is_function() or super().__bool__()

    def __eq__(self, other: object) -> Any:
        return NotImplemented if self._is_function() else super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        return NotImplemented if self._is_function() else super().__ne__(other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return self._described() if self._is_function() else super().__repr__()

    def __str__(self) -> str:
        return self._described() if self._is_function() else super().__str__()

    @property
    def __signature__(self) -> inspect.Signature:
        names = [name for name in self._reference["parameters"] if name.isidentifier()]
        return _signature(tuple(dict.fromkeys(names)))

    def count_lines(self, /, calls: list[tuple[tuple[Any, ...], dict[str, Any]]]) -> list[int]:
        """Executed Python lines of each call, a pair (args, kwargs), counted where they run.

        The counted call must return what an ordinary one returns; a function that is not the same
        twice in a row cannot be held to that.
        """
        found = _apply(self, "count_lines", fresh(calls))
        for (args, kwargs), (_, value, once) in zip(calls, found, strict=True):
            if not alike(value, once) and alike(once, _apply(self, "call", *args, **kwargs)):
                raise StudentError(
                    f"{self.__name__}(...) returned something else while its lines were counted."
                )
        return [int(lines) for lines, _, _ in found]

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Proxy) and _apply(self, "isinstance", instance) is True

    def __subclasscheck__(self, kind: Any) -> bool:
        theirs = isinstance(kind, Proxy) or is_exception_class(kind)
        return theirs and _apply(self, "issubclass", kind) is True


class OwnMethod(CallableProxy):
    """A method that the course's own solution was never asked for: it may not judge an operand.

    Where a check says ``table.equals(right)``, a student's object could answer yes.
    """

    def __init__(self, method: Proxy, name: str):
        inside(self).update(inside(method), _method=name)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs:
            _refuse_operands(inside(self)["_method"])
        return super().__call__()


def _attribute(proxy: Proxy, name: str) -> Any:
    """An attribute of a student's object; what can be called takes operands where it may."""
    value = _apply(proxy, "getattr", name)
    if not callable(value) or inside(proxy)["_asker"].may_delegate(f".{name}"):
        return value
    method = value._proxy if is_exception_class(value) else value
    if issubclass(type(method), CallableProxy):
        return OwnMethod(method, name)
    return lambda *args, **kwargs: _refuse_operands(name)  # a function of the check's own, back


def _refuse_operands(name: str) -> Any:
    what = "an object of its own where this check expects plain data"
    advice = "Next: return what the docstring asks for: a number, an array, a list, a table."
    failure = StudentError(
        f"{name}(...) was not asked: your code gave {what}, and such an object could say "
        f"anything of the right values. {advice}"
    )
    failure.about_hidden = f"Your code gave {what}. {advice}"
    raise failure


# Asked for by name, these are the student's own, or not there; Python itself asks the class.
_STUDENTS_OWN = frozenset(
    f"__{name}__"
    for name in (
        *WITH_OPERAND,
        *UNARY,
        *("doc", "getitem", "setitem", "delitem", "contains", "exit", "hash", "init", "format"),
    )
)


async def _awaited(coroutine: Proxy) -> Any:
    return _apply(coroutine, "await")


@lru_cache(256)
def _signature(names: tuple[str, ...]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, kind) for name in names])


def alike(value: Any, other: Any) -> bool:
    """Whether two values are the same as data."""
    return codec.encode(value, _thing) == codec.encode(other, _thing)


def _thing(value: Any) -> dict[str, Any]:
    return {"kind": type(value).__name__}
