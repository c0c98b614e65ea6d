"""A warm process that forks examiners, or student processes, on request.

Everything slow happens once, here: importing numpy, matplotlib and mlpkit, building the shell,
and importing whatever else the course's own solution did. A fork then costs milliseconds. No
thread may be alive when it forks.

It is started as ``python -m autograder.exam.forkserver ROLE FD [practised]`` and spoken to over the
control socket FD, one JSON request (``messages.Control``) and one reply at a time. What draws is
imported by the first child that draws.

When the control socket closes, the fork server ends, and with it everything it forked.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import math
import mmap
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from typing import Any

from autograder.exam import lazy_import
from autograder.exam.protocol.messages import Control
from autograder.exam.quiet_packages import are_quiet
from autograder.sandbox import inside, scratch

REQUEST_BYTES = 4096
PLACE_BYTES = 4096
EXIT_SECONDS = 0.1  # that a process takes at most from its last word to its end
ENTRIES = {"examiner": "autograder.exam.entry", "student": "autograder.exam.student.executor"}
SOON = "autograder.exam.protocol.stdlib_types", "encodings.utf_8_sig"  # any exam imports these


class ForkServer:
    """The loop around one warm shell; at most one child at a time."""

    def __init__(self, role: str, control: socket.socket, practised: bool = True):
        self.role, self.control = role, control
        self.shell: Any = None
        self.child: int | None = None
        self.place = mmap.mmap(-1, PLACE_BYTES)  # where the child is, shared with it
        self.cpu_seconds = math.inf  # that it may use
        self.has_ended = False  # whether a child has, in this exam
        self.source: Any = None  # what its next children need of it, compiled
        self.modules: set[str] = set()  # imported here, so in every child
        self.practised = practised

    def warm_up(self) -> None:
        """Import what notebooks use, build the shell; ``practised``, hold a small exam."""
        import mlpkit
        from autograder.exam import warmup
        from autograder.exam.shell import shell

        os.environ["NBGRADER_EXECUTION"] = "autograde"  # as nbgrader says it to a course's cells
        lazy_import.defer("matplotlib")
        lazy_import.defer("matplotlib.pyplot", self._show_figures)
        lazy_import.defer("mlpkit.plotting")
        for name in mlpkit.SUBMODULES:
            importlib.import_module(f"mlpkit.{name}")
        for name in (ENTRIES[self.role], *SOON):
            importlib.import_module(name)
        self.shell = shell.build_shell(figures=False)
        if self.practised:
            warmup.run_sample_exam(self.role, self.shell)
        self._share()

    def know_what_is_not_here(self) -> None:
        """Let libraries know what they cannot have in the sandbox."""
        if inside.is_confined():
            from autograder.exam.student import not_here

            not_here.prepare()
            self.modules = lazy_import.loaded()

    def _show_figures(self) -> None:
        """What cells draw after all, they draw inline, as in a notebook."""
        self.shell.ipython.enable_matplotlib()

    def _share(self) -> None:
        """Freeze the heap, so that children keep sharing these pages."""
        self.modules = lazy_import.loaded()
        if self.practised:  # else few children come, and looking for garbage is not worth it
            gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Answer requests until the worker goes."""
        while True:
            message, descriptors, _, _ = socket.recv_fds(self.control, REQUEST_BYTES, 4)
            if not message:
                break
            request = json.loads(message)
            reply = self.answer(request, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            self.control.send(json.dumps(reply).encode())
        self.kill()
        if self.role == "student":
            inside.reap_strays()

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Do what one request asks; the reply."""
        match request["do"]:
            case Control.LOAD_SOURCE:
                return self.load_source(_received(descriptors))
            case Control.PRELOAD:
                return self.preload(_received(descriptors))
            case Control.DERIVE:
                return self.derive(_received(descriptors))
            case Control.FORK:
                return self.fork(request, descriptors)
            case Control.CPU_TIME:
                return self.cpu_time()
            case Control.INTERRUPT:
                return self.interrupt()
            case Control.KILL:
                return self.kill(EXIT_SECONDS)
            case Control.RESET:
                return self.reset()
        raise ValueError(f"a fork server cannot {request['do']}")

    def load_source(self, parts: list[Any]) -> dict[str, Any]:
        """Read and compile what all the exams to come will run."""
        from autograder.exam import compiled

        compile_parts: Any = (
            partial(compiled.compile_given_cells, self.shell)
            if self.role == "student"
            else compiled.compile_source
        )
        try:
            self.source = compile_parts(*parts)
        except Exception as error:
            return {"fault": f"The source cannot be read: {type(error).__name__}: {error}"[:1_000]}
        self._share()
        return {}

    def preload(self, names: list[str]) -> dict[str, Any]:
        """Import modules once for all children; not if that leaves a thread running."""
        self.kill()
        if are_quiet(names) or self._try(names):
            self._import(names)
            self._share()
        return {}

    def _try(self, names: list[str]) -> bool:
        """Import them in a process of their own; whether that went well."""
        trial = os.fork()
        if trial == 0:
            try:
                self._import(names)
            finally:  # a module may end its process, by SystemExit too
                os._exit(sys.exc_info()[0] is not None or _threads() > 1)
        return os.waitpid(trial, 0)[1] == 0

    def derive(self, cells: list[str]) -> dict[str, Any]:
        """Make the mutants of solution cells once for all examiners to come."""
        from autograder.mutants.prove import graded_mutants

        self.kill()
        for step in self.source.steps:
            if step.id in cells:
                for mutant in graded_mutants(step):
                    _ = mutant.code  # which keeps itself
        gc.freeze()
        return {}

    def _import(self, names: list[str]) -> None:
        from autograder.exam.shell import shell

        for name in names:
            with contextlib.suppress(Exception):  # what fails here, a child tries again
                lazy_import.load(name)
        if "matplotlib.pyplot" in names:
            shell.warm_up_figures(self.shell)

    def fork(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        self.kill()
        if self.has_ended and self.role == "student":  # nothing of an earlier process lives on
            inside.reap_strays()
        self.cpu_seconds = request.get("limits", {}).get("cpu_seconds", math.inf)
        self.note("")
        self.child = os.fork()
        if self.child == 0:
            self.run_child(request, descriptors)
        return {"pid": self.child}

    def run_child(self, request: dict[str, Any], descriptors: list[int]) -> None:
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
                executor.serve(channel, self.shell, limits, self.source or {}, self.modules)
            else:
                from autograder.exam.entry import hold_exam

                inside.die_with_parent()
                data, control = (socket.socket(fileno=number) for number in descriptors)
                hold_exam(data, control, self.shell, self.source, self.modules, self.note)
            status = 0
        except BaseException as error:  # the worker reads of it; the fork server goes on
            with contextlib.suppress(Exception):
                print(f"{self.role}: {type(error).__name__}: {error}", file=sys.__stderr__)
        finally:
            os._exit(status)

    def note(self, place: str) -> None:
        """In the child: remember where it is, for whoever asks how it ended."""
        text = place.encode()[: PLACE_BYTES - 1]
        self.place[: len(text) + 1] = text + b"\0"

    def interrupt(self) -> dict[str, Any]:
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGINT)
        return {}

    def cpu_time(self) -> dict[str, Any]:
        """CPU time of the child, all its threads together."""
        if self.child is None:
            return {"seconds": None}
        clock = (~self.child << 3) | 2  # what clock_getcpuclockid(3) makes of a process id
        try:
            return {"seconds": time.clock_gettime(clock)}
        except OSError:
            return {"seconds": None}

    def kill(self, patience: float = 0.0) -> dict[str, Any]:
        """End the child; its status, None where it had not ended by itself within ``patience``."""
        status = None
        if self.child is not None:
            pid, status, used = os.wait4(self.child, os.WNOHANG)
            deadline = time.monotonic() + patience
            while pid == 0 and time.monotonic() < deadline:  # it may be about to end
                time.sleep(0.001)
                pid, status, used = os.wait4(self.child, os.WNOHANG)
            if pid == 0:
                os.kill(self.child, signal.SIGKILL)
                os.waitpid(self.child, 0)
                status = None
            if status == signal.SIGKILL and used.ru_utime + used.ru_stime >= self.cpu_seconds:
                status = int(signal.SIGXCPU)  # which the student's code ignored
            self.child = None
            self.has_ended = True
        place = bytes(self.place).partition(b"\0")[0].decode(errors="ignore")
        return {"status": status, "place": place}

    def reset(self) -> dict[str, Any]:
        """Leave nothing of the last exam."""
        self.kill()
        self.has_ended = False
        if self.role != "student":
            scratch.empty(os.getcwd())  # the course's files, and what a check wrote
            return {"anomalies": []}
        left_over = [inside.reap_strays(), inside.empty_scratch()]
        return {"anomalies": [message for message in left_over if message]}


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
    """Let go of the fork server's own pipe: it is for the grader's messages alone."""
    with open(os.devnull, "r+b") as null:
        for descriptor in (0, 1, 2):
            os.dup2(null.fileno(), descriptor)


def main() -> None:
    """Warm up, confine oneself, say so, serve."""
    role, descriptor, *practised = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which tells us
    control = socket.socket(fileno=int(descriptor))
    server = ForkServer(role, control, bool(practised))
    server.warm_up()
    if role == "student":
        inside.lock_down_server()
        server.know_what_is_not_here()
    control.send(b'{"ready": true}')
    server.serve()


if __name__ == "__main__":
    main()
