"""Questions about one's own code: every answer is what happens when the change is really made."""

import csv
import json
import random
import re

import numpy as np
import pytest

from autograder.authoring import installed
from autograder.course.person import Person
from autograder.errors import ExamError
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import Batch
from autograder.grading.new_course import init
from autograder.questions import kinds
from autograder.questions.ask import QUESTIONS, Sheet, ask, changed
from autograder.questions.changes import Change, changes, chosen, differs, with_cell
from autograder.questions.probe import Probe
from autograder.questions.question import Question
from autograder.questions.sheets import write_questions
from autograder.questions.shown_code import shown_function, without_comments
from autograder.reports.pages import template
from autograder.result import FAILED, Result
from tests.course.test_feedback import assert_inert

NAME = "01_tiny"
CLASS = {
    "ada": {
        "double": "def double(x):\n    y = 3 * x  # ä\n    return y - x",
        "square": "def square(x):\n    return x ** 2",
    },
    "bob": {
        "double": "def double(x):\n    return x + x",
        "square": "def square(x):\n    a = -x\n    b = x * a\n    return -b",
    },
    "eve": {
        "double": "def double(x):\n    return 2 * x",
        "square": "def square(x):\n    return x * x + 1",
    },
}


@pytest.fixture
def asked(course, hand_in):
    """A class of three with its questions."""
    for student, cells in CLASS.items():
        hand_in(student, **cells)
    with Gradebook(course) as book:
        book.add_people(map(Person, CLASS))
    return write_questions(course, NAME, list(CLASS))


def sheets(course):
    for path in sorted((course.private() / "questions" / NAME).glob("*.json")):
        yield Sheet.from_json(path.read_text())


def test_every_key_holds_when_its_code_is_run_again(course, asked):
    assert asked.made == 3
    questions = 0
    with Gradebook(course) as book:
        batch = Batch(course, NAME, book, register=False)
        for sheet in sheets(course):
            for question in sheet.questions:
                if question.change is None:
                    continue
                submission = batch.read(sheet.student, NAME)
                old = CLASS[sheet.student][question.change.cell]
                data = changed(submission, question.change, old)
                again = examine(batch.sources[NAME], data, **batch.terms(submission))
                failed = {check.title for check in again.checks if check.status == FAILED}
                for title, fails in zip(question.options, question.right, strict=True):
                    assert (title in failed) == fails, (sheet.student, question)
                questions += 1
    assert questions >= 6


def test_a_sheet_shows_no_answer_and_nothing_hidden(course, asked):
    for student in CLASS:
        if student == "eve":
            continue  # one check of hers passes: there is nothing to choose
        text = (asked.folder / "sheets" / f"{student}.html").read_text()
        page = assert_inert(text)
        assert "Which fail then?" in page.text and "Twice a number" in page.text
        assert "Answer:" not in page.text and "☒" not in page.text and 'class="right"' not in text
        for hidden in ("double(20)", "-7", "another number", "negative numbers"):
            assert hidden not in text
    key = (asked.folder / "key.html").read_text()
    assert_inert(key)
    assert "Answer:" in key and "☒" in key
    assert "eve" in asked.missing and "ada" not in asked.missing


def test_sheets_are_kept_until_the_submission_changes_and_so_is_the_form(course, hand_in, asked):
    before = {path.name: path.read_bytes() for path in asked.folder.rglob("*.html")}
    form = asked.folder / "questions.csv"
    rows = list(csv.reader(form.read_text().splitlines()))
    rows[1][4:] = ["A", "1", "said it well"]
    with form.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    again = write_questions(course, NAME, list(CLASS))
    assert (again.made, again.kept) == (0, 3)
    assert {path.name: path.read_bytes() for path in asked.folder.rglob("*.html")} == before
    assert "said it well" in form.read_text()

    hand_in("ada", **CLASS["bob"])
    third = write_questions(course, NAME, list(CLASS))
    assert (third.made, third.kept) == (1, 2)
    assert "said it well" not in form.read_text()


