"""Students derive: each assignment has rungs, and few stubs only copy a printed formula.

A rung is a stub whose graded test holds it against the numerical derivative of a trusted forward
pass; its docstring gives shapes and no formula.
"""

import ast
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.source import read_source
from mlpkit.explorables.widget import STATE

SOLUTIONS = Path(__file__).parents[2] / "solutions"
WITH_LADDERS = ("00_wires", "01_logistic", "02_momentum", "03_relu_l2", "04_deep_mlp", "05_minibatch",
                "06_graph", "08_autodiff")  # fmt: skip
ALL = (*WITH_LADDERS, "07_debug_the_notes")
UNGRADED = {"on_paper", "my_formula"}
DRAWN = re.compile(r"\b(plt|plotting|explore)\.")  # a figure, or one to drag
NUMERICAL = re.compile(r"\b(assert_derivative|assert_rule|numerical_gradient)\(")


@cache
def read_assignment(assignment):
    """Its stubs by name, the stubs that are rungs, and its Markdown cells."""
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    stubs, derived, prose = {}, set(), []
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            prose.append(cell.source)
        elif mark.get("solution"):
            stubs |= {
                node.name: node
                for node in ast.parse(cell.source).body
                if isinstance(node, ast.FunctionDef)
            }
        elif mark.get("grade") and NUMERICAL.search(cell.source):
            derived.add(cell.id.removeprefix("test_"))
    return stubs, derived & set(stubs), prose


DERIVATIVE = r"[d∂]\S*/[d∂]\S+"
EQUATION = re.compile(rf"(?:^[d∂]\S*(?: \S+)?|(?:^|[\s(]){DERIVATIVE}) = (.+)", re.MULTILINE)


def prints_its_formula(stub):
    """Has the docstring an equation for a derivative, as "dL/dc = dL/df"? A name for what is given
    ("what arrives, dm = dL/dm") is none."""
    return bool(EQUATION.search(ast.get_docstring(stub) or ""))


MATHS = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.DOTALL)
PART = r"\{(?:[^{}]|\{[^{}]*\})*\}"  # one pair of braces may stand inside
FRACTION = rf"\\[dt]?frac(?=\{{(?:d|\\partial)){PART}{PART}"
OF_A_DERIVATIVE = re.compile(rf"(?:{FRACTION}|{DERIVATIVE})\s*=(.+)", re.DOTALL)
SIGNS = re.compile(rf"{FRACTION}|{DERIVATIVE}|\\(?:sum_\w|tag{PART}|cdot|[,;!])|[\s\d.,;()]")


def formulas_of_derivatives(prose):
    """What open prose says that a derivative is, but for the chain rule: one written with further
    derivatives alone says nothing yet."""
    prose = re.sub(r"<details.*?</details>", "", prose, flags=re.DOTALL)
    maths = [display or inline for display, inline in MATHS.findall(prose)]
    said = [found for text in maths for found in re.split(r"\\q?quad", text)]
    return [
        text for text in said
        if (right := OF_A_DERIVATIVE.search(text)) and SIGNS.sub("", right[1])
    ]  # fmt: skip


def is_one_line(stub):
    """Is the body a return, where a name that is used once counts as what it stands for?"""
    *before, last = stub.body[1:]  # without the docstring
    names = [ast.unparse(line.targets[0]) for line in before if isinstance(line, ast.Assign)]
    used = [node.id for line in stub.body for node in ast.walk(line)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]  # fmt: skip
    return (
        isinstance(last, ast.Return)
        and len(names) == len(before)
        and all(used.count(name) == 1 for name in names)
    )


def transcriptions(assignment):
    """Counted generously: every stub that one line could answer and that is no rung.
    (Verdicts are no formula: they are measured, formula by formula.)"""
    stubs, rungs, _ = read_assignment(assignment)
    asked = set(stubs) - rungs - UNGRADED
    return {name for name in asked if is_one_line(stubs[name]) and not name.endswith("_verdicts")}


@pytest.mark.parametrize("assignment", WITH_LADDERS)
def test_an_assignment_has_at_least_four_rungs(assignment):
    _, rungs, _ = read_assignment(assignment)
    assert len(rungs) >= 4, f"only {sorted(rungs)}"


