"""A warm process that forks candidates, or examiners, on request.

Everything slow happens once, here: importing numpy, matplotlib and mlpkit, building the shell,
and importing whatever else the course's own solution did. A fork then costs milliseconds. No
thread may be alive when it forks.

It is started as ``python -m autograder.exam.forkserver ROLE FD FIGURES`` and spoken to over the
control socket FD, one JSON request and one reply at a time. FIGURES, 0 or 1, says whether what
draws is imported, too; else it is by the first child that draws.

    {"do": "prepare"}    + descriptor: source and files come over it -> {} or {"fault": text}
                         (to a candidate's: the given cells, by number)
    {"do": "learn"}      + descriptor: names of modules come over it     -> {}
    {"do": "fork"}       + descriptors: a child sits down with them      -> {"pid": n}
    {"do": "interrupt"}  SIGINT for the child                            -> {}
    {"do": "kill"}       the child ends, and all it left running         -> {"status": wait status}
    {"do": "clean"}      leftovers killed, scratch folder emptied        -> {"odd": [sentences]}

When the control socket closes, the nursery ends, and with it everything it forked.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
from functools import partial
from typing import Any

from autograder.exam import lazy_import
from autograder.sandbox import inside, scratch

REQUEST_BYTES = 4096
ENTRIES = {"examiner": "autograder.exam.entry", "student": "autograder.exam.student.executor"}


class ForkServer:
    """The loop around one warm shell; at most one child at a time."""

    def __init__(self, role: str, control: socket.socket, figures: bool = False):
        self.role, self.control, self.figures = role, control, figures
        self.shell: Any = None
        self.child: int | None = None
        self.prepared: Any = None  # what its next children need of the source
        self.modules: set[str] = set()  # imported here, so in every child

    def warm_up(self) -> None:
        """Import what notebooks use, and build the shell."""
        import mlpkit
        from autograder.exam import warmup
        from autograder.exam.shell import shell

        if not self.figures:
            lazy_import.defer("matplotlib")
            lazy_import.defer("matplotlib.pyplot", self._show_figures)
            lazy_import.defer("mlpkit.plotting")
        for name in mlpkit.SUBMODULES:
            importlib.import_module(f"mlpkit.{name}")
        importlib.import_module(ENTRIES[self.role])
        self.shell = shell.build_shell(self.figures)
        warmup.run_sample_exam(self.role, self.shell)
        self._share()

    def _show_figures(self) -> None:
        """What cells draw after all, they draw inline, as in a notebook."""
        self.shell.ipython.enable_matplotlib()

    def _share(self) -> None:
        """Let the collector of a child leave what is here alone, so that its pages stay shared."""
        self.modules = lazy_import.loaded()
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Answer requests until the seat goes."""
        while True:
            message, descriptors, _, _ = socket.recv_fds(self.control, REQUEST_BYTES, 4)
            if not message:
                break
            request = json.loads(message)
            reply = getattr(self, request.pop("do"))(descriptors=descriptors, **request)
            for descriptor in descriptors:
                os.close(descriptor)
            self.control.send(json.dumps(reply).encode())
        self.kill([])
        if self.role == "student":
            inside.reap_strays()

    def prepare(self, descriptors: list[int]) -> dict[str, Any]:
        """Read and compile what all the exams to come will run."""
        from autograder.exam import compiled

        prepare = (
            partial(compiled.given, self.shell) if self.role == "student" else compiled.prepare
        )
        try:
            self.prepared = prepare(*_received(descriptors))
        except Exception as error:
            return {"fault": f"The source cannot be read: {type(error).__name__}: {error}"[:1_000]}
        self._share()
        return {}

    def learn(self, descriptors: list[int]) -> dict[str, Any]:
        """Import modules once for all children; not if that leaves a thread running."""
        names = _received(descriptors)
        self.kill([])
        trial = os.fork()
        if trial == 0:
            self._import(names)
            os._exit(_threads() > 1)
        if os.waitpid(trial, 0)[1] == 0:
            self._import(names)
            self._share()
        return {}

    def _import(self, names: list[str]) -> None:
        from autograder.exam.shell import shell

        for name in names:
            with contextlib.suppress(Exception):  # what fails here, a child tries again
                lazy_import.load(name)
        if "matplotlib.pyplot" in names:
            shell.warm_up(self.shell, shell.FIGURES)

    def fork(self, descriptors: list[int], **request: Any) -> dict[str, Any]:
        self.kill([])
        self.child = os.fork()
        if self.child == 0:
            self.sit_down(descriptors, request)
        return {"pid": self.child}

    def sit_down(self, descriptors: list[int], request: dict[str, Any]) -> None:
        """The child's whole life."""
        status = 1
        try:
            self.control.close()
            if self.role == "student":
                from autograder.exam.protocol.channel import Channel
                from autograder.exam.student import executor
                from autograder.sandbox.limits import Limits

                limits = Limits(**request["limits"])
                inside.lock_down_child(limits)
                _silence()
                channel = Channel(socket.socket(fileno=descriptors[0]))
                executor.sit(channel, self.shell, limits, self.prepared or {}, self.modules)
            else:
                from autograder.exam.entry import sit

                inside.die_with_parent()
                data, control = (socket.socket(fileno=number) for number in descriptors)
                sit(data, control, self.shell, self.prepared, self.modules)
            status = 0
        except BaseException as error:  # the other side reads of it; the nursery goes on
            with contextlib.suppress(Exception):
                print(f"{self.role}: {type(error).__name__}: {error}", file=sys.__stderr__)
        finally:
            os._exit(status)

    def interrupt(self, descriptors: list[int]) -> dict[str, Any]:
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGINT)
        return {}

    def kill(self, descriptors: list[int]) -> dict[str, Any]:
        status = None
        if self.child is not None:
            # One that ended by itself is a zombie still, and keeps its own status.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGKILL)
            _, status = os.waitpid(self.child, 0)
            self.child = None
        return {"status": status}

    def clean(self, descriptors: list[int]) -> dict[str, Any]:
        self.kill([])
        if self.role != "student":
            scratch.empty(os.getcwd())  # the course's files, and what a check wrote
            return {"odd": []}
        left_over = [inside.reap_strays(), inside.empty_scratch()]
        return {"odd": [sentence for sentence in left_over if sentence]}


def _received(descriptors: list[int]) -> Any:
    """The value that comes over the first of the descriptors."""
    from autograder.exam.protocol import channel, codec

    with socket.socket(fileno=os.dup(descriptors[0])) as data:
        return codec.decode(channel.Channel(data).receive())


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # Landlock hides /proc
        return threading.active_count()


def _silence() -> None:
    """Let go of the nursery's own pipe: a student's code could fill it, and block the next's."""
    with open(os.devnull, "r+b") as null:
        for descriptor in (0, 1, 2):
            os.dup2(null.fileno(), descriptor)


def main() -> None:
    """Warm up, confine oneself, say so, serve."""
    role, descriptor, figures = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which tells us
    control = socket.socket(fileno=int(descriptor))
    nursery = ForkServer(role, control, figures == "1")
    nursery.warm_up()
    if role == "student":
        inside.lock_down_server()
    control.send(b'{"ready": true}')
    nursery.serve()


if __name__ == "__main__":
    main()