def test_a_form_that_excel_saved_is_kept_and_what_finds_no_place_is_not_thrown_away(
    course, hand_in, asked
):
    form = asked.folder / "questions.csv"
    rows = list(csv.reader(form.read_text().splitlines()))
    rows[1][4:] = ["A", "0,5", "für sich"]
    with form.open("w", newline="", encoding="cp1252", errors="replace") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    write_questions(course, NAME, list(CLASS))
    assert "für sich" in form.read_text() and "0,5" in form.read_text()
    before = form.with_name("questions-before.csv")
    assert not before.exists()
    hand_in("ada", **CLASS["bob"])
    write_questions(course, NAME, list(CLASS))
    assert "für sich" not in form.read_text() and "für sich" in before.read_text()


def test_the_same_course_asks_the_same_and_another_secret_may_not(course, asked):
    first = [sheet.to_json() for sheet in sheets(course)]
    for path in (course.private() / "questions" / NAME).glob("*.json"):
        path.unlink()
    write_questions(course, NAME, list(CLASS))
    assert [sheet.to_json() for sheet in sheets(course)] == first


def test_a_change_replaces_one_expression_and_leaves_all_else_as_written():
    text = 'def f(X, W):\n    """Doc."""\n    h = np.tanh(X @ W.T)  # grüße\n    return 2*h . sum( axis=0 )'
    found = list(changes("nb", "f", text))
    assert {"matrix_products", "products"} <= {change.operator for change in found}
    for change in found:
        old, new = text.split("\n"), change.text.split("\n")
        assert [
            i for i, pair in enumerate(zip(old, new, strict=True), 1) if len(set(pair)) > 1
        ] == [change.line]
    one = next(change for change in found if change.after == "h = np.tanh(X @ W)")
    assert one.before == "h = np.tanh(X @ W.T)", "a comment may say the answer: it is not shown"
    assert "h = np.tanh(X @ W)  # grüße" in one.text


def test_only_what_makes_other_python_is_chosen():
    text = "def f(x):\n    return 2 * x"
    same = Change("nb", "f", "f", "o", 2, "", "", "def f(x):\n    return (2 * x)")
    broken = Change("nb", "f", "f", "o", 2, "", "", "def f(x):\n    return 2 * * x")
    found = list(changes("nb", "f", text))
    draw = random.Random(0)
    assert chosen([same, broken], {"nb": {"f": text}}, 5, draw) == []
    assert chosen([same, broken, *found], {"nb": {"f": text}}, 5, draw)[0] in found


def test_each_change_is_of_another_line_and_kinds_come_before_repeats():
    lines = ["a = x * y", "b = x + y", "c = x * y", "d = -x"]
    text = "def f(x, y):\n    " + "\n    ".join(lines)
    found = list(changes("nb", "f", text))
    for seed in range(20):
        picked = chosen(found, {"nb": {"f": text}}, 3, random.Random(seed))
        assert len({change.line for change in picked}) == 3
        assert len({change.operator for change in picked}) == 3
        assert all(differs(text, change.text) for change in picked)


def test_a_replaced_factor_binds_as_the_operator_meant():
    found = {
        change.after for change in changes("nb", "f", "def f(a, b, c):\n    return a * (b - c)")
    }
    assert "return a * (b + c)" in found
    found = {change.after for change in changes("nb", "f", "def f(a, b, c):\n    return c ** -a")}
    assert "return c ** a" in found or "return c ** (a)" in found


@pytest.mark.parametrize("end", ["\r\n", "\n\f"])
def test_lines_of_other_systems_are_changed_in_their_place(end):
    text = f"def f(x, y):{end}    'ä'{end}    return x * y{end}"
    found = list(changes("nb", "f", text))
    assert {change.line for change in found} == {3}
    assert all(differs(text, change.text) for change in found)