@pytest.mark.parametrize("assignment", WITH_LADDERS)
def test_the_docstring_of_a_rung_gives_shapes_and_no_formula(assignment):
    stubs, rungs, _ = read_assignment(assignment)
    assert [name for name in sorted(rungs) if prints_its_formula(stubs[name])] == []
    assert [name for name in sorted(rungs) if "Returns" not in ast.get_docstring(stubs[name])] == []


def test_a_printed_formula_is_seen():
    def stub(line):
        return ast.parse(f'def f():\n    """{line}"""\n').body[0]

    assert prints_its_formula(stub("dL/dc = dL/df                  (note, box 2)"))
    assert prints_its_formula(stub("∂σ(z_i)/∂W = σ(z_i) (1 - σ(z_i)) x_i, for every i"))
    assert prints_its_formula(stub("The second box\n\n    Write dL/dc = dL/df.  Returns (K,)."))
    assert not prints_its_formula(stub("dL/dc: the derivative of L with respect to c"))
    assert not prints_its_formula(stub("da_j/dx_l of a layer a = g(W x + b)"))
    assert not prints_its_formula(stub("Through m = max(y, z), from what arrives, dm = dL/dm."))


@pytest.mark.parametrize("assignment", WITH_LADDERS)
def test_the_prose_above_a_rung_does_not_print_what_it_asks_for(assignment):
    _, rungs, _ = read_assignment(assignment)
    told, prose = {}, ""
    for cell in read_source(SOLUTIONS / assignment / f"{assignment}.py").cells:
        if cell.cell_type == "markdown":
            prose = cell.source
        elif cell.id in rungs:
            told[cell.id] = formulas_of_derivatives(prose)
    assert set(told) == rungs
    assert {name: formulas for name, formulas in told.items() if formulas} == {}


def test_a_formula_in_open_prose_is_seen():
    box = r"$$\frac{dL}{dV} = \frac{dL}{df} h^T$$"
    assert formulas_of_derivatives(f"So {box}")
    assert formulas_of_derivatives(r"Prediction minus label: $dL/dz = \hat y - y$.")
    assert not formulas_of_derivatives(f"<details><summary>The box</summary>\n\n{box}\n</details>")
    assert not formulas_of_derivatives(
        r"$$\frac{dL}{dx} = \sum_k \frac{dL}{du_k}\,\frac{du_k}{dx}$$"
    )
    assert not formulas_of_derivatives("$dL/dL = 1$")


def test_a_transcription_in_several_lines_is_seen():
    def stub(*lines):
        return ast.parse("\n    ".join(["def f(W, x):", '"""Doc."""', *lines])).body[0]

    assert is_one_line(stub("return np.tanh(W @ x)"))
    assert is_one_line(stub("s = W @ x", "h = np.tanh(s)", "return h"))
    assert not is_one_line(stub("e = np.exp(x - x.max())", "return e / e.sum()"))
    assert not is_one_line(stub("x[0] -= 1", "return x"))


def test_at_most_15_percent_of_the_stubs_are_transcriptions():
    copied = {name: sorted(transcriptions(name)) for name in ALL}
    stubs = sum(len(set(read_assignment(name)[0]) - UNGRADED) for name in ALL)
    assert sum(map(len, copied.values())) <= 0.15 * stubs, copied


@pytest.mark.parametrize("assignment", WITH_LADDERS)
def test_the_formulas_of_a_ladder_stand_in_closed_boxes(assignment):
    _, _, prose = read_assignment(assignment)
    text = "\n".join(prose)
    assert text.count("<details") == text.count("</details>")
    assert "derivation</summary>" in text
    assert "What this equation says" in text
    assert "problems for paper" in text and "**Further reading.**" in text


# In a title these words are half of the answer: a title is read right below the stub.
ANSWERS = re.compile(
    r"\b(times|minus|plus|transpose|outer product|the mean over|sum over)\b|^dL/d\w+ is "
)


def titles_of(assignment):
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    for cell in notebook.cells:
        if cell.metadata.get("jupyter", {}).get("source_hidden") and cell.id != "setup":
            yield cell.id, ast.get_docstring(ast.parse(cell.source))


