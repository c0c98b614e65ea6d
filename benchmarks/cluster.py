"""A Dask cluster on loopback whose workers come and go."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

START_SECONDS = 60


class Cluster:
    """A scheduler and workers, each a process of its own; use as a context manager."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder, self.wanted = folder, workers
        self.workers: list[subprocess.Popen] = []
        self.killed = 0
        self._calm = threading.Event()
        self._trouble: threading.Thread | None = None

    def __enter__(self) -> "Cluster":
        file = self.folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        self.scheduler = self._start("scheduler", *options, "--scheduler-file", file)
        deadline = time.monotonic() + START_SECONDS
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"]
        for _ in range(self.wanted):
            self.add()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._calm.set()
        if self._trouble:
            self._trouble.join()
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def add(self) -> None:
        """One more worker of one thread."""
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
        options += ["--local-directory", self.folder]
        self.workers.append(self._start("worker", self.address, *options))

    def wait(self, count: int) -> None:
        """Until that many workers have told the scheduler that they are there."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=START_SECONDS)

    def kill_one(self) -> int:
        """Kill the oldest worker as a power cut would; its process id."""
        worker = self.workers.pop(0)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        self.killed += 1
        return worker.pid

    def disturb(self, seconds: float) -> None:
        """From now on start another worker every so often, and kill the oldest in its place."""

        def trouble() -> None:
            while not self._calm.wait(seconds):
                self.add()
                self.wait(len(self.workers))
                self.kill_one()

        self._trouble = threading.Thread(target=trouble)
        self._trouble.start()

    def _start(self, what: str, *options: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", what, *map(str, options)]
        with open(self.folder / "dask.log", "ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
