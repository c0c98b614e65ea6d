"""What stands in the examiner for a name that the student's notebook did not define."""

from __future__ import annotations

from typing import Any

from autograder.exam.examiner.proxies import CallableProxy, Proxy, inside
from autograder.exam.examiner.student_errors import is_exception_class, student_error


class Missing:
    """A name that the student's notebook did not define, or that could not be handed over."""

    def __init__(self, name: str, description: str, kind: str = "NameError"):
        self.__dict__.update(__name__=name, _description=description, _kind=kind)

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise student_error([self._kind], self._description)

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


def kind_of(value: Any) -> str:
    """function, class, object, variable or missing: what stands for a student's name."""
    if is_exception_class(value):
        return "class"
    if isinstance(value, Proxy):
        return (
            "class"
            if inside(value)["_reference"]["kind"] == "class"
            else "function"
            if isinstance(value, CallableProxy)
            else "object"
        )
    return "missing" if value is None or isinstance(value, Missing) else "variable"