def test_an_exam_that_dies_costs_its_question_alone(course, hand_in):
    hand_in("bob", **CLASS["bob"])
    exams = []

    def dies_at_first(*args, **terms):
        exams.append(examine(*args, **terms))
        if len(exams) == 1:
            raise ExamError("the machine went away")
        return exams[-1]

    with Gradebook(course) as book:
        book.add_people([Person("bob")])
        batch = Batch(course, NAME, book, register=False)
        submission = batch.read("bob", NAME)
        before = examine(
            json.dumps(batch.sources[NAME]), submission.data, **batch.terms(submission)
        )
        sheet = ask(batch, "bob", {NAME: before}, dies_at_first)
    assert len(exams) > 1 and sheet.questions


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "def f(x):\r    'ä'\r    return x * 2\nääääääääää",
        "%matplotlib inline\n",
        "",
        "x = 1",
        "def f(): pass",
    ],
)
def test_what_cannot_be_changed_gives_no_change(text):
    assert list(changes("nb", "c", text)) == []


def test_a_file_without_the_cell_gives_none():
    assert with_cell(b"not json", "a", "b") is None
    assert with_cell(json.dumps({"cells": [{"source": ["x\n", "y"]}]}).encode(), "z", "b") is None
    data = with_cell(json.dumps({"cells": [{"source": ["x\n", "y"]}]}).encode(), "x\ny", "b")
    assert json.loads(data)["cells"][0]["source"] == "b"


def test_nobody_can_write_the_page(course):
    from autograder.reports import html

    evil = "<script>alert(1)</script>"
    change = Change("n", "c", evil, "o", 1, evil, evil, evil)
    questions = [
        Question("change", evil, (evil, "b"), (True, False), change=change, note=evil),
        Question("shape", evil, (evil, "b"), (True, False), evil, (evil,), evil),
        Question("convention", evil, (evil, "b"), (True, False), evil, (evil,), evil),
    ]
    text = template("questions.html.j2").render(
        sheets=[(Sheet(evil, "k", questions), evil)], key=True, letters="AB", assignment="a",
        code=html.code, code_style="",
    )  # fmt: skip
    assert_inert(text)


# Shapes, calls, conventions --------------------------------------------------------------------

LAYERS = '''\
# %% given id="setup"
import numpy as np

# %% solution id="squash"
def squash(z):
    """tanh of z, of any shape."""
    ### BEGIN SOLUTION
    return np.tanh(z)
    ### END SOLUTION

# %% test id="test_squash" points=1
"""The squashing function"""
assert squash(np.zeros(3)).shape == (3,)
### BEGIN HIDDEN TESTS
assert abs(squash(np.ones(4)) - np.tanh(1)).max() < 1e-9
### END HIDDEN TESTS

# %% solution id="scale"
def scale(z, by):
    """z by a number."""
    ### BEGIN SOLUTION
    return by * z
    ### END SOLUTION

# %% test id="test_scale" points=1
"""Scaling"""
for power in range(3):
    assert scale(2.0, 10.0**power) == 2 * 10**power
### BEGIN HIDDEN TESTS
assert scale(1.0, 7.0) == 7
### END HIDDEN TESTS

# %% solution id="gradient"
def gradient(W, V, X, y):
    """W (M, p), V (K, M), X (N, p), y (N,), labels. Returns (loss, dW), dW (M, p)."""
    ### BEGIN SOLUTION
    H = squash(X @ W.T)
    F = H @ V.T
    P = np.exp(F - F.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    loss = -np.log(P[np.arange(len(y)), y]).sum()
    D = P - np.eye(len(V))[y]
    dH = D @ V
    dS = dH * (1 - H**2)
    return loss, dS.T @ X
    ### END SOLUTION

# %% test id="test_gradient" points=3
"""The gradient"""
numbers = np.random.default_rng(0)
loss, dW = gradient(numbers.normal(size=(4, 2)), numbers.normal(size=(3, 4)), numbers.normal(size=(6, 2)), np.array([0, 1, 2, 0, 1, 2]))
assert dW.shape == (4, 2)
### BEGIN HIDDEN TESTS
assert gradient(np.zeros((4, 2)), np.zeros((3, 4)), np.ones((6, 2)), np.zeros(6, int))[0] > 6.5
### END HIDDEN TESTS
'''
OWN = {
    "gradient": """\
def gradient(W, V, X, y):
    H = squash(X @ W.T)  # (N, M)
    F = H @ V.T
    P = np.exp(F - F.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    loss = -np.log(P[np.arange(len(y)), y]).sum()
    D = P - np.eye(len(V))[y]
    dH = D @ V
    dS = dH * (1 - H**2)
    return loss, dS.T @ X""",
    "scale": "def scale(z, by):\n    return by * z",
    "squash": "def squash(z):\n    return np.tanh(z)",
}
SIZED = "02_layers"