@pytest.mark.parametrize("assignment", ALL)
def test_the_title_of_a_test_does_not_tell_what_a_rung_asks_for(assignment):
    _, rungs, _ = read_assignment(assignment)
    titles = dict(titles_of(assignment))
    tell = [name for name in sorted(rungs) if ANSWERS.search(titles[f"test_{name}"])]
    assert tell == []


def test_a_title_that_answers_is_seen():
    assert ANSWERS.search("dL/dc is dL/df")
    assert ANSWERS.search("The gradient of cross-entropy: prediction minus label")
    assert not ANSWERS.search("dL/dV, all entries at once")


@pytest.mark.parametrize("assignment", ALL)
def test_code_that_shows_an_answer_is_folded(assignment):
    """Tests, figures (their titles say what one will see) and the checks of problems for paper."""
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    shows = {
        cell.id
        for cell in notebook.cells
        if cell.cell_type == "code" and (cell.id + "_").startswith(("figure_", "check_on_paper_"))
    }
    titles = dict(titles_of(assignment))
    assert "check_on_paper" in shows and shows <= titles.keys()


@pytest.mark.parametrize("assignment", ALL)
def test_a_drawn_network_is_seen_before_the_first_stub_without_running_anything(assignment):
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    first = next(
        i
        for i, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("solution")
    )
    pictures = [cell for cell in notebook.cells[:first] if cell.get("attachments")]
    assert pictures and "](attachment:" in pictures[0].source


# Where numbers can be dragged, by the explorable; each stands in an experiment cell's last line.
EXPLORABLES = {
    "00_wires": {"backward_pass"},
    "01_logistic": {"backward_pass", "two_losses"},
    "02_momentum": {"backward_pass", "momentum"},
    "03_relu_l2": {"backward_pass", "step_h"},
    "04_deep_mlp": {"backward_pass", "softmax"},
    "05_minibatch": {"backward_pass"},
    "06_graph": {"through_time"},
    "07_debug_the_notes": {"backward_pass"},
    "08_autodiff": {"backward_pass"},
}


@pytest.mark.parametrize("assignment", EXPLORABLES)
def test_an_explorable_has_its_place_and_its_picture(assignment):
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    shown = {}
    for cell in notebook.cells:
        if "experiment" in cell.metadata.get("tags", ()):
            last = ast.parse(cell.source).body[-1]
            if found := re.match(r"explore\.(\w+)\(", ast.unparse(last)):
                shown[cell.id] = found.group(1)
    assert set(shown.values()) == EXPLORABLES[assignment]
    reading = nbformat.read(SOLUTIONS / assignment / f"{assignment}.ipynb", as_version=4)
    for cell in reading.cells:
        if cell.id in shown:
            assert [sorted(output.data) for output in cell.outputs if "data" in output] == [
                [STATE, "image/png", "text/plain"]
            ]


@pytest.mark.parametrize("assignment", ALL)
def test_a_prediction_is_asked_for_before_at_least_half_of_the_figures(assignment):
    notebook, asked, prose = read_source(SOLUTIONS / assignment / f"{assignment}.py"), [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = cell.source
        elif "experiment" in cell.metadata.get("tags", ()) and DRAWN.search(cell.source):
            asked.append("**Before you" in prose)
            prose = ""  # a question is about the figure that follows it, not about the next one
    assert len(asked) >= 2
    assert sum(asked) >= len(asked) / 2


PLAIN_FORMULA = re.compile(r"[∂ΣΔδφσαθεγλ²]|\b(exp|log)\(|\b[a-zŷ]_[a-z0-9]\b")
RENDERED = re.compile(r"\$[^$]+\$|`[^`]*`|<code>.*?</code>", re.S)
HINT = re.compile(r"<details><summary>Hint (\d)[^<]*</summary>(.*?)</details>", re.S)


@pytest.mark.parametrize("assignment", ALL)
def test_formulas_in_hints_are_rendered(assignment):
    """A line must be empty after the summary: else Markdown, and so the formula, stays as it is."""
    _, _, prose = read_assignment(assignment)
    hints = [found for cell in prose for found in HINT.finditer(cell)]
    assert hints
    for hint in hints:
        assert not PLAIN_FORMULA.search(RENDERED.sub("", hint[2])), hint[0]
        if "$" in hint[2]:
            assert hint[2].startswith("\n\n"), hint[0]
