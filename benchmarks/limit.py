"""The limit: the same cells by exec in a fork of a warm process, and nothing else.

No sandbox, no split, no captured output, no notebook written, no gradebook: what grading a class
cannot cost less than. ``python -m benchmarks.limit ASSIGNMENT COUNT`` prints wall and CPU seconds
per submission.
"""

import contextlib
import gc
import importlib
import io
import itertools
import json
import os
import resource
import sys
import time

import mlpkit
from autograder.exam.shell import shell
from benchmarks.classes import notebooks


def main(assignment: str, count: int) -> None:
    for name in mlpkit.SUBMODULES:
        importlib.import_module(f"mlpkit.{name}")
    space = shell.build_shell().space
    texts = [_texts(notebook) for notebook in itertools.islice(notebooks(assignment), count)]
    gc.collect()
    gc.freeze()
    wall, cpu = time.monotonic(), _cpu()
    for one in texts:
        child = os.fork()
        if not child:
            _run(one, space)
            os._exit(0)
        os.waitpid(child, 0)
    wall, cpu = time.monotonic() - wall, _cpu() - cpu
    print(json.dumps({"wall": wall / count, "cpu": cpu / count}))


def _texts(notebook) -> list[tuple[str, str]]:
    return [
        (cell.id, cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and "experiment" not in cell.metadata.get("tags", ())
    ]


def _run(texts: list[tuple[str, str]], space: dict) -> None:
    sys.stdout = sys.stderr = io.StringIO()
    for name, text in texts:
        with contextlib.suppress(BaseException):
            exec(compile(text, name, "exec"), space)


def _cpu() -> float:
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(who)[:2]) for who in both)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
