"""Watching sources: the student notebook is written again whenever its source is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from autograder.authoring.release import make_release, to_bytes
from autograder.authoring.source import read_source
from autograder.errors import AutograderError
from autograder.files import write_atomically

PAUSE = 0.25  # seconds between two looks


def watch(
    sources: Iterable[Path], root: Path, pause: Callable[[float], object] = time.sleep
) -> Iterator[str]:
    """A line for each source that was saved: that its notebook is ready, or what is wrong with it.

    Without end. All that makes nothing run: the reading copy and the proof are for ``build``.
    """
    seen: dict[Path, tuple[int, int]] = {}
    sources = list(sources)
    while True:
        for path in sources:
            try:
                status = path.stat()
            except OSError:
                continue  # an editor puts a new file in the place of the old
            state = status.st_mtime_ns, status.st_size
            if seen.get(path) != state:
                seen[path] = state
                yield _rebuilt(path, root)
        pause(PAUSE)


def _rebuilt(path: Path, root: Path) -> str:
    started = time.monotonic()
    try:
        data = to_bytes(make_release(read_source(path)))
    except (AutograderError, OSError, UnicodeDecodeError) as error:
        return str(error)
    target = root / "assignments" / path.stem / f"{path.stem}.ipynb"
    if not target.is_file() or target.read_bytes() != data:
        write_atomically(target, data)
    return f"{target}: ready after {time.monotonic() - started:.1f} s"
