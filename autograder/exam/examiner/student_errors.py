"""What goes wrong on the student's side: in words, and as the exceptions that a test may expect."""

from __future__ import annotations

import builtins
import signal
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from mlpkit.testing.plain_words import in_plain_words

MEDDLED = "its lines could not be counted: leave tracing, frames, threads and processes alone."


FIELDS = {SystemExit: ["code"], OSError: ["errno", "strerror", "filename", "filename2"]}


class StudentError(Exception):
    """The student's code raised, died, ran out of time, or is missing.

    ``description`` says so, ``about_hidden`` in words that are not the student's. As text it is
    what the student's exception says itself, so that a test can look at that as it would in one
    process.
    """

    about_hidden = ""

    def __init__(self, description: str = "", message: str | None = None, thing: Any = None):
        super().__init__(description if message is None else message)
        self.description, self._thing = description, thing  # the exception itself stays over there

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __getattr__(self, name: str) -> Any:
        thing = self.__dict__.get("_thing")
        if thing is None or name.startswith("__"):
            raise AttributeError(name)
        return getattr(thing, name)


class ProcessEnded(StudentError):
    """The student's process is gone, ended ``by`` a function or cell."""

    def __init__(self, by: str, how: str):
        super().__init__(f"{by} {how}")
        self.by = by
        self.about_hidden = "Your code ended its process in a hidden check."


class _OfGivenClass(StudentError):
    """An exception whose class a given cell made; what it is made of stays over there."""

    def __init__(self, description: str, message: str | None = None, thing: Any = None):
        Exception.__init__(self, description if message is None else message)
        self.description, self._thing = description, thing
        arguments = None if thing is None else thing.args
        if isinstance(arguments, tuple):
            self.args = arguments

    def __str__(self) -> str:
        return self.description if self._thing is None else str(self._thing)


def student_error(
    kinds: Iterable[str],
    description: str,
    message: str | None = None,
    thing: Any = None,
    own: Mapping[str, Any] = {},
) -> StudentError:
    """A StudentError that is also what the student's exception is.

    ``kinds`` are the names of the exception's classes, from its own to its oldest; ``own`` maps
    names to the classes that ``exception_class`` made. So a test can expect a ValueError of the
    student's code, or the student's own exception, as it would in one process.
    """
    kinds = list(kinds) or ["Exception"]
    bases = list(dict.fromkeys(own[k] for k in kinds if is_exception_class(own.get(k))))
    given = next((own[k] for k in kinds if _is_given_exception(own.get(k))), None)
    try:
        if given is not None and not bases:
            kind: Any = type(kinds[0], (_OfGivenClass, given), {})
        else:
            built_in = _built_in(kinds, bases)
            kind = type(kinds[0], (*bases, *built_in), _fields(built_in) if thing else {})
        made: StudentError = kind(description, message, thing)
        return made
    except (TypeError, ValueError):  # UnicodeDecodeError is built otherwise; a name of "\0"
        return StudentError(description, message, thing)


def exception_class(name: str, kinds: Iterable[str], proxy: Any) -> type:
    """The image of a student's exception class: to be caught, raised and asked for here."""
    return type(name, _built_in(kinds, []), {"_proxy": proxy})


def is_exception_class(value: Any) -> bool:
    """Whether this is the image of a student's exception class."""
    return isinstance(value, type) and issubclass(value, StudentError) and hasattr(value, "_proxy")


def _is_given_exception(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, Exception)
        and value.__module__ == "__main__"
        and not is_exception_class(value)
    )


def _built_in(kinds: Iterable[str], bases: list[type]) -> tuple[type, ...]:
    """StudentError and the nearest built-in exception, as far as ``bases`` are not of them yet."""
    for kind in kinds:
        base = getattr(builtins, kind, None)
        if isinstance(base, type) and issubclass(base, Exception | SystemExit):
            wanted = (StudentError,) if base is Exception else (StudentError, base)
            return tuple(one for one in wanted if not any(issubclass(b, one) for b in bases))
    return () if bases else (StudentError,)


def _fields(kinds: Iterable[type]) -> dict[str, Any]:
    """What some built-in exceptions hold beside their text: asked of the student's own one."""
    names = [
        name
        for kind in kinds
        for base, names in FIELDS.items()
        if issubclass(kind, base)
        for name in names
    ]
    return {name: property(partial(_asked, name=name)) for name in names}


def _asked(error: StudentError, name: str) -> Any:
    return getattr(error._thing, name)


def nearest_builtin(kind: type) -> str:
    """The name of a built-in exception that ``kind`` is, the nearest one."""
    return next(
        (one.__name__ for one in kind.__mro__ if vars(builtins).get(one.__name__) is one),
        "Exception",
    )


def describe_exception(name: str, kind: str, message: str, where: str) -> str:
    """What a student reads about an exception of a function of theirs."""
    if kind == "NotImplementedError" and not message:
        return f"{name}(...) is not written yet: it raises NotImplementedError."
    meant = in_plain_words(message)
    text = f"{name}(...) raised {kind}"
    if where and (kind == "IndexError" or "shape" in message or "dimension" in message):
        where += f"\nNext: {_ABOUT_SHAPES[' has shape ' in where]}"
    elif meant != message:
        where += f"\nLikely cause: {meant}."
        meant = ""
    text += f": {meant}" if meant else ""
    return f"{text}\n    {where}" if where else text


_ABOUT_SHAPES = {
    False: "print the shape of every array in that line; one surprises you.",
    True: "ask of every name in that line whether its shape, or number, is the one you meant.",
}
CAUSES = {
    "SIGSEGV": "crashed its process (segmentation fault; too deep a recursion?).",
    "SIGXCPU": "used up its CPU time and was stopped.",
    "SIGKILL": "was killed: it used too much memory or CPU time, or killed itself.",
}


def describe_death(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "ended its process."
    if code > 255:  # Windows' way to say it
        return CAUSES["SIGSEGV"]
    if code >= 0:
        return f"ended its process itself (exit status {code})."
    causes = {getattr(signal, name, None): cause for name, cause in CAUSES.items()}
    return causes.get(-code, f"ended its process (signal {-code}).")


def timed_out(what: str, who: str, seconds: float) -> StudentError:
    """A call that did not come back; ``who`` is what may be said of it after hidden inputs."""
    late = f"did not come back within {seconds:g} s and was stopped."
    advice = "Look for a loop that never ends."
    failure = StudentError(f"{what} {late} {advice}")
    failure.about_hidden = f"{who}: it {late} {advice}"
    return failure


def stopped_cell(reason: str) -> dict[str, Any]:
    """The summary of a cell that did not come to its end."""
    output = {
        "output_type": "error",
        "ename": "Stopped",
        "evalue": reason,
        "traceback": [reason],
    }
    return {"outputs": [output], "error": "Stopped", "message": reason}
