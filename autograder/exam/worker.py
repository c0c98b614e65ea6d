"""A worker: a pair of warm processes in which one exam at a time is held."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from typing import Any

from autograder.exam.protocol import codec
from autograder.exam.protocol.channel import Channel, within
from autograder.exam.protocol.codec import packed
from autograder.notebook.output_cells import plain_cells, whole
from autograder.notebook.side_files import Files, modules
from autograder.notebook.source_cells import SourceCell, given_cells, read_source_cells
from autograder.result import Result
from autograder.sandbox import launch, monitor, scratch
from autograder.sandbox.limits import Limits

MARGIN = 30.0  # seconds that an examiner may take beyond the notebook's own


START_SECONDS = 120.0


WATCH_SECONDS = 0.25  # between two looks at a candidate's memory


Asked = list[list[str]]  # check and operator, by name


class ExamError(RuntimeError):
    """The grader's own fault; the text says what happened. Never the student's zero."""


class ExamWorker:
    """Two warm processes for one exam at a time; with ``figures``, for notebooks that draw."""

    def __init__(self, tier: str, number: int, figures: bool):
        self.tier, self.number, self.figures = tier, number, figures
        self.source: tuple[Any, ...] = ()  # of the last exam, with the files beside it
        self.imports: dict[str, list[str]] = {}  # modules imported for the source, by role
        self.odd = False  # whether anything was seen here that should not be
        self.folder = tempfile.mkdtemp(prefix="mlpkit-examiner-")
        self.scratch = tempfile.mkdtemp(prefix="mlpkit-student-")  # unused inside bubblewrap
        self.examiner, self.examiner_control = self._start("examiner", number)
        self.candidate, self.candidate_control = self._start("student", number)
        for process, control in (
            (self.examiner, self.examiner_control),
            (self.candidate, self.candidate_control),
        ):
            _await_ready(process, control)

    def _start(self, role: str, number: int) -> tuple[subprocess.Popen, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        figures = self.figures and role == "student"  # checks draw seldom
        command = [
            sys.executable,
            "-m",
            "autograder.exam.forkserver",
            role,
            str(theirs.fileno()),
            str(int(figures)),
        ]
        environment = {**os.environ, **ONE_THREAD}
        if role == "student":
            command = launch.command(self.tier, command, slot=number, scratch=self.scratch)
        with theirs:
            process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )  # Ctrl-C is the command's to handle
        return process, ours

    def examine(
        self,
        source: str,
        submission: bytes,
        limits: Limits,
        seed: str,
        files: Files,
        offered: Asked | None,
    ) -> tuple[Result, Asked]:
        """Hold one exam here; its result, and which operators of the student's were asked.

        Only those ``offered`` may be. None: this is the course's own solution, which may be asked
        all, and what it imports is learned, so that the next exams need not.
        """
        self._prepare(source, files)
        ours, theirs = socket.socketpair()
        with theirs:
            descriptors = [theirs.fileno(), self.candidate_control.fileno()]
            socket.send_fds(self.examiner_control, [b'{"do": "fork"}'], descriptors)
            self.examiner_control.recv(4096)
        channel = Channel(ours)
        request = [
            codec.Frame(submission),
            dataclasses.asdict(limits),
            seed,
            packed(files.student),
            offered,
        ]
        try:
            channel.send(codec.encode(request), within(MARGIN))
            frame, flags = self._watch(channel, limits)
        except TimeoutError:
            raise ExamError("The examiner did not finish in time.") from None
        except codec.WireClosed:
            raise ExamError("The examiner ended without a result.") from None
        finally:
            channel.close()
        answer = json.loads(codec.decode(frame))
        if "fault" in answer:
            raise ExamError(answer["fault"])
        if offered is None:
            own = modules(files.course)  # these are other modules than a warm process would find
            before = _learned.get(source, {})  # from other hidden inputs; no longer new here
            _learned[source] = {
                role: [
                    *before.get(role, []),
                    *(name for name in names if name.partition(".")[0] not in own),
                ]
                for role, names in answer["modules"].items()
            }
        self.odd |= answer["odd"] or bool(flags)
        if notebook := answer["result"]["notebook"]:
            notebook["cells"] = whole(notebook["cells"], _plain(source))
        result = Result.from_dict(answer["result"])
        return dataclasses.replace(result, flags=(*result.flags, *flags)), answer.get("asked", [])

    def _prepare(self, text: str, files: Files) -> None:
        """Hand the source and its files over, unless they are those of the exam before."""
        source = text, dict(files.course), sorted(files.replaceable)
        if source != self.source:
            parts = [codec.Frame(text.encode()), packed(files.course), sorted(files.replaceable)]
            _prepare(self.examiner_control, parts)
            _prepare(self.candidate_control, [given_cells(_steps(text))])
            self.source = source
        imports = _learned.get(text, {})
        if imports != self.imports:
            for role, control in (
                ("examiner", self.examiner_control),
                ("student", self.candidate_control),
            ):
                if imports.get(role):
                    _hand_over(control, "learn", imports[role])
            self.imports = imports

    def _watch(self, channel: Channel, limits: Limits) -> tuple[bytes, list[str]]:
        """The examiner's answer; meanwhile, look at what the candidate uses as a whole.

        Raises TimeoutError when the answer does not come.
        """
        flags: list[str] = []
        deadline = time.monotonic() + limits.notebook_seconds + MARGIN
        while time.monotonic() < deadline:
            try:
                return channel.receive(within(WATCH_SECONDS)), flags
            except TimeoutError:
                pass
            nursery = self._server_pid()
            on_disk = self.scratch if self.tier == "landlock" else None
            if sentence := monitor.excess(nursery, limits, on_disk):
                flags.append(f"The notebook was stopped: {sentence}.")
                for member in monitor.descendants(nursery)[1:]:
                    with contextlib.suppress(OSError):
                        os.kill(member, signal.SIGKILL)
        raise TimeoutError

    def _server_pid(self) -> int:
        """The process id of what forks candidates: bubblewrap's child, if there is one."""
        if self.tier == "bwrap":
            return next(iter(monitor.children(self.candidate.pid)), self.candidate.pid)
        return self.candidate.pid

    def clean(self) -> bool:
        """Make ready for the next; False when something odd was left and the seat must go."""
        for control in (self.examiner_control, self.candidate_control):
            control.settimeout(START_SECONDS)
            control.send(b'{"do": "clean"}')
            reply = json.loads(control.recv(65_536) or b'{"odd": ["gone"]}')
            self.odd |= bool(reply["odd"])
        return not self.odd

    def close(self) -> None:
        """End both nurseries, and with them everything they forked."""
        for process, control in (
            (self.examiner, self.examiner_control),
            (self.candidate, self.candidate_control),
        ):
            control.close()
            launch.end(process)
            process.stderr.close()
        for folder in (self.folder, self.scratch):
            with contextlib.suppress(OSError):
                scratch.remove(folder)


