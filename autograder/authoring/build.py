"""Writes what is generated from each source: the student notebook and the reading copy.

``assignments/NN_topic/NN_topic.ipynb`` is the release, the same bytes on every build.
``solutions/NN_topic/NN_topic.ipynb`` is the reading copy, executed in a real kernel; of it the
cells are compared and not the outputs, because figures and timings differ between machines.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring.answer_bank import fill, read_variants
from autograder.authoring.execute import execute
from autograder.authoring.figures import draw_figures, out_of_date
from autograder.authoring.percent import placed
from autograder.authoring.release import (
    make_release,
    to_bytes,
    without_hidden_tests,
    write_notebook,
)
from autograder.authoring.source import read_source
from autograder.errors import AutograderError
from autograder.notebook.cell_fields import role_of
from autograder.result import FAILED, PASSED, Result

if TYPE_CHECKING:
    from nbformat import NotebookNode
FINGERPRINTS = Path("mlpkit", "testing", "fingerprints")  # this course's alone
_NOT_DONE = "NotImplementedError"


class BuildError(AutograderError):
    """Sources that cannot be built or, with ``check``, generated files that are out of date."""


def build(
    root: Path, *, check: bool = False, force: bool = False, only: Iterable[str] | None = None
) -> list[Path]:
    """Bring the generated notebooks of the project in ``root`` up to date.

    ``only`` names assignments; without it all are built. A reading copy is executed again when
    its cells changed, or with ``force``. With ``check`` nothing is run and nothing is written.
    Returns the files written.

    Raises SourceError when a source breaks the rules; BuildError when a notebook cannot be built
    or, with ``check``, when generated files are out of date: it lists them all.
    """
    names = list(only or ())
    paths = find_sources(root, names)
    written = [] if check else [drawn for path in paths for drawn in draw_figures(path.parent)]
    sources = {path: read_source(path) for path in paths}
    if check:
        by_name = {path.stem: source for path, source in sources.items()}
        _check(root, by_name, all_of_them=not names)
        return []
    for path, source in sources.items():
        written += _build_one(root, path, source, force)
    return written


def find_sources(root: Path, only: list[str]) -> list[Path]:
    """The sources below ``root``, by name."""
    folders = sorted((root / "solutions").glob("[0-9][0-9]_*/"))
    known = [folder.name for folder in folders if folder.is_dir()]
    if not known:
        raise BuildError(
            f"There is no assignment in {root / 'solutions'}: nothing like 02_momentum/ is there. "
            "To begin one there: autograder new 08_batch_norm"
        )
    for name in only:
        if name not in known:
            raise BuildError(
                f"There is no assignment '{name}' in {root / 'solutions'}; "
                f"there are {', '.join(known)}."
            )
    paths = [root / "solutions" / name / f"{name}.py" for name in known if not only or name in only]
    for path in paths:
        if not path.is_file():
            raise BuildError(f"{path.parent} has no source; write {path.name} there.")
    return paths


def _targets(root: Path, name: str) -> tuple[Path, Path]:
    """Where the student notebook and the reading copy go."""
    file = Path(name, f"{name}.ipynb")
    return root / "assignments" / file, root / "solutions" / file


def _build_one(root: Path, path: Path, source: NotebookNode, force: bool) -> list[Path]:
    """Prove, execute, and only then write."""
    release, reading = make_release(source), without_hidden_tests(source)
    release_path, reading_path = _targets(root, path.stem)
    changed: dict[Path, NotebookNode] = {}
    if force or _release_difference(release_path, release):
        changed[release_path] = release
    prove(path, source, release)
    if force or _reading_difference(reading_path, reading):
        changed[reading_path] = execute(path.stem, reading)
    for target, notebook in changed.items():
        write_notebook(notebook, target)
    return list(changed)


def prove(path: Path, source: NotebookNode, release: NotebookNode) -> None:
    """Raise BuildError unless the reference earns everything and the untouched release nothing.

    ``path`` is the percent source, whose lines are named.
    The exam judges both. Then a real kernel runs the reference with the hidden tests, because a
    word on stderr in a graded cell costs its points under stock nbgrader.
    """
    from autograder.exam import examine

    def sit(notebook: NotebookNode) -> Result:
        # The author's own code, on the author's machine: no sandbox.
        return examine(source, to_bytes(notebook), isolation="none", seed="build", strict=True)

    reference = sit(fill(release, source))
    # What stops a cell makes many checks fail: only the first kind of trouble is told.
    found = _stopped(reference) or _lost(reference)
    if not found:
        untouched = sit(release)
        found = _stopped(untouched, unless=_NOT_DONE) or _not_lost(untouched)
    if not found:
        found = _noises(execute(path.stem, fill(source, source)))
    if found:
        raise BuildError("\n".join(placed(path, message) for message in found))


def _stopped(result: Result, unless: str = "") -> list[str]:
    """Cells other than tests that raised, except ``unless`` it was this."""
    whose = "untouched notebook" if unless else "reference solution"
    return [
        f"the {whose} stops in cell '{cell['id']}': {output['ename']}: {output['evalue']}"
        for cell in (result.notebook or {}).get("cells", [])
        if not role_of(cell).get("grade")
        for output in cell.get("outputs", [])
        if output["output_type"] == "error" and output["ename"] != unless
    ]


def _lost(result: Result) -> list[str]:
    return [
        f"the reference solution does not pass {check.id}: {check.whole_message}"
        for check in result.checks
        if not check.manual and check.status != PASSED
    ]


def _not_lost(result: Result) -> list[str]:
    return [
        f"the untouched notebook is to fail {check.id} with NotImplementedError; "
        f"the check says: {check.status} {check.whole_message}".rstrip()
        for check in result.checks
        if not check.manual and (check.status != FAILED or _NOT_DONE not in check.message)
    ]


def _noises(executed: NotebookNode) -> list[str]:
    return [
        f"test {cell.id} writes to stderr, for which nbgrader gives 0: {output.text.strip()}"
        for cell in executed.cells
        if role_of(cell).get("grade") and cell.cell_type == "code"
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]


def _check(root: Path, sources: dict[str, NotebookNode], all_of_them: bool) -> None:
    """Raise BuildError when a generated file is not what its source says."""
    from autograder.mutants.fingerprints import difference
    from autograder.notebook.source_cells import read_source_cells

    found: dict[Path, str] = {}
    for name, source in sources.items():
        release_path, reading_path = _targets(root, name)
        found[release_path] = _release_difference(release_path, make_release(source))
        found[reading_path] = _reading_difference(reading_path, without_hidden_tests(source))
        for picture, _ in out_of_date(root / "solutions" / name):
            found[picture] = "is older than what draws it"
        if (fingerprints := root / FINGERPRINTS).is_dir():
            path = fingerprints / f"{name}.json"
            variants = [one.cells for one in read_variants(root / "solutions" / name, source)]
            found[path] = difference(path, read_source_cells(source), variants)
    if all_of_them:
        for path in sorted((root / "assignments").glob("*/*.ipynb")):
            found.setdefault(path, "no source makes it; remove it")
    stale = {path.relative_to(root): what for path, what in found.items() if what}
    if stale:
        lines = [f"{path}: {what}" for path, what in stale.items()]
        prints = [path.stem for path in stale if path.parent == FINGERPRINTS]
        commands = ["autograder build"] if len(prints) < len(stale) else []
        commands += [f"autograder mutants --fingerprints {' '.join(prints)}"] if prints else []
        raise BuildError("\n".join([*lines, f"Out of date. Run: {' && '.join(commands)}"]))


def _release_difference(path: Path, release: NotebookNode) -> str:
    """What differs first between the file and the release, "" when the bytes are equal."""
    if not path.is_file():
        return "is missing"
    if path.read_bytes() == to_bytes(release):
        return ""
    committed = _read(path)
    if committed is None:
        return "is not a notebook"
    return _first_difference(committed, release) or "the same cells, but other metadata or layout"


def _reading_difference(path: Path, reading: NotebookNode) -> str:
    """What differs first between the cells of the file and of the reading copy, "" if nothing."""
    if not path.is_file():
        return "is missing"
    committed = _read(path)
    if committed is None:
        return "is not a notebook"
    if difference := _first_difference(committed, reading):
        return difference
    idle = [cell.id for cell in committed.cells if cell.get("execution_count", 1) is None]
    return f"cell '{idle[0]}' was not executed" if idle else ""


def _read(path: Path) -> NotebookNode | None:
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
    except (ValueError, nbformat.ValidationError):
        return None
    return notebook


def _first_difference(committed: NotebookNode, wanted: NotebookNode) -> str:
    ids = [cell.get("id") for cell in committed.cells]
    for cell in wanted.cells:
        if cell.id not in ids:
            return f"cell '{cell.id}' is not in it"
    names = {cell.id for cell in wanted.cells}
    for cell_id in ids:
        if cell_id not in names:
            return f"cell '{cell_id}' should not be in it"
    for old, new in zip(committed.cells, wanted.cells, strict=True):
        if old.id != new.id:
            return f"cell '{new.id}' stands elsewhere"
        if old.cell_type != new.cell_type:
            return f"cell '{new.id}' is {old.cell_type}, should be {new.cell_type}"
        if old.source != new.source:
            return f"cell '{new.id}' {_first_line(old.source, new.source)}"
    return ""


def _first_line(old: str, new: str) -> str:
    """Where two different texts part."""
    pairs = zip(old.split("\n") + [""], new.split("\n") + [""], strict=False)
    number, (have, want) = next(
        (number, pair) for number, pair in enumerate(pairs, 1) if pair[0] != pair[1]
    )
    return f"line {number} reads {have.strip()!r}, should read {want.strip()!r}"
