"""Running one cell in an IPython shell, its outputs captured and bounded.

The same shell serves candidate and examiner. It is built once, before the fork, and speaks no
ZMQ: a cell costs its own compute and little more.
"""

from __future__ import annotations

import ast
import builtins
import io
import os
import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

HERE = os.path.dirname(__file__)
MAX_OUTPUTS = 200  # displays of one cell
CUT = f"\n[output cut: more than {{}} MB, or {MAX_OUTPUTS} displays]\n"

# A last line that no expression can end with: an indented return, in which no long string ends.
# Comments may follow.
_SHORT = r"""(?:[^'"\\\n]|"[^"\\\n]+"|'[^'\\\n]+')*"""
ENDS_IN_RETURN = re.compile(rf"^[ \t]+return\b{_SHORT}(?:\n[ \t]*(?:#[^'\"\n]*)?)*\Z", re.M)

CELL_FILE = re.compile(r"<ipython-input-[\w-]+>, ")  # in the text of a SyntaxError

# What loads lazily is loaded before the fork: fonts and renderers of figures, tracebacks.
FIGURES = ("%matplotlib inline",
           "import matplotlib.pyplot as plt\nplt.plot([1], label='$x^2$')\n"
           "plt.legend(); plt.show()")
TRACEBACKS = ("def f():\n    raise ValueError\nf()",)


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
        if self.size + weight > self.limit or self.full:
            self.say_cut()
            return
        self.size += weight
        self.items.append(
            {"output_type": kind, "data": dict(data), "metadata": dict(metadata), **more})

    @property
    def full(self) -> bool:
        """Whether nothing more will be shown."""
        return self.size >= self.limit or len(self.items) >= MAX_OUTPUTS

    def say_cut(self) -> None:
        """Say, once, that something was left out."""
        if not self.cut:
            self.cut = True
            text = CUT.format(self.limit >> 20)
            self.items.append({"output_type": "stream", "name": "stderr", "text": [text]})

    def error(self, error: BaseException, lines: list[str]) -> None:
        """Add a traceback, without the grader's own frames."""
        lines = [line for line in lines if HERE not in line]
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
        if not self.cut:
            self.cut = True
            return text[: max(room, 0)] + CUT.format(self.limit >> 20)
        return ""


class Stream(io.TextIOBase):
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


def _no_system(command: str, **options: Any) -> None:
    print("Shell commands are not run while a notebook is graded.", file=sys.stderr)


class _Capture:
    """What a shell prints and displays goes into ``outputs``; built once for each shell."""

    def __init__(self, shell: Any):
        from IPython.core.displayhook import DisplayHook
        from IPython.core.displaypub import DisplayPublisher

        capture = self

        class Publisher(DisplayPublisher):
            def publish(self, data, metadata=None, **kwargs):
                capture.outputs.rich("display_data", data, metadata or {})

            def clear_output(self, wait=False):
                """Progress displays clear themselves; here every state stays."""

        class Hook(DisplayHook):
            def write_output_prompt(self):
                """The prompt is no output."""

            def write_format_data(self, data, metadata=None):
                if data:
                    capture.outputs.rich("execute_result", data, metadata or {},
                                         execution_count=self.prompt_count)

        self.outputs = Outputs(0)
        self.shell = shell
        whole = shell.display_formatter.format

        def bounded(value, include=None, exclude=None):
            """Nothing is drawn that would not be shown: a figure costs a tenth of a second."""
            if capture.outputs.full:
                capture.outputs.say_cut()
                return {}, {}
            return whole(value, include, exclude)

        shell.display_formatter.format = bounded
        shell.display_pub = Publisher(shell=shell)
        shell.displayhook = shell.display_trap.hook = Hook(shell=shell)
        shell._showtraceback = lambda kind, error, lines: self.outputs.error(error, list(lines))

    @contextmanager
    def into(self, outputs: Outputs):
        """Send everything there for a while."""
        saved, self.outputs = (sys.stdout, sys.stderr), outputs
        sys.stdout, sys.stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")
        try:
            yield
        finally:
            sys.stdout, sys.stderr = saved