# One thread each for the BLAS and OpenMP pools: they would not survive a fork.
ONE_THREAD = {
    name: "1"
    for name in (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    )
}


@lru_cache(8)
def _steps(source: str) -> list[SourceCell]:
    return read_source_cells(json.loads(source))


@lru_cache(8)
def _plain(source: str) -> list[dict[str, Any]]:
    return plain_cells(json.loads(source), _steps(source))


def _hand_over(control: socket.socket, do: str, value: Any) -> dict[str, Any]:
    """Send a nursery a value of any size; what it replies."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        socket.send_fds(control, [json.dumps({"do": do}).encode()], [theirs.fileno()])
        Channel(ours).send(codec.encode(value), within(MARGIN))
        control.settimeout(START_SECONDS)
        reply = control.recv(4096)
    if not reply:
        raise ExamError("A process of the exam ended while it got ready.")
    return json.loads(reply)


def _prepare(control: socket.socket, parts: list[Any]) -> None:
    reply = _hand_over(control, "prepare", parts)
    if "fault" in reply:
        raise ExamError(reply["fault"])


def _await_ready(process: subprocess.Popen, control: socket.socket) -> None:
    control.settimeout(START_SECONDS)
    try:
        ready = control.recv(4096)
    except TimeoutError:
        ready = b""
    if not ready:
        process.kill()
        _, errors = process.communicate()
        raise ExamError("A process of the exam did not start:\n" + errors.decode(errors="replace"))


_learned: dict[str, dict[str, list[str]]] = {}  # source -> what its solution imports, by role