@pytest.fixture(scope="module")
def sized(tmp_path_factory):
    """A course with matrices, and a class of four with its questions; two share all their code."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / SIZED).mkdir()
    (folder / SIZED / f"{SIZED}.py").write_text(LAYERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installed, "course_files", lambda: folder)
        course = init(tmp_path_factory.mktemp("sized") / "course")
    release = (course.path("release", ".", SIZED) / f"{SIZED}.ipynb").read_text()
    for student in ("ada", "bob", "eve"):
        notebook = json.loads(release)
        for cell in notebook["cells"]:
            cell["source"] = OWN.get(cell["id"], cell["source"])
        place = course.path("submitted", student, SIZED)
        place.mkdir(parents=True)
        (place / f"{SIZED}.ipynb").write_text(json.dumps(notebook))
    with Gradebook(course) as book:
        book.add_people(map(Person, ("ada", "bob", "eve")))
    write_questions(course, SIZED, ["ada", "bob", "eve"])
    return course


def sized_sheets(course):
    for path in sorted((course.private() / "questions" / SIZED).glob("*.json")):
        yield Sheet.from_json(path.read_text())


def run_here(text, *names):
    """The functions of a course's own student, run here; what they leave under ``names``."""
    space = {"np": np}
    exec("\n\n".join(OWN[name] for name in ("squash", "scale")), space)
    exec(text, space)
    return [space[name] for name in names]


def arguments(lead):
    """Numbers of the shapes that a sheet names."""
    numbers = np.random.default_rng(1)
    shapes = {name: eval(shape) for name, shape in re.findall(r"(\w+) (\([\d, ]+\))", lead)}
    given = {name: numbers.normal(size=shape) for name, shape in shapes.items()}
    given["y"] = numbers.integers(0, len(given["V"]), shapes["y"])
    return given


def test_every_sheet_has_the_same_kinds_and_as_many_options(sized):
    for sheet in sized_sheets(sized):
        found = [question.kind for question in sheet.questions]
        assert found == ["change", "shape", "calls", "convention"] and len(found) == QUESTIONS
        for question in sheet.questions[1:]:
            assert len(set(question.options)) == 4 and any(question.right)
            assert not all(question.right)


def test_the_shape_that_is_said_is_the_shape(sized):
    for sheet in sized_sheets(sized):
        question = next(one for one in sheet.questions if one.kind == "shape")
        given = arguments(question.lead)
        name = re.search(r"does (\w+) have after the line (.*) \(the first time\)", question.ask)
        body = OWN["gradient"].split("\n")
        line = next(n for n, text in enumerate(body) if name[2] in text)
        cut = "\n".join([*body[: line + 1], f"    return {name[1]}"])
        (function,) = run_here(cut, "gradient")
        right = [str(function(**given).shape) == option for option in question.options]
        assert tuple(right) == question.right


def test_the_line_for_another_convention_is_the_line(sized):
    for sheet in sized_sheets(sized):
        question = next(one for one in sheet.questions if one.kind == "convention")
        size = int(found[1]) if (found := re.search(r"divided by (\d+)", question.lead)) else 0
        factors = {"by -1.": -1, "by 2.": 2, "by 1/2.": 0.5, f"by {size}.": 1 / max(size, 1)}
        factor = next(value for end, value in factors.items() if question.lead.endswith(end))
        place = 0 if "its first result" in question.lead else 1
        n = size or 9
        given = arguments(f"W (4, 2), V (3, 4), X ({n}, 2), y ({n},)")
        (before,) = run_here(OWN["gradient"], "gradient")
        for option, right in zip(question.options, question.right, strict=True):
            left, equals, value = option.rpartition(" = ")
            head = left + equals if equals else "return "
            value = value if equals else option.removeprefix("return ")
            text = without_comments(OWN["gradient"]).replace(option, f"{head}{factor} * ({value})")
            (after,) = run_here(text, "gradient")
            try:
                with np.errstate(all="ignore"):
                    same = np.allclose(after(**given)[place], factor * before(**given)[place])
            except TypeError:  # a number times the two results
                same = False
            assert same == right, option


