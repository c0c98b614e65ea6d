"""What a cell prints and displays, captured and bounded."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

HERE = os.path.dirname(os.path.dirname(__file__))  # frames of the exam's own


MAX_OUTPUTS = 200  # displays of one cell


CUT = f"\n[output cut: more than {{}} MB, or {MAX_OUTPUTS} displays]\n"


CELL_FILE = re.compile(r"<ipython-input-[\w-]+>, ")  # in the text of a SyntaxError


@dataclass
class Outputs:
    """The outputs of one cell as nbformat dicts, at most ``limit`` bytes of them."""

    limit: int
    items: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0
    cut: bool = False
    raised: BaseException | None = None  # of the last traceback that was shown

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
            {"output_type": kind, "data": dict(data), "metadata": dict(metadata), **more}
        )

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
        self.raised = error
        self.items.append(
            {
                "output_type": "error",
                "ename": type(error).__name__,
                "evalue": message_of(error)[:2_000],
                "traceback": [line[:20_000] for line in lines[-40:]],
            }
        )

    def finish(self) -> list[dict[str, Any]]:
        """The outputs, each stream's text joined."""
        return [
            {**item, "text": "".join(item["text"])} if "text" in item else item
            for item in self.items
        ]

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
                    capture.outputs.rich(
                        "execute_result", data, metadata or {}, execution_count=self.prompt_count
                    )

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


def message_of(error: BaseException) -> str:
    """The text of an exception, even of one whose ``__str__`` fails; a cell has no file name."""
    try:
        return CELL_FILE.sub("", str(error))
    except BaseException as worse:
        return f"(its text could not be read: {type(worse).__name__})"
