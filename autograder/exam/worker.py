"""A worker: two fork servers, an examiner's and a sandboxed student's, for one exam at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import math
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from autograder.errors import ExamError, ProcessGone
from autograder.exam import lazy_import
from autograder.exam.costly import CostlySteps
from autograder.exam.protocol.channel import Channel, within
from autograder.exam.protocol.messages import Control
from autograder.exam.protocol.plain import as_blobs, encode_plain, read_blob
from autograder.exam.protocol.wire_types import Blob, ConnectionClosed
from autograder.exam.server_process import ServerProcess
from autograder.notebook.defined_names import imported_modules
from autograder.notebook.output_cells import plain_cells, whole
from autograder.notebook.side_files import Files, modules
from autograder.notebook.source_cells import TEST, SourceCell, given_cells, read_source_cells
from autograder.result import Check, Result
from autograder.sandbox import cgroup, monitor, scratch
from autograder.sandbox.limits import Limits

MARGIN = 30.0  # seconds that an examiner may take beyond the notebook's own
DRAWING_EXAMS = 2  # then what draws is preloaded; it makes each fork dearer
ASLEEP = 0.2  # of a core: what uses less sleeps
WATCH_SECONDS = 0.25  # between two looks at what the student's processes use

STOPPED = "The notebook was stopped: "  # begins a flag

log = logging.getLogger(__name__)

OperatorPairs = list[list[str]]  # check and operator, by name


@dataclass(frozen=True)
class ExamOutcome:
    """What came of one exam.

    ``operators`` are those of the student's that were asked; ``doubts`` say why points may have
    been lost to the machine, check by check ("" for the whole notebook); ``unsure`` are checks that
    were lost at the end, and might pass in their place; ``beside`` are the checks that ran beside
    the student's code; ``seconds`` of CPU time, step by step, that the examiner took for the
    course's own solution.
    """

    result: Result
    operators: OperatorPairs
    doubts: dict[str, str]
    unsure: frozenset[str] = frozenset()
    beside: tuple[Check, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


class ExamWorker:
    """Two warm processes for one exam at a time; ``practised``, they have held a small one."""

    def __init__(self, tier: str, number: int, practised: bool = True):
        self.tier, self.number, self.practised = tier, number, practised
        self.drew = 0  # exams in which the student's code drew a figure
        self.source: tuple[Any, ...] = ()  # of the last exam, with the files next to it
        # modules imported for all exams to come, by role
        self.preloaded: dict[str, set[str]] = {"examiner": set(), "student": set()}
        self.derived: dict[str, bool] = {}  # cells whose mutants an exam needed -> made for all
        self.patience = math.inf  # seconds until the exam under way makes room for others
        self.set_aside: Callable[[bool], bool] = bool
        self.anomalies = False  # whether anything was seen here that should not be
        self.found: list[str] = []  # of these, after the last exam
        self.folder = tempfile.mkdtemp(prefix="mlpkit-examiner-")
        for name in ("home", "work"):
            os.mkdir(os.path.join(self.folder, name))
        self.scratch = tempfile.mkdtemp(prefix="mlpkit-student-")  # unused inside bubblewrap
        self.servers: list[ServerProcess] = []
        self.group: cgroup.Group | None = None  # which counts all memory of the student's
        try:
            self.examiner, self.student = self._start("examiner"), self._start("student")
            for server in self.servers:
                server.await_ready()
            self.group = cgroup.group_for(number, Limits().tree_memory)
            if self.group:
                self.group.add(monitor.descendants(self.student.process.pid))
        except BaseException:
            self.close()
            raise
        log.info("worker %d started (%s)", number, tier)

    def _start(self, role: str) -> ServerProcess:
        server = ServerProcess(
            role,
            self.tier,
            self.number,
            folder=self.folder,
            scratch=self.scratch,
            practised=self.practised,
        )
        self.servers.append(server)
        return server

    def examine(
        self,
        source: str,
        submission: bytes,
        limits: Limits,
        seed: str,
        files: Files,
        allowed: OperatorPairs | None,
        in_order: bool = False,
        beside: Sequence[str] | None = (),
        seconds: Mapping[str, float] = MappingProxyType({}),
        patience: float = math.inf,
        set_aside: Callable[[bool], bool] = bool,
    ) -> ExamOutcome:
        """Hold one exam here, hidden tests at the end or ``in_order``.

        Only the ``allowed`` operators of the student's may be asked. None: this is the course's
        own solution, which may be asked all, and what it imports is preloaded from then on.
        The checks ``beside`` (None: all) run beside the student's code where they fall short.
        ``seconds`` are of CPU time, step by step, that an examiner took for the own solution.
        After so many seconds of ``patience`` it asks to be ``set_aside``, asleep or not.

        Raises ProcessGone where a process of the exam died of something else than the student's
        code, ExamError for another fault of the grader.
        """
        self._load(source, files, foresee=allowed is None and self.practised)
        self.patience, self.set_aside = patience, set_aside
        costly = CostlySteps()
        bounds = dataclasses.asdict(limits)
        next_to_it = as_blobs(files.student)
        request: list[Any] = [
            Blob(submission),
            bounds,
            seed,
            next_to_it,
            allowed,
            in_order,
        ]
        request.append(None if beside is None else list(beside))
        runs = 1 if beside == () else 2
        longest = runs * limits.notebook_seconds + limits.hidden_seconds + MARGIN
        while True:
            frames = [request, [dict(seconds), costly.spared, costly.last]]
            held = self._hold(frames, limits, longest)
            if not isinstance(held, str):
                break
            if costly.last:
                raise ExamError(f"The examiner was ended again and again, at last in {held}.")
            log.warning("worker %d: in %s the examiner was ended", self.number, held)
            costly.add(held)
        answer, flags = held
        if allowed is None:
            _remember_imports(source, answer["modules"], modules(files.course))
        self.anomalies |= answer["anomalies"] or bool(flags)
        self.drew += answer["drew"]
        self.derived = dict.fromkeys(answer["derived"], False) | self.derived
        if notebook := answer["result"]["notebook"]:
            notebook["cells"] = whole(notebook["cells"], _plain(source))
        result = Result.from_dict(answer["result"])
        result = dataclasses.replace(result, flags=(*result.flags, *flags, *costly.flags()))
        doubts = {} if flags else answer["doubts"]  # else the monitor explains it
        unsure = frozenset(answer["unsure"])
        found = tuple(Check(**check) for check in answer["beside"])
        operators, took = answer.get("operators", []), answer.get("seconds", {})
        return ExamOutcome(result, operators, doubts, unsure, found, took)

    def _hold(
        self, frames: Sequence[Any], limits: Limits, patience: float
    ) -> tuple[dict[str, Any], list[str]] | str:
        """An examiner's answer, and flags; or the step in which its watchdog ended it."""
        ours, theirs = socket.socketpair()
        with theirs:
            control = self.student.control.fileno()
            self.examiner.ask(Control.FORK, theirs.fileno(), control)
        channel = Channel(ours)
        try:
            for frame in frames:
                channel.send(encode_plain(frame), within(MARGIN))
            frame, flags = self._watch(channel, limits, patience)
        except TimeoutError:
            raise ProcessGone(self.examiner.said("The examiner did not finish in time.")) from None
        except ConnectionClosed:
            ended = self.examiner.ask(Control.KILL)
            if ended["status"] == signal.SIGPROF:
                return str(ended["place"])
            raise ProcessGone(self.examiner.said("The examiner ended without a result.")) from None
        finally:
            channel.close()
        answer: dict[str, Any] = json.loads(read_blob(frame))
        if "fault" in answer:
            raise (ProcessGone if answer.get("gone") else ExamError)(answer["fault"])
        return answer, flags

    def _load(self, text: str, files: Files, *, foresee: bool) -> None:
        """Hand the source and its files over, unless they are those of the exam before.

        ``foresee`` what it imports, as many exams come.
        """
        source = text, dict(files.course), sorted(files.replaceable)
        if source != self.source:
            parts = [Blob(text.encode()), as_blobs(files.course), sorted(files.replaceable)]
            self.examiner.hand_over(Control.LOAD_SOURCE, parts)
            self.student.hand_over(Control.LOAD_SOURCE, [given_cells(_steps(text))])
            self.source = source
            self.derived.clear()
        news = [cell for cell, for_all in self.derived.items() if not for_all]
        if news and self.practised:  # else too few exams come
            self.examiner.hand_over(Control.DERIVE, news)
            self.derived.update(dict.fromkeys(news, True))
        if self.drew == DRAWING_EXAMS:  # else each exam that draws would import it again
            self.student.hand_over(Control.PRELOAD, ["matplotlib.pyplot"])
            self.drew += 1
        if foresee:
            _expect_imports(text, files.course)
        imports = _imports.get(text, {})
        for server in self.servers:
            known = self.preloaded[server.role]
            if names := [name for name in imports.get(server.role, ()) if name not in known]:
                server.hand_over(Control.PRELOAD, names)
                known.update(names)

    def _watch(self, channel: Channel, limits: Limits, seconds: float) -> tuple[bytes, list[str]]:
        """The examiner's answer; meanwhile, look at what the student's processes use together.

        Raises TimeoutError when the answer does not come.
        """
        flags: list[str] = []
        began, is_aside = time.monotonic(), False
        deadline, slow_from = began + seconds, began + self.patience
        before = monitor.cpu_of_tree(self._student_server_pid())
        while time.monotonic() < deadline:
            try:
                frame = channel.receive(within(WATCH_SECONDS))
                return frame, flags + self._out_of_memory()
            except TimeoutError:
                pass
            server = self._student_server_pid()
            if time.monotonic() > slow_from and not is_aside:
                used = monitor.cpu_of_tree(server) - before
                is_aside = self.set_aside(used < ASLEEP * (time.monotonic() - began))
            on_disk = self.scratch if self.tier == "landlock" else None
            monitor.make_helpers_idle(server)
            message = monitor.excess(server, limits, on_disk)
            if message := message or monitor.excess_cpu(server, limits, before):
                flags.append(f"{STOPPED}{message}.")
                for member in monitor.descendants(server)[1:]:
                    with contextlib.suppress(OSError):
                        os.kill(member, signal.SIGKILL)
        raise TimeoutError

    def _out_of_memory(self) -> list[str]:
        """A flag, where the kernel ended a process of the student's for its memory."""
        if self.group is None or not self.group.ran_out():
            return []
        most = Limits().tree_memory >> 20
        return [f"{STOPPED}its processes together held more than {most} MiB of memory."]

    def _student_server_pid(self) -> int:
        """The process that forks student processes: bubblewrap's child, if there is one."""
        pid = self.student.process.pid
        return next(iter(monitor.children(pid)), pid) if self.tier == "bwrap" else pid

    def reset(self) -> bool:
        """Make ready for the next exam; False when the worker must be thrown away."""
        self.found = []
        for server in self.servers:
            try:
                self.found += server.ask(Control.RESET)["anomalies"]
            except ExamError as error:
                self.found.append(str(error))
        if self.found:
            log.warning("worker %d: %s", self.number, "; ".join(self.found))
        self.anomalies |= bool(self.found)
        return not self.anomalies

    def close(self) -> None:
        """End both fork servers, and with them everything they forked."""
        for server in self.servers:
            server.end()
        if self.group:
            self.group.close()
        for folder in (self.folder, self.scratch):
            with contextlib.suppress(OSError):
                scratch.remove(folder)


