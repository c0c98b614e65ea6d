"""What a command costs: wall time, CPU of everything it started, memory."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.monitor import descendants

TICK = os.sysconf("SC_CLK_TCK")
LOOK = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True)
class Cost:
    """Seconds of wall clock; of CPU, of the whole tree of processes and of the command's own
    process; and peak resident memory in bytes of that process and of the largest it started."""

    wall: float
    cpu: float
    own_cpu: float
    memory: int
    largest: int
    output: str


def cost_of(
    command: Sequence[str | Path],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0, 1),
) -> Cost:
    """Run a command to its end; RuntimeError, with what it said, when it fails."""
    start = time.monotonic()
    process = subprocess.Popen(
        list(map(str, command)), cwd=cwd, env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    seen = {"own_cpu": 0.0, "memory": 0, "largest": 0}
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, seen, ended))
    watcher.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    watcher.join()
    process.stdout.close()
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {code}:\n{output[-2_000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(time.monotonic() - start, cpu, output=output, **seen)


def _watch(pid: int, seen: dict, ended: threading.Event) -> None:
    while not ended.wait(LOOK):
        with contextlib.suppress(OSError, IndexError, StopIteration):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seen["own_cpu"] = (int(fields[11]) + int(fields[12])) / TICK
            seen["memory"] = max(seen["memory"], _peak(pid))
        for member in descendants(pid)[1:]:
            with contextlib.suppress(OSError, StopIteration):
                seen["largest"] = max(seen["largest"], _peak(member))


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