def test_calls_are_counted_in_the_visible_part_alone(sized):
    question = next(one for one in next(sized_sheets(sized)).questions if one.kind == "calls")
    right = question.options[question.right.index(True)]
    counts = {"scale": "3 times", "squash": "once", "gradient": "once"}
    for part in right.split(", "):
        name, _, count = part.partition(" ")
        assert counts[name] == count
    assert "7.0" not in "".join(question.shown)


CHAIN = """\
def chain(params, x, eps=0.5):
    s = params["W"] @ x
    h = np.tanh(s)
    mask = s > 0
    b = 2 * params["b"]
    f = h.sum() + b.sum()
    gain = eps * 2
    return f * gain"""
SCALARS = """\
def gates(x, y, z):
    q = x + y
    m = max(y, z)
    f = q * z
    return f + m"""


@pytest.fixture
def seen():
    """``seen(text, *arguments)``: what the probe finds of a function that is called once."""

    def watch(text, *arguments, size=7, what="depends"):
        space = {"np": np}
        watcher = Probe({"cell": text}, size)
        exec(compile(text, "<ipython-input-1>", "exec"), space)
        name = next(iter(watcher.functions))
        watcher.watch()
        try:
            space[name](*arguments)
        finally:
            found = watcher.facts(space)
        return found["values" if what == "values" else "depends"], space

    return watch


def test_which_lines_depend_on_an_argument_is_what_they_depend_on(seen):
    numbers = np.random.default_rng(0)
    params = {"W": numbers.normal(size=(4, 3)), "b": numbers.normal(size=4)}
    found, _ = seen(CHAIN, params, numbers.normal(size=3))
    s, h, b, f, gain = 2, 3, 5, 6, 7  # line 4 gives truth values, and is left out
    right = {"params['W']": {s, h, f}, "params['b']": {b, f}, "x": {s, h, f}, "eps": {gain}}
    assert {fact["name"]: {n for n, yes in fact["lines"] if yes} for fact in found} == right
    assert all([n for n, _ in fact["lines"]] == [s, h, b, f, gain] for fact in found)


def test_of_whole_numbers_the_answer_is_that_of_the_numbers_that_are_shown(seen):
    """max(y, z) is z, and stays it while y is less."""
    names = set()
    for size in range(20):
        found, _ = seen(SCALARS, -2, 5, 9, size=size)
        for fact in found:
            names.add(fact["name"])
            values = dict(zip("xyz", (-2, 5, 9), strict=True))
            before = [values["x"] + values["y"], max(values["y"], values["z"])]
            before.append(before[0] * values["z"])
            values[fact["name"]] = int(fact["now"])
            after = [values["x"] + values["y"], max(values["y"], values["z"])]
            after.append(after[0] * values["z"])
            changed = [one != other for one, other in zip(before, after, strict=True)]
            assert [yes for _, yes in fact["lines"]] == changed, fact
    assert names == {"x", "y", "z"}


def test_who_takes_no_argument_is_not_called_again(seen):
    """It may be slow, and the time is shared by all functions."""
    _, space = seen("calls = []\ndef f():\n    a = 1\n    calls.append(a)\n    b = a\n    return b")
    assert space["calls"] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "def f(n, x):\n    a = x[n]\n    b = 2 * x\n    c = b + 1\n    return a * c",  # no such index
        "def f(x, y):\n    return x * y",  # no line to choose
        "def f(n, x):\n    while n == 2:\n        n = 0 * n\n        x = x + 1\n    return x",
    ],
)
def test_where_other_numbers_do_not_fit_nothing_is_asked_of_them(seen, text):
    found, _ = seen(text, 2, np.arange(3.0))
    assert all(fact["name"] != "n" for fact in found)


