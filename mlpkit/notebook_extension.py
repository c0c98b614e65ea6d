"""``%load_ext mlpkit``, then ``%watch``: below the line stands what the last save is worth.

The line starts ``autograder watch`` as a process of its own; a thread shows what that prints.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from html import escape
from typing import Any

_running: dict[str, subprocess.Popen[str]] = {}  # by folder


def load(ipython: Any) -> None:
    """Register the magic in an IPython shell."""
    ipython.register_magic_function(watch, magic_kind="line")


def watch(line: str) -> None:
    """``%watch [FOLDER]``: check the notebooks in FOLDER (default: this one) at every save."""
    from IPython.display import HTML, display

    folder = line.strip().strip("'\"") or "."
    stop(folder)
    command = [sys.executable, "-m", "autograder", "watch", folder, "--json"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8",
    )  # fmt: skip
    _running[folder] = process
    show: Any = display  # IPython gives no types
    html: Any = HTML
    shown = show(html("<p>Getting ready, a few seconds.</p>"), display_id=True)
    threading.Thread(target=_show, args=(process, shown, HTML), daemon=True).start()


def stop(folder: str) -> None:
    """End the watching of a folder, if there is any."""
    if process := _running.pop(folder, None):
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _show(process: subprocess.Popen[str], shown: Any, html: Any) -> None:
    """Show each line that the process prints, in place of the one before."""
    if process.stdout is None:
        return
    try:
        for line in process.stdout:
            shown.update(html(json.loads(line)["html"] if line.startswith("{") else escape(line)))
    except ValueError:  # closed, as the folder is watched no more
        return


@atexit.register
def _stop_all() -> None:
    for folder in list(_running):
        stop(folder)
