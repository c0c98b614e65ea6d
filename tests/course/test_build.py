"""Building: what is written, what is compared, and what stops it before anything is written."""

import copy
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.authoring import build as building
from autograder.authoring import mutant_report as mutants_of_build
from autograder.authoring.answer_bank import read_variants
from autograder.authoring.build import BuildError, build, prove
from autograder.authoring.execute import ExecutionError, execute
from autograder.authoring.mutant_report import mutant_report
from autograder.authoring.release import make_release, to_bytes
from autograder.authoring.source import SourceError, read_source
from autograder.mutants.fingerprints import digest
from autograder.notebook.source_cells import read_source_cells

BANK = Path(__file__).parent / "bank"
SOURCE, RELEASE, READING = (
    Path("solutions/01_line/01_line.py"),
    Path("assignments/01_line/01_line.ipynb"),
    Path("solutions/01_line/01_line.ipynb"),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project that was built once, the real way."""
    root = tmp_path_factory.mktemp("project") / "bank"
    shutil.copytree(BANK, root)
    assert build(root) == [root / RELEASE, root / READING]
    return root


@pytest.fixture
def project(built, tmp_path, monkeypatch):
    """A copy of it; kernels and exams, seconds each, only note that they were asked."""
    root = tmp_path / "project"
    shutil.copytree(built, root)
    calls = []

    def fake_execute(name, notebook):
        calls.append("execute")
        done = copy.deepcopy(notebook)
        for count, cell in enumerate(cell for cell in done.cells if cell.cell_type == "code"):
            cell.execution_count = count + 1
        return done

    monkeypatch.setattr(building, "execute", fake_execute)
    monkeypatch.setattr(building, "prove", lambda *_: calls.append("prove"))
    return root, calls


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_build_writes_the_release_and_an_executed_reading_copy(built):
    source = read_source(built / SOURCE)
    assert (built / RELEASE).read_bytes() == to_bytes(make_release(source))
    reading = nbformat.read(built / READING, as_version=4)
    (figure,) = [cell for cell in reading.cells if cell.id == "figure_loss"]
    assert [output.output_type for output in figure.outputs] == ["display_data"]
    assert "image/png" in figure.outputs[0].data
    assert reading.metadata == source.metadata


def test_a_second_build_proves_again_and_writes_nothing(project):
    root, calls = project
    assert build(root, check=True) == []
    assert calls == []
    assert build(root) == []
    assert calls == ["prove"]


def test_only_what_a_change_reaches_is_made_again(project):
    root, calls = project
    change(root / SOURCE, "return np.sum((w * x - y) * x)", "return (w * x - y) @ x")
    assert build(root) == [root / READING]  # the release does not hold the solution
    assert calls == ["prove", "execute"]
    change(root / SOURCE, "compare the sign", "compare both signs")
    assert build(root) == []  # hidden: in neither
    assert build(root, force=True) == [root / RELEASE, root / READING]


def test_check_names_the_file_and_the_first_difference(project):
    root, _ = project
    change(root / SOURCE, 'plt.xlabel("w")', 'plt.xlabel("slope")')
    before = (root / RELEASE).read_bytes()
    with pytest.raises(BuildError) as caught:
        build(root, check=True)
    what = (
        """cell 'figure_loss' line 3 reads 'plt.xlabel("w")', should read 'plt.xlabel("slope")'"""
    )
    assert str(caught.value).splitlines() == [
        f"{RELEASE}: {what}",
        f"{READING}: {what}",
        "Out of date. Run: autograder build",
    ]
    assert (root / RELEASE).read_bytes() == before


def test_check_says_which_fingerprints_are_older_than_the_code(project):
    root, _ = project
    folder = root / "mlpkit" / "testing" / "fingerprints"
    folder.mkdir(parents=True)
    command = "Out of date. Run: autograder mutants --fingerprints 01_line"

    def complaint() -> list[str]:
        with pytest.raises(BuildError) as caught:
            build(root, check=True)
        return str(caught.value).splitlines()

    path = folder / "01_line.json"
    name = path.relative_to(root)
    assert complaint() == [f"{name}: is missing", command]
    source = read_source(root / SOURCE)
    variants = [one.cells for one in read_variants((root / SOURCE).parent, source)]
    code = digest(read_source_cells(source), variants)
    path.write_text(f'{{"code": "{code}", "causes": {{}}}}')
    build(root, check=True)
    change(root / SOURCE, "compare the sign", "compare both signs")  # a hidden test
    build(root, check=True)
    change(root / SOURCE, "return np.sum((w * x - y) * x)", "return (w * x - y) @ x")
    found = complaint()
    assert f"{name}: is older than the code it was made from" in found
    assert found[-1].endswith(f"autograder build && {command.removeprefix('Out of date. Run: ')}")


def test_mutants_are_reported_for_each_check_and_kept_until_the_code_changes(project, monkeypatch):
    root, _ = project
    source = read_source(root / SOURCE)
    found = mutant_report(root, "01_line", source)
    rows = [line.split()[0] for line in found.table if not line.startswith(" ")]
    assert rows[0] == "check" and rows[-1] == "01_line" and len(rows) > 2
    assert all("the same values" in line for line in found.equivalents[1::2])

    def never(*_):
        raise AssertionError("worked out again")

    monkeypatch.setattr(mutants_of_build, "prove", never)
    assert mutant_report(root, "01_line", source) == found
    change(root / SOURCE, "compare the sign", "compare both signs")  # a hidden test
    with pytest.raises(AssertionError, match="worked out again"):
        mutant_report(root, "01_line", read_source(root / SOURCE))


def test_prose_makes_no_fingerprint_older(project):
    root, _ = project
    source = read_source(root / SOURCE)
    before = digest(read_source_cells(source))
    for cell in source.cells:
        if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader"):
            cell.source += " More."
    assert digest(read_source_cells(source)) == before


def test_check_sees_metadata_in_the_release_and_no_outputs_in_the_reading_copy(project):
    root, _ = project
    reading = nbformat.read(root / READING, as_version=4)
    for cell in reading.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    nbformat.write(reading, root / READING)
    build(root, check=True)
    change(root / RELEASE, '"points": 2', '"points": 20')
    with pytest.raises(BuildError, match=f"^{RELEASE}: the same cells, but other metadata"):
        build(root, check=True)


def test_check_sees_what_is_missing_idle_foreign_broken_or_moved(project):
    root, _ = project

    def complaint() -> str:
        with pytest.raises(BuildError) as caught:
            build(root, check=True)
        return str(caught.value).splitlines()[0]

    stray = root / "assignments" / "09_old" / "09_old.ipynb"
    stray.parent.mkdir()
    shutil.copy(root / RELEASE, stray)
    assert complaint() == "assignments/09_old/09_old.ipynb: no source makes it; remove it"
    stray.unlink()
    good = nbformat.read(root / READING, as_version=4)

    def with_reading(edit) -> str:
        notebook = copy.deepcopy(good)
        edit(notebook)
        nbformat.write(notebook, root / READING)
        return complaint()

    def idle(notebook):
        notebook.cells[1].execution_count = None

    assert with_reading(idle) == f"{READING}: cell 'imports' was not executed"
    assert "'imports' is not in it" in with_reading(lambda n: n.cells.pop(1))
    assert "'prose-1' stands elsewhere" in with_reading(lambda n: n.cells.reverse())
    (root / READING).write_text("{")
    assert complaint() == f"{READING}: is not a notebook"
    (root / READING).unlink()
    assert complaint() == f"{READING}: is missing"


def test_a_broken_source_stops_the_build_before_it_writes(project):
    root, calls = project
    change(root / SOURCE, "points=2", "points=0")
    with pytest.raises(SourceError, match=":36: "):
        build(root)
    assert calls == []


def test_what_is_not_there_is_said(project, tmp_path):
    root, _ = project
    with pytest.raises(BuildError, match="no assignment '02_momentun'.*there are 01_line"):
        build(root, only=["02_momentun"])
    with pytest.raises(BuildError, match="There is no assignment in"):
        build(tmp_path / "elsewhere")
    (root / "solutions" / "03_new").mkdir()
    with pytest.raises(BuildError, match="has no source; write 03_new.py there"):
        build(root)
    build(root, only=["01_line"])


SOURCE_LINES = (BANK / SOURCE).read_text().splitlines()


def doubts(tmp_path: Path, *changes: tuple[str, str]) -> str:
    path = tmp_path / "01_line" / "01_line.py"
    path.parent.mkdir()
    shutil.copy(BANK / SOURCE, path)
    for old, new in changes:
        change(path, old, new)
    source = read_source(path)
    with pytest.raises(BuildError) as caught:
        prove(path, source, make_release(source))
    return str(caught.value)


def test_a_reference_that_fails_its_own_test_is_refused(tmp_path):
    message = doubts(tmp_path, ("np.sum((w * x - y) * x)", "np.sum(w * x - y)"))
    line = 1 + [line[:27] for line in SOURCE_LINES].index('# %% test id="test_dL_dw" p'[:27])
    assert f"01_line.py:{line}: the reference solution does not pass test_dL_dw" in message


def test_a_test_that_the_untouched_stub_passes_is_refused(tmp_path):
    message = doubts(
        tmp_path,
        ("assert line_loss(2.0, np.array([1.0])", "assert line_loss or (np.array([1.0])"),
        ("    assert line_loss(1.0, np.ones(n), np.zeros(n)) == n / 2", "    assert line_loss"),
    )
    assert "is to fail test_line_loss with NotImplementedError; the check says: passed" in message


def test_a_given_cell_that_stops_is_told_alone(tmp_path):
    message = doubts(tmp_path, ("import numpy as np", "import no_such_package"))
    (line,) = message.splitlines()
    said = "01_line.py:7: the reference solution stops in cell 'imports': ModuleNotFoundError"
    assert said in line


def test_given_code_that_needs_an_answer_is_refused(tmp_path):
    answer = "### BEGIN SOLUTION\nscale = 1\n### END SOLUTION\ndef dL_dw("
    use = '# %% given id="use"\nprint(scale)\n\n# %% experiment'
    message = doubts(tmp_path, ("def dL_dw(", answer), ("# %% experiment", use))
    assert "01_line.py:48: the untouched notebook stops in cell 'use': NameError" in message


def test_a_reference_that_warns_in_a_test_is_refused(tmp_path):
    message = doubts(tmp_path, ("return np.sum((w", "np.log(0 * w); return np.sum((w"))
    assert "test_dL_dw writes to stderr, for which nbgrader gives 0" in message
    assert "divide by zero" in message


def test_the_hidden_inputs_of_a_build_are_always_the_same(monkeypatch):
    monkeypatch.setenv("MLPKIT_SEED", "another run's")
    notebook = read_source(BANK / SOURCE)
    del notebook.cells[1:]
    notebook.cells.append(new_code_cell("import os; print(os.environ['MLPKIT_SEED'])"))
    (output,) = execute("01_line", notebook).cells[-1].outputs
    assert output.text == "build\n"


def test_a_cell_that_fails_in_the_kernel_is_named():
    notebook = read_source(BANK / SOURCE)
    notebook.cells[1].source = "import no_such_package"
    with pytest.raises(ExecutionError, match="'imports': ModuleNotFoundError: .*no_such_package"):
        execute("01_line", notebook)


@pytest.mark.parametrize("experiments", [True, False])
def test_experiments_run_when_they_are_asked_for(experiments):
    notebook = read_source(BANK / SOURCE)
    del notebook.cells[1:]
    notebook.cells.append(new_code_cell("print(1)", metadata={"tags": ["skip-execution"]}))
    executed = execute("01_line", notebook, experiments=experiments)
    assert bool(executed.cells[-1].outputs) == experiments
    assert executed.cells[-1].metadata.tags == ["skip-execution"]


def test_what_a_cell_prints_in_pieces_is_one_output():
    notebook = read_source(BANK / SOURCE)
    del notebook.cells[1:]
    notebook.cells.append(new_code_cell("print('a', flush=True)\nprint('b', flush=True)"))
    (output,) = execute("01_line", notebook).cells[-1].outputs
    assert output.text == "a\nb\n"


def test_a_reading_copy_keeps_a_widgets_picture_not_the_widget():
    notebook = read_source(BANK / SOURCE)
    del notebook.cells[1:]
    show = "from mlpkit import explorables as explore\n\nexplore.softmax()"
    notebook.cells.append(new_code_cell(show))
    (output,) = execute("01_line", notebook).cells[-1].outputs
    state = "application/vnd.mlpkit.explorable+json"
    assert sorted(output.data) == [state, "image/png", "text/plain"]
