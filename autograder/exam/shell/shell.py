"""Running one cell in an IPython shell, its outputs captured and bounded.

The same shell serves student process and examiner. It is built once, before the fork, and speaks no
ZMQ: a cell costs its own compute and little more.
"""

from __future__ import annotations

import builtins
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograder.exam.shell.capture import Outputs, _Capture
from autograder.exam.shell.compile import Code, compile_cell

# What loads lazily is loaded before the fork: fonts and renderers of figures, tracebacks.
FIGURES = (
    "%matplotlib inline",
    "import matplotlib.pyplot as plt\nplt.plot([1], label='$x^2$')\nplt.legend(); plt.show()",
)
TRACEBACKS = ("def f():\n    raise ValueError\nf()",)


@dataclass(frozen=True)
class Outcome:
    """What came of running a cell: its outputs, the value of its last expression, its error."""

    outputs: list[dict[str, Any]]
    value: Any = None
    error: BaseException | None = None


def _no_system(command: str, **options: Any) -> None:
    print("Shell commands are not run while a notebook is graded.", file=sys.stderr)


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
    from IPython.display import display
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False  # its saving thread would not survive a fork
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    ipython = InteractiveShell.instance(config=config)
    enable_figures = ipython.enable_matplotlib
    replaced: Any = ipython  # its methods, by functions
    replaced.enable_gui = lambda gui=None: None  # %matplotlib calls it; there are no windows here
    replaced.enable_matplotlib = lambda gui=None: enable_figures("inline")
    shell = Shell(ipython, _Capture(ipython))
    warm_up(shell, TRACEBACKS)
    if figures:
        warm_up_figures(shell)
    builtins.input = _no_input
    # As a kernel has them: a module that a cell imports may register magics, or display.
    names: Any = builtins
    names.get_ipython, names.display = ipython.get_ipython, display
    replaced.ask_exit = sys.exit  # what exit() calls: it stops the cell
    replaced.system = replaced.getoutput = _no_system
    return shell


def warm_up(shell: Shell, texts: Iterable[str]) -> None:
    """Run cells that leave nothing but what they loaded."""
    for text in texts:
        run_cell(shell, text, 2**20)
    shell.ipython.reset()


def warm_up_figures(shell: Shell) -> None:
    """Draw figures once, which leaves their modules and fonts.

    From then on pyplot does not draw all figures after a cell: the inline back end does so to show
    them, and closes them.
    """
    warm_up(shell, FIGURES)
    after = shell.ipython.events.callbacks["post_execute"]
    after[:] = [f for f in after if getattr(f, "__name__", "") != "_draw_all_if_interactive"]


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() cannot be answered while a notebook is graded; use a variable instead.")


def run_cell(
    shell: Shell, source: str, limit: int, show: bool = True, code: Code | None = None
) -> Outcome:
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
            error = result.error_before_exec or result.error_in_exec
            # A magic that runs its cell, as %%capture does, goes on: nbgrader sees the traceback.
            return result.result, error or shell.capture.outputs.raised, False
        if show:  # a number costs IPython's whole machinery of settings
            ipython.execution_count += 1
            ipython.history_manager.input_hist_parsed.append(source)  # In
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
