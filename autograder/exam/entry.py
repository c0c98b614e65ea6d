"""What a child of a fork server does with its life: hold one exam as its examiner."""

from __future__ import annotations

import json
import os
import socket
import traceback
from collections.abc import Callable, Set
from dataclasses import replace
from typing import Any

from autograder.exam import lazy_import
from autograder.exam.compiled import CompiledSource
from autograder.exam.costly import CostlySteps
from autograder.exam.examiner.examiner import Examiner
from autograder.exam.examiner.launcher import ForkedLauncher
from autograder.exam.examiner.watchdog import Watchdog
from autograder.exam.protocol import codec
from autograder.exam.protocol.channel import Channel
from autograder.notebook.output_cells import brief
from autograder.notebook.side_files import Files, ModulesFirst, modules, place
from autograder.sandbox.limits import Limits

try:
    import resource
except ImportError:  # on Windows
    resource = None  # type: ignore[assignment]

MEMORY = 4 << 30  # of an examiner: a test may build on the numbers it gets


def hold_exam(
    data: socket.socket,
    control: socket.socket,
    shell: Any,
    source: CompiledSource,
    imported: Set[str],
    note: Callable[[str], None],
) -> None:
    """Hold one exam: the request comes over ``data``, and the result goes back over it.

    ``imported`` are the modules that every examiner has from the start; ``note`` keeps where it
    is, should its watchdog end it.
    """
    channel = Channel(data)
    submission, limits, seed, beside, allowed, in_order, degraded = codec.decode(channel.receive())
    seconds, spared, last = codec.decode(channel.receive())
    os.environ["MLPKIT_SEED"] = seed
    files = replace(source.files, student=beside)
    _lay_out(files)
    _bound_memory()
    control.setblocking(True)
    launcher = ForkedLauncher(control)
    try:
        examiner = Examiner(source, submission, Limits(**limits), launcher, shell, files, in_order)
        examiner.costly = examiner.checks.costly = CostlySteps(spared, last)
        session = examiner.session
        if allowed is not None:  # the course's own solution may compute as long as it likes
            session.watchdog = Watchdog(note, seconds)
            session.allowances.grant_only(allowed)
        held = examiner.hold()
        own = session.imports() if allowed is None else []
        result = held.to_dict()
        drew = False
        if notebook := result["notebook"]:
            drew = any(map(_has_picture, notebook["cells"]))
            notebook["cells"] = brief(notebook["cells"], source.plain)
        answer = {
            "result": result,
            "drew": drew,
            "anomalies": bool(session.anomalies),
            "doubts": session.doubts,
            "unsure": examiner.checks.unsure,
            "derived": sorted(causes.derived) if (causes := examiner.checks.causes) else [],
            "beside": [dict(vars(check)) for check in examiner.hold_beside(held, degraded)],
        }
        if allowed is None:  # the course's own solution: learn from it
            loaded = sorted(lazy_import.loaded() - imported)
            answer["seconds"] = session.watchdog.seconds
            answer["operators"] = sorted(session.allowances.asked)
            answer["modules"] = {"examiner": loaded, "student": own}
        if launcher.is_gone:
            answer = {"fault": launcher.GONE, "gone": True}
    except Exception:
        answer = {"fault": traceback.format_exc(), "gone": launcher.is_gone}
    channel.send(codec.encode(codec.Blob(json.dumps(answer).encode())))


def _has_picture(cell: dict[str, Any]) -> bool:
    return any("image/png" in output.get("data", ()) for output in cell.get("outputs", ()))


def _lay_out(files: Files) -> None:
    """Put the course's files where its cells look for them: in the folder of this exam."""
    if mine := files.for_examiner():
        place(mine, os.getcwd())
        ModulesFirst(modules(mine), os.getcwd()).install()


def _bound_memory() -> None:
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
