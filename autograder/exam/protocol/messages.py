"""Everything that is said between processes of an exam, as typed messages.

Three protocols use them, drawn in docs/design.md:

* worker <-> fork server: one JSON object each way over a control socket, ``Control`` requests,
  some with file descriptors.
* worker <-> examiner: one frame with an exam, one frame back with its result (``entry``).
* examiner <-> student process: frames of the codec. Each holds ``[number, verb, *fields]``; what
  answers a request carries its number. While a student's function runs it may call a function of
  the examiner's: the student process sends ``CallBack`` and waits for ``CallBackReturned`` or
  ``CallBackRaised``, and may meanwhile be sent further requests.

Whatever comes from a student process is untrusted: ``from_wire`` checks the form here, and
``validation`` the contents.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from autograder.exam.protocol.bounds import ProtocolError
from autograder.exam.protocol.wire_types import Arguments


class Control(StrEnum):
    """What a fork server is asked; ``+`` what comes along, ``->`` the reply."""

    LOAD_SOURCE = "load_source"  # + descriptor with source and files -> {} or {"fault": text}
    PRELOAD = "preload"  # + descriptor with names of modules -> {}
    DERIVE = "derive"  # + descriptor with ids of solution cells: make their mutants -> {}
    FORK = "fork"  # + descriptors, {"limits"}: a child begins with them -> {"pid": n}
    CPU_TIME = "cpu_time"  # of the child, until now -> {"seconds": s, or None where not known}
    INTERRUPT = "interrupt"  # SIGINT for the child -> {}
    KILL = "kill"  # the child, and all it started -> {"status": wait status}
    RESET = "reset"  # strays killed, scratch folder emptied -> {"anomalies": [messages]}


class Doubt(StrEnum):
    """Why points may have been lost to the machine: the exam is then held once more."""

    TIMEOUT = "timeout"  # a check did not end
    IDLE = "idle"  # a call or cell ran out of time, and hardly any CPU was used
    KILLED = "killed"  # by a signal that neither a limit nor the monitor explains


class Run(NamedTuple):
    """Run a cell; answered by ``Ran``. ``random_state`` is None where nothing draws from it.

    ``places`` asks to note first what all names mean, at these places of the notebook.
    """

    cell_id: str
    source: str
    names: list[str]
    random_state: Any
    places: list[int]


class Apply(NamedTuple):
    """Apply an operation to a student's object, by number: ``Returned`` or ``Raised``.

    Where there is a ``place``, all names are first given the meaning that they had there.
    """

    operation: str
    target: int
    arguments: Arguments
    random_state: Any
    place: int | None


class Rename(NamedTuple):
    """Give names another meaning, or none, as a test did in the examiner: ``Done``.

    ``place`` as in ``Apply``.
    """

    new: dict[str, Any]
    deleted: list[str]
    place: int | None


class Watch(NamedTuple):
    """Call functions once more and say how each computes: ``Watched``.

    ``calls`` are ``[number of the function, Arguments]``.
    """

    calls: list[list[Any]]


class PlaceFiles(NamedTuple):
    """Put these files next to the notebook, and nothing else: ``Done``."""

    files: dict[str, bytes]
    modules: list[str]


class KeepPristine(NamedTuple):
    """Remember Python and its libraries as they are before the student's code runs: ``Done``."""


class Judge(NamedTuple):
    """Run a check beside the student's code: ``Returned`` its last value, or ``Raised``.

    ``imports`` are the import statements of given cells, whose names are to mean that again.
    """

    cell_id: str
    source: str
    imports: list[str]


class CurrentFigure(NamedTuple):
    """pyplot's current figure in the student process: ``Returned`` it, or None.

    ``close``: all figures are closed before.
    """

    close: bool


class ListImports(NamedTuple):
    """Say what was imported since the fork: ``Imported``."""


class Recollect(NamedTuple):
    """Say what stands under these names: ``Recollected``."""

    names: list[str]


class CallBackReturned(NamedTuple):
    value: Any


class CallBackRaised(NamedTuple):
    kind: str
    message: str


class Ran(NamedTuple):
    """A cell ran: its outcome, ``{name: value}`` of what it left, the generators' state."""

    summary: Any
    found: Any
    random_state: Any


class Returned(NamedTuple):
    """``changed`` is None, or ``[args, kwargs]`` as they are after the call.

    ``aside`` is what was printed and the generators' state, or None.
    """

    value: Any
    changed: Any
    aside: Any


class Raised(NamedTuple):
    """``kinds`` names the exception's classes; ``error`` is a reference to it, or None."""

    kinds: Any
    message: Any
    line: Any
    error: Any
    aside: Any


class Done(NamedTuple):
    pass


class Watched(NamedTuple):
    """For each call what was noticed, "" for nothing."""

    found: Any


class Imported(NamedTuple):
    names: Any


class Recollected(NamedTuple):
    found: Any


class CallBack(NamedTuple):
    """A student's function calls one of the examiner's, by number."""

    function: Any
    args: Any
    kwargs: Any


Request = (
    Run
    | Apply
    | Rename
    | Watch
    | PlaceFiles
    | KeepPristine
    | Judge
    | CurrentFigure
    | ListImports
    | Recollect
)
CallBackReply = CallBackReturned | CallBackRaised
Reply = Ran | Returned | Raised | Done | Watched | Imported | Recollected | CallBack
Message = Request | CallBackReply | Reply

_REQUESTS: Sequence[type] = (
    Run,
    Apply,
    Rename,
    Watch,
    PlaceFiles,
    KeepPristine,
    Judge,
    CurrentFigure,
    ListImports,
    Recollect,
    CallBackReturned,
    CallBackRaised,
)
_REPLIES: Sequence[type] = (
    Ran,
    Returned,
    Raised,
    Done,
    Watched,
    Imported,
    Recollected,
    CallBack,
)
_VERBS: dict[type, str] = {kind: kind.__name__ for kind in (*_REQUESTS, *_REPLIES)}
_TO_STUDENT: dict[str, Any] = {kind.__name__: kind for kind in _REQUESTS}
_TO_EXAMINER: dict[str, Any] = {kind.__name__: kind for kind in _REPLIES}

# What may answer a request, besides call-backs on the way.
ANSWERS: dict[type, tuple[type, ...]] = {
    Run: (Ran,),
    Apply: (Returned, Raised),
    Rename: (Done,),
    Watch: (Watched,),
    PlaceFiles: (Done,),
    KeepPristine: (Done,),
    Judge: (Returned, Raised),
    CurrentFigure: (Returned,),
    ListImports: (Imported,),
    Recollect: (Recollected,),
}


def to_wire(number: int, message: Message) -> list[Any]:
    """A message as the codec's plain data."""
    return [number, _VERBS[type(message)], *message]


def read_request(value: Any) -> tuple[int, Any]:
    """In a student process: the number and the message of the examiner, which is trusted."""
    number, verb, *fields = value
    return number, _TO_STUDENT[verb](*fields)


def read_reply(value: Any) -> tuple[Any, Any]:
    """In the examiner: the number and the message; ProtocolError for what is no reply."""
    form = [type(part) for part in value[:2]] if type(value) is list else []
    if form != [int, str]:  # not compared yet: it may be an array, or a student's object
        raise ProtocolError("a reply of an unknown form.")
    number, verb, *fields = value
    kind = _TO_EXAMINER.get(verb)
    if kind is None or len(fields) != len(kind._fields):
        raise ProtocolError("a reply of an unknown form.")
    return number, kind(*fields)
