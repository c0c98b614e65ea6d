"""Running one cell in an IPython shell, its outputs captured and bounded.

The same shell serves candidate and examiner. It is built once, before the fork, and speaks no
ZMQ: a cell costs its own compute and little more.
"""

from __future__ import annotations

import builtins
import io
import sys
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

CUT = "\n[output cut: more than {} MB]\n"
MAX_OUTPUTS = 200  # displays of one cell


@dataclass
class Outputs:
    """The outputs of one cell as nbformat dicts, at most ``limit`` bytes of them."""

    limit: int
    items: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0
    cut: bool = False

    def stream(self, name: str, text: str) -> None:
        """Add printed text; what is over the limit is dropped, and said once."""
        text = self._fitting(text)
        if not text:
            return
        last = self.items[-1] if self.items else None
        if last and last["output_type"] == "stream" and last["name"] == name:
            last["text"].append(text)
        else:
            self.items.append({"output_type": "stream", "name": name, "text": [text]})

    def rich(self, kind: str, data: dict[str, Any], metadata: dict[str, Any], **more: Any) -> None:
        """Add a display or a result."""
        weight = sum(len(str(value)) for value in data.values())
        if self.size + weight > self.limit or len(self.items) >= MAX_OUTPUTS:
            self.stream("stderr", CUT.format(self.limit >> 20) if not self.cut else "")
            self.cut = True
            return
        self.size += weight
        self.items.append(
            {"output_type": kind, "data": dict(data), "metadata": dict(metadata), **more})

    def error(self, error: BaseException, lines: list[str]) -> None:
        """Add a traceback."""
        self.items.append({"output_type": "error", "ename": type(error).__name__,
                           "evalue": message_of(error)[:2_000],
                           "traceback": [line[:20_000] for line in lines[-40:]]})

    def finish(self) -> list[dict[str, Any]]:
        """The outputs, each stream's text joined."""
        return [{**item, "text": "".join(item["text"])} if "text" in item else item
                for item in self.items]

    def _fitting(self, text: str) -> str:
        room = self.limit - self.size
        self.size += len(text)
        if len(text) <= room:
            return text
        if self.cut:
            return ""
        self.cut = True
        return text[: max(room, 0)] + CUT.format(self.limit >> 20)


class _Stream(io.TextIOBase):
    """A text stream that writes into the outputs."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.name = outputs, name

    def write(self, text: str) -> int:
        self.outputs.stream(self.name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True


@dataclass(frozen=True)
class Outcome:
    """What came of running a cell: its outputs, the value of its last expression, its error."""

    outputs: list[dict[str, Any]]
    value: Any = None
    error: BaseException | None = None


def build_shell() -> Any:
    """An IPython shell with inline figures and without history, threads or colours."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False  # its saving thread would not survive a fork
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    shell = InteractiveShell.instance(config=config)
    with captured(shell, Outputs(2**20)):
        shell.run_cell("%matplotlib inline", store_history=False)
    builtins.input = _no_input
    return shell


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() cannot be answered while a notebook is graded; use a variable instead.")


@contextmanager
def captured(shell: Any, outputs: Outputs):
    """Everything printed and displayed goes into ``outputs``."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, **kwargs):
            outputs.rich("display_data", data, metadata or {})

        def clear_output(self, wait=False):
            """Progress displays clear themselves; here every state stays."""

    class Hook(DisplayHook):
        def write_output_prompt(self):
            """The prompt is no output."""

        def write_format_data(self, data, metadata=None):
            outputs.rich("execute_result", data, metadata or {},
                         execution_count=self.prompt_count)

    saved = (sys.stdout, sys.stderr, shell.display_pub, shell.displayhook,
             shell.display_trap.hook, shell._showtraceback)
    sys.stdout, sys.stderr = _Stream(outputs, "stdout"), _Stream(outputs, "stderr")
    shell.display_pub = Publisher(shell=shell)
    shell.displayhook = shell.display_trap.hook = Hook(shell=shell)
    shell._showtraceback = lambda kind, error, lines: outputs.error(error, list(lines))
    try:
        yield outputs
    finally:
        (sys.stdout, sys.stderr, shell.display_pub, shell.displayhook,
         shell.display_trap.hook, shell._showtraceback) = saved


def run_cell(shell: Any, source: str, limit: int) -> Outcome:
    """Run one cell; whatever it raises, SystemExit and KeyboardInterrupt too, is in the outcome."""
    outputs = Outputs(limit)
    try:
        with captured(shell, outputs):
            result = shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        return Outcome(outputs.finish(), result.result, error)
    except BaseException as error:  # an interrupt that came between two of the shell's steps
        outputs.error(error, traceback.format_exception(error))
        return Outcome(outputs.finish(), None, error)


def message_of(error: BaseException) -> str:
    """The text of an exception, even of one whose ``__str__`` fails."""
    try:
        return str(error)
    except BaseException as worse:
        return f"(its text could not be read: {type(worse).__name__})"
