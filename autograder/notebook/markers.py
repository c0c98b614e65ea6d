"""The words around solutions, hidden tests and marking schemes, and what of a cell is released.

nbgrader's words, unless a course's ``nbgrader_config.py`` names others: these then travel in the
source notebook's metadata. As in nbgrader, a line that contains the words is a marker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"  # what nbgrader puts in place of a solution


_HOME = "autograder"  # in the metadata of a source notebook


@dataclass(frozen=True)
class Markers:
    """The markers of a course, each a pair of begin and end, and what stands for a solution."""

    solution: tuple[str, str] = ("BEGIN SOLUTION", "END SOLUTION")
    hidden: tuple[str, str] = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
    scheme: tuple[str, str] = ("BEGIN MARK SCHEME", "END MARK SCHEME")
    code_stub: str = STUB
    text_stub: str = "YOUR ANSWER HERE"

    @classmethod
    def configured(cls, config: Any) -> Markers:
        """Those of a course's configuration (traitlets)."""
        clear, tests, scheme = (
            config[name] if config else {}
            for name in ("ClearSolutions", "ClearHiddenTests", "ClearMarkScheme")
        )
        stub = clear.get("code_stub", STUB)  # one for each language; once, a text for Python
        return cls(
            _pair(clear, "solution_delimeter", cls.solution),
            _pair(tests, "test_delimeter", cls.hidden),
            _pair(scheme, "mark_scheme_delimeter", cls.scheme),
            str(stub.get("python", STUB) if isinstance(stub, Mapping) else stub),
            str(clear.get("text_stub", cls.text_stub)),
        )

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> Markers:
        """Those that a source notebook carries; nbgrader's own where it carries none."""
        carried = source.get("metadata", {}).get(_HOME, {}).get("markers", {})
        pairs: dict[str, Any] = {  # JSON has no tuples
            name: tuple(value) if isinstance(value, list) else value
            for name, value in carried.items()
        }
        return cls(**pairs)

    def into(self, source: dict[str, Any]) -> None:
        """Let a source notebook carry these, unless they are nbgrader's own."""
        if self != Markers():
            carried = {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in asdict(self).items()
            }
            source.setdefault("metadata", {})[_HOME] = {"markers": carried}

    def released(self, text: str, *, code: bool, solution: bool) -> str:
        """What of a cell students get: stubs for solutions, no hidden tests, no marking scheme."""
        stub = self.code_stub if code else self.text_stub
        kept, marked, inside = [], False, False
        for line in text.split("\n"):
            if self.solution[0] in line:
                inside = marked = True
                indent = line[: len(line) - len(line.lstrip())]
                kept += [indent + stub_line for stub_line in stub.split("\n")]
            elif self.solution[1] in line:
                inside = False
            elif not inside:
                kept.append(line)
        if solution and not marked:
            return stub
        for pair in (self.hidden, self.scheme):
            kept = [line for line, cut in _regions(kept, pair) if not cut]
        return "\n".join(kept)

    def hides(self, text: str, line: int) -> bool:
        """Whether this line (1 is the first) stands between hidden-test markers."""
        lines = list(_regions(text.split("\n"), self.hidden))
        return 0 < line <= len(lines) and lines[line - 1][1]


def _regions(lines: list[str], pair: tuple[str, str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a region or is one of its markers."""
    inside = False
    for line in lines:
        begins, ends = pair[0] in line, pair[1] in line
        inside = begins or inside
        yield line, inside or ends
        inside = inside and (begins or not ends)


def _pair(settings: Mapping[str, Any], name: str, default: tuple[str, str]) -> tuple[str, str]:
    return (
        str(settings.get(f"begin_{name}", default[0])),
        str(settings.get(f"end_{name}", default[1])),
    )