def test_dependence_stands_in_where_another_kind_is_missing(seen):
    """A sheet has three kinds also where nothing is to be said of shapes, calls and conventions."""
    depends, _ = seen(SCALARS, -2, 5, 9)
    source = json.loads(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    for seed in range(10):
        (question,) = kinds.asked(
            "nb", {"cell": SCALARS}, {"depends": depends}, Result("", "", "graded"), source,
            random.Random(seed),
        )  # fmt: skip
        assert question.kind == "depends" and len(set(question.options)) == 3
        assert any(question.right) and not all(question.right)
        assert re.search(r"x = -2, y = 5, z = 9, and once more with [xyz] = \d", question.lead)


RULE = "def rule(A, B, scale=2.0):\n    return scale * A @ B, B.T / 2"


def test_the_value_that_is_said_is_what_the_call_returns(seen):
    shown, leads = set(), set()
    for size in range(5, 25):
        facts, space = seen(RULE, np.ones((5, 3)), np.ones((3, 4)), size=size, what="values")
        (question,) = kinds.asked(
            "nb", {"cell": RULE}, {"values": facts}, Result("", "", "graded"),
            {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, random.Random(size),
        )  # fmt: skip
        given = dict(re.findall(r"(\w+) = (.*?)(?=, \w+ = |\.$)", question.lead))
        values = [np.array(eval(given[name]), float) for name in ("A", "B", "scale")]
        result = space["rule"](*values)["second" in question.ask]
        right = [np.array_equal(eval(option), np.round(result, 3)) for option in question.options]
        assert tuple(right) == question.right and sum(right) == 1
        shown.add(right.index(True))
        leads.add(question.lead)
        options = [np.array(eval(option)) + 0.0 for option in question.options]
        assert {str(one.tolist()) for one in options} == {
            str((0.0 - one).tolist()) for one in options
        }, "by its sign no option can be told"
    assert len(shown) > 2 and len(leads) > 10


@pytest.mark.parametrize(
    "text",
    ["def f(x):\n    return 'a'", "def f(x):\n    return x * 0", "def f(x):\n    return x / 0"],
)
def test_what_is_no_small_number_is_not_asked_for(seen, text):
    with np.errstate(all="ignore"):
        facts, _ = seen(text, np.ones(3), what="values")
    assert facts == []


def test_students_who_share_a_question_get_other_numbers(sized):
    leads = [
        next(one for one in sheet.questions if one.kind == "shape").lead
        for sheet in sized_sheets(sized)
    ]
    assert len(set(leads)) == len(leads)
    assert all(size not in lead for lead in leads for size in ("(6,", "(6, "))  # the notebook's own


def test_comments_that_say_the_answer_are_not_shown(sized):
    for path in (sized.root / "questions" / SIZED / "sheets").glob("*.html"):
        assert "(N, M)" not in assert_inert(path.read_text()).text
    text = 'def f(x):\n    """Doc # no comment."""\n    # shape (3,)\n    return x["#"]  # (3,)'
    assert shown_function(text, "f") == 'def f(x):\n    return x["#"]'


@pytest.mark.parametrize(
    "facts",
    [
        {"shapes": [{"cell": "gradient", "function": 3, "line": "x"}]},
        {"shapes": 7, "segments": [], "inside": {"a": 1}, "conventions": "no"},
        {"shapes": [{"cell": "gradient", "function": "gradient", "line": 2, "name": "H",
                     "shape": [9e99, "<script>"], "old": None, "others": [], "given": ""}]},
        {"values": [{"cell": "gradient", "function": "gradient", "given": "", "part": "", "value": v}
                    for v in ("<script>", [[]], [[1], [2, 3]], 1e999, {"a": 1}, [True])]},
        {"depends": [{"cell": "gradient", "function": "gradient", "lines": [[2, 1], "x"]}]},
        {"depends": [{"cell": "gradient", "function": [], "name": 1, "lines": [[2, True], [3, 0]]}]},
        {"conventions": [{"cell": [], "function": "f", "lines": [[1, True]], "factor": "x"}]},
        {},
    ],
)  # fmt: skip
def test_facts_that_a_student_forged_are_left(sized, facts):
    source = json.loads((sized.path("source", ".", SIZED) / f"{SIZED}.ipynb").read_text())
    result = Result("", "", "graded")
    assert kinds.asked(SIZED, OWN, facts, result, source, random.Random(0)) == []
