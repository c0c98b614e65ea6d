"""What a check reaches for that does not cross between the two processes of an exam, in messages.

Asked only about a check that the course's own solution fails: its author then reads what to
change, and nobody loses a point.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from autograder.notebook.defined_names import defined_names, parsed, read_names
from autograder.notebook.source_cells import GIVEN, OPEN, SOLUTION, TEST, SourceCell

_SEEN = (
    (
        r"\bgetsource|__code__|\bdis\.|\bast\.parse|\bIn\[|\b_ih\b|get_ipython",
        "It reads the text of the student's code; a check is given only what that code does "
        "when it is called.",
    ),
    (
        r"\btype\(|__class__|\bvars\(|__dict__|\bis_dataclass|\bfields\(|\basdict\(|__mro__|__bases__"
        r"|copy\.copy|deepcopy|\bpickle\b|__annotations__|\bget_type_hints|\bisgenerator|\biscoroutine|GeneratorType",
        "It asks for the type or the insides of a student's object, which stays in its own "
        "process; isinstance(object, TheirClass), attributes, methods and operators can be "
        "asked for.",
    ),
    (
        r"\bplt\.(?!subplots|figure|close|show)\w|\bpyplot\b.*\bgc[af]\b|plotchecker",
        "It looks at matplotlib's current figure, which was drawn in another process; let the "
        "student's function return its Axes.",
    ),
    (
        r"catch_warnings|\bwarns\(|assertWarns|assert_warns|caplog|assertLogs|redirect_stderr",
        "It waits for a warning or a log entry; these stay in the student's process. What is "
        "printed and what is raised can be seen.",
    ),
    (
        r"\bopen\(|\bnp\.load|read_csv|os\.path\.|\bPath\(|import_module",
        "It reads a file; only those next to the source notebook are there, not those that the "
        "student's code has written.",
    ),
    (
        r"\bpatch\(|\bmonkeypatch\b|MagicMock",
        "It replaces something in a module; the student's code sees that only of its own "
        "functions, of input and of print.",
    ),
    (
        r"\{[^{}:]*\w\([^{}]*\}|\bset\(|\bhash\(",
        "It may need the hash of a student's object, which stays in its own process.",
    ),
    (
        r"\b__globals__|\bglobals\(\)|\blocals\(\)",
        "It looks at all names of the notebook; only those that the solution defines are there.",
    ),
)


def messages(step: SourceCell, steps: Iterable[SourceCell]) -> list[str]:
    """Why this check may fail on the course's own solution here, and not in one process."""
    found = [message for pattern, message in _SEEN if re.search(pattern, step.source)]
    return [*_globals(step, list(steps)), *_derived(step, list(steps)), *found]


def _globals(step: SourceCell, steps: list[SourceCell]) -> list[str]:
    """Variables that a check shares with the student's code, in one direction or the other."""
    here = read_names(step.source)
    called = [one for one in steps if one.kind == SOLUTION and here & set(one.names or ())]
    read = set().union(*(read_names(one.source) for one in called))
    made = set().union(*(defined_names(one.source) for one in steps if one.kind in (GIVEN, OPEN)))
    checks = [one for one in steps if one.kind == TEST]
    own = set().union(*(defined_names(one.source) for one in checks))
    changed = sorted(set(defined_names(step.source)) & made & read)
    theirs = set().union(made, *(one.names or () for one in steps))
    lacking = sorted((own & read) - theirs)
    return [
        *(
            f"It sets {name} anew; the student's code keeps its own. Hand it over as an argument."
            for name in changed
        ),
        *(
            f"{name} is made by a check, and the student's code reads it: checks run in another "
            "process. Make it in a locked cell."
            for name in lacking
        ),
    ]


def _derived(step: SourceCell, steps: list[SourceCell]) -> list[str]:
    theirs = {name for one in steps for name, kind in (one.names or {}).items() if kind == "class"}
    bases = {
        base.id
        for node in ast.walk(parsed(step.source))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    return [
        f"It derives a class from the student's {name}, which stays in its own process."
        for name in sorted(bases & theirs)
    ]