@dataclass(frozen=True)
class Shell:
    """An IPython shell and the capture of its outputs."""

    ipython: Any
    capture: _Capture

    @property
    def space(self) -> dict[str, Any]:
        """The names its cells define."""
        return self.ipython.user_ns


def build_shell(figures: bool = True) -> Shell:
    """An IPython shell with inline figures and without history, threads or colours.

    Without ``figures`` the first of them takes a second; ``warm_up`` can come later.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False  # its saving thread would not survive a fork
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    ipython = InteractiveShell.instance(config=config)
    enable_figures = ipython.enable_matplotlib
    ipython.enable_gui = lambda gui=None: None  # %matplotlib calls it; there are no windows here
    ipython.enable_matplotlib = lambda gui=None: enable_figures("inline")
    shell = Shell(ipython, _Capture(ipython))
    warm_up(shell, TRACEBACKS)
    if figures:
        warm_up(shell, FIGURES)
    builtins.input = _no_input
    ipython.ask_exit = sys.exit  # what exit() calls: it stops the cell
    ipython.system = ipython.getoutput = _no_system
    return shell


def warm_up(shell: Shell, texts: Iterable[str]) -> None:
    """Run cells that leave nothing but what they loaded."""
    for text in texts:
        run_cell(shell, text, 2**20)
    shell.ipython.reset()


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() cannot be answered while a notebook is graded; use a variable instead.")


@dataclass(frozen=True)
class Code:
    """A cell of plain Python, compiled: its statements, and the expression it ends in, if any."""

    body: CodeType
    last: CodeType | None


def compile_cell(source: str, name: str) -> Code | None:
    """The cell as code; None when it is no plain Python but has magics, ``?`` or a bare ``await``.

    ``name`` stands in tracebacks.
    """
    try:
        if ENDS_IN_RETURN.search(source):  # no expression, then: no tree need be looked at
            return Code(compile(source, name, "exec"), None)
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        expression = last and compile(ast.Expression(last.value), name, "eval")
        return Code(compile(tree, name, "exec"), expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def run_cell(shell: Shell, source: str, limit: int, show: bool = True,
             code: Code | None = None) -> Outcome:
    """Run one cell; whatever it raises, SystemExit and KeyboardInterrupt too, is in the outcome.

    Plain Python is run by ``exec``, which costs a tenth of IPython's own way; cells with magics,
    ``?`` or a bare ``await`` go that way. ``show`` displays the value of the last expression and
    whole tracebacks, as a notebook does. ``code`` is the cell compiled before, if it was.
    """
    outputs = Outputs(limit)
    try:
        with shell.capture.into(outputs):
            value, error, plain = _execute(shell, source, show, code)
        if error is not None and not show and plain:
            outputs.error(error, traceback.format_exception_only(error))
        return Outcome(outputs.finish(), value, error)
    except BaseException as error:  # an interrupt that came between two steps
        outputs.error(error, traceback.format_exception(error))
        return Outcome(outputs.finish(), None, error)


def _execute(shell: Shell, source: str, show: bool, code: Code | None) -> tuple[Any, Any, bool]:
    """The value of the cell's last expression; the exception that stopped it; was it plain?"""
    ipython, value = shell.ipython, None
    try:
        if code is None:  # IPython keeps the cell's lines for tracebacks
            name = ipython.compile.cache(source, ipython.execution_count + 1)
            code = compile_cell(source, name)
        if code is None:
            result = ipython.run_cell(source, store_history=True)
            return result.result, result.error_before_exec or result.error_in_exec, False
        if show:  # a number costs IPython's whole machinery of settings
            ipython.execution_count += 1
        exec(code.body, shell.space)
        if code.last is not None:
            value = eval(code.last, shell.space)
        if show:
            if value is not None and not source.rstrip().endswith(";"):
                ipython.displayhook(value)
            ipython.events.trigger("post_execute")  # figures that were drawn and not shown
    except BaseException as error:
        if show:
            ipython.showtraceback()
        return None, error, True
    return value, None, True


def message_of(error: BaseException) -> str:
    """The text of an exception, even of one whose ``__str__`` fails; a cell has no file name."""
    try:
        return CELL_FILE.sub("", str(error))
    except BaseException as worse:
        return f"(its text could not be read: {type(worse).__name__})"
