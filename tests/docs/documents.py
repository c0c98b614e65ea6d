"""Markdown documents as what can be played: commands, Python, files, expected output."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_LISTING = re.compile(r"(?:^|\n)(Add to (?:each grader's )?)?`([\w/.]+\.\w+)`:$")


@dataclass
class Block:
    """A fenced block: ``language`` "" is shell. ``file`` is set when it is that file's content."""

    language: str
    text: str
    section: str
    file: str = ""
    appended: bool = False
    output: str | None = None  # what the document says that it prints

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block, without remarks."""
        lines = (re.sub(r"\s+#.*", "", line).strip() for line in self.text.splitlines())
        return [line for line in lines if line and not line.startswith("#")]


def read_blocks(path: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = path.read_text(encoding="utf-8")
    blocks: list[Block] = []
    for match in _FENCE.finditer(text):
        language, body = match.groups()
        before = text[: match.start()].rstrip()
        if language == "text":
            blocks[-1].output = body
            continue
        headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", before), re.M)
        block = Block(language, body, headings[-1] if headings else "")
        if language and (listing := _LISTING.search(before)):
            block.file, block.appended = listing.group(2), bool(listing.group(1))
        blocks.append(block)
    return blocks