@lru_cache(8)
def _steps(source: str) -> list[SourceCell]:
    return read_source_cells(json.loads(source))


@lru_cache(8)
def _plain(source: str) -> list[dict[str, Any]]:
    return plain_cells(json.loads(source), _steps(source))


_imports: dict[str, dict[str, list[str]]] = {}  # source -> what its solution imports, by role


def _expect_imports(source: str, files: Mapping[str, bytes]) -> None:
    """Before the first exam: what its cells and the course's ``files`` say they import.

    Else the examiner and each of the exam's student processes would import it for themselves.
    """
    if source in _imports:
        return
    texts = {
        PurePosixPath(path).stem: data.decode(errors="ignore")
        for path, data in files.items()
        if path.endswith(".py")
    }
    left = modules(files) | texts.keys() | lazy_import.DEFERRED  # sys.path may name any folder
    steps = [step for step in _steps(source) if step.code]
    cells = {"examiner": steps, "student": [step for step in steps if step.kind != TEST]}
    _imports[source] = {}
    for role, found in cells.items():
        names = [name for step in found for name in imported_modules(step.source)]
        own = [text for name, text in texts.items() if name in names]
        names += [name for text in own for name in imported_modules(text)]
        _imports[source][role] = [
            name for name in dict.fromkeys(names) if name.partition(".")[0] not in left
        ]


def _remember_imports(source: str, found: dict[str, list[str]], own: frozenset[str]) -> None:
    """``own`` are the course's modules: other ones than a fork server would find."""
    before = _imports.setdefault(source, {})  # from other hidden inputs; no longer new here
    for role, names in found.items():
        news = [name for name in names if name.partition(".")[0] not in own]
        before[role] = list(dict.fromkeys([*before.get(role, []), *news]))
