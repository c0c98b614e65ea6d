"""Runs a notebook in a real Jupyter kernel, the way a reader does."""

from __future__ import annotations

import copy
import os
import tempfile
from typing import TYPE_CHECKING, Any

from autograder.errors import AutograderError

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 900  # long training included
_WIDGET = "application/vnd.jupyter.widget-view+json"
# What two runs must share to agree: the secret of hidden inputs, and the order of sums.
_ENVIRONMENT = {"MLPKIT_SEED": "build", "OPENBLAS_NUM_THREADS": "1"}
# A backend without figures, start-up files and profiles that print, modules in the way.
_NOT_INHERITED = {"MPLBACKEND", "MATPLOTLIBRC", "PYTHONSTARTUP", "PYTHONPATH", "PYTHONINSPECT"}


class ExecutionError(AutograderError):
    """A notebook that does not run from top to bottom; the text names the cell."""


def execute(name: str, notebook: NotebookNode, *, experiments: bool = False) -> NotebookNode:
    """A copy of the notebook with its outputs, run in a fresh kernel and an empty folder.

    Cells tagged ``skip-execution`` are left alone, unless ``experiments`` are to run as well: a
    student, who knows no tags, runs every cell. Nothing of this machine but the outputs
    themselves is kept: no times, no versions.

    Raises ExecutionError when a cell fails, takes too long or kills the kernel.
    """
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from tqdm import tqdm

    executed = copy.deepcopy(notebook)
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=len(executed.cells), desc=name, unit="cell", disable=None) as bar,
    ):
        client = _client(executed, folder, bar)
        if experiments:
            client.skip_cells_with_tag = ""
        try:
            client.execute(env=_environment(folder))
        except CellExecutionError as error:
            what = f"{error.ename}: {error.evalue}"
        except CellTimeoutError:
            what = f"it takes longer than {CELL_SECONDS} s"
        except DeadKernelError:
            what = "the kernel died"
        else:
            bar.update(bar.total - bar.n)
            executed.metadata = copy.deepcopy(notebook.metadata)
            _keep_pictures(executed)
            return executed
        stopped = executed.cells[bar.n].id
    raise ExecutionError(f"{name} stops in cell '{stopped}': {what}")


def _keep_pictures(executed: NotebookNode) -> None:
    """Leave of a widget its picture: without its kernel there would be an error in its place."""
    for cell in executed.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(_WIDGET, None)


def _environment(folder: str) -> dict[str, str]:
    """The caller's environment, but for what would change a notebook's outputs."""
    inherited = {name: v for name, v in os.environ.items() if name not in _NOT_INHERITED}
    return {**inherited, **_ENVIRONMENT, "IPYTHONDIR": os.path.join(folder, ".ipython")}


def _client(notebook: NotebookNode, folder: str, bar: Any) -> Any:
    from nbclient import NotebookClient

    def started(cell: NotebookNode, cell_index: int) -> None:
        bar.n = cell_index
        bar.set_postfix_str(cell.id)

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,  # a cell that prints twice has one output, however slow the machine
        on_cell_start=started,
        resources={"metadata": {"path": folder}},
    )
    client.extra_arguments = ["--log-level=ERROR"]  # not that it talks over loopback
    return client
