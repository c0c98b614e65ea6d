"""Whose code is alike: copies in any dress are found, honest work and the course's own are not."""

import ast
import json
import random

import pytest
from nbformat import from_dict

from autograder.authoring.answer_bank import Answer, fill, read_variants
from autograder.authoring.installed import course_sources
from autograder.authoring.source import read_source
from autograder.cli.main import main
from autograder.course.person import Person
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.new_course import init
from autograder.similar.page import write_similar
from autograder.similar.pairs import Own, Pair, spanning
from tests.course.conftest import NAME
from tests.course.test_feedback import assert_inert

MOMENTUM = "02_momentum"


@pytest.fixture(scope="module")
def momentum():
    """The cells of 02_momentum: (the course's own, the reference's by id, variants by name)."""
    path = course_sources()[MOMENTUM]
    source = read_source(path)
    given = [cell.source for cell in source.cells if cell.cell_type == "code"]
    reference = {
        cell.id: cell.source
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    variants = {one.name: {**reference, **one.cells} for one in read_variants(path.parent, source)}
    return given, reference, variants


def alike(given, **students):
    own = Own({student: list(cells) for student, cells in students.items()}, given)
    return [(pair.one, pair.other) for pair in own.pairs()]


class Renamed(ast.NodeTransformer):
    """Every name that is the writer's own becomes another."""

    def __init__(self, text):
        tree = ast.parse(text)
        self.own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self.own |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    def visit_Name(self, node):
        return ast.Name(f"my_{node.id}" if node.id in self.own else node.id, node.ctx)

    def visit_arg(self, node):
        return ast.arg(f"my_{node.arg}")


def renamed(text):
    return ast.unparse(ast.fix_missing_locations(Renamed(text).visit(ast.parse(text))))


def commented(text):
    lines = [f"# now comes the next step\n\n{line}  # {len(line)}" for line in text.split("\n")]
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:  # a comment in a string of several lines
        return "# mine\n" + text
    return "\n".join(lines)


def reordered(cells):
    """Everything in one cell, the last function first."""
    return ["\n\n".join(reversed(cells))]


def disguised(cells):
    return reordered([commented(renamed(text)) for text in cells])


@pytest.mark.parametrize("disguise", [list, reordered, disguised], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ["einsum", "comprehensions", "preallocated", "rows"])
def test_a_copy_is_found_in_any_dress(momentum, name, disguise):
    given, _, variants = momentum
    cells = list(variants[name].values())
    others = {f"v{n}": v.values() for n, v in enumerate(variants.values()) if v != variants[name]}
    assert alike(given, ada=cells, bob=disguise(cells), **others) == [("ada", "bob")]


def test_a_copy_of_some_functions_is_found(momentum):
    given, _, variants = momentum
    one, other = variants["comprehensions"], variants["rows"]
    taken = [name for name in one if one[name] != other[name]]
    mixed = {**other, **{name: renamed(one[name]) for name in taken[::2]}}
    assert alike(given, ada=one.values(), bob=mixed.values()) == [("ada", "bob")]


def test_honest_work_is_not_alike(momentum):
    given, reference, variants = momentum
    everybody = {"reference": reference.values(), "same": reference.values()}
    everybody |= {name: cells.values() for name, cells in variants.items()}
    assert alike(given, **everybody) == []


def test_the_solution_in_other_words_is_the_courses(momentum):
    given, reference, _ = momentum
    cells = [renamed(text) for text in reference.values()]
    assert alike(given, ada=cells, bob=reordered(cells)) == []


def test_stubs_and_course_cells_count_nothing(momentum):
    given, _, _ = momentum
    assert alike(given, ada=given, bob=given) == []


def test_what_the_class_has_in_common_counts_little(momentum):
    given, reference, variants = momentum
    names = [name for name in reference if variants["einsum"][name] != reference[name]]
    common = {**reference, names[0]: variants["einsum"][names[0]]}
    everybody = {f"s{n}": common.values() for n in range(40)}
    assert alike(given, **everybody) == []
    # And yet a ring of ten that shares more than that, all of it, stands out.
    ring = {f"r{n}": variants["rows"].values() for n in range(10)}
    found = alike(given, **everybody, **ring)
    assert len(found) == 45 and {name for pair in found for name in pair} == set(ring)


def test_close_to_the_solution_two_choose_alike_by_chance(momentum):
    """Everybody writes the reference with operands exchanged at random: hardly a pair is named."""
    given, reference, _ = momentum

    class Exchange(ast.NodeTransformer):
        def visit_BinOp(self, node):
            self.generic_visit(node)
            if isinstance(node.op, ast.Add | ast.Mult) and draw.random() < 0.25:
                node.left, node.right = node.right, node.left
            return node

    draw = random.Random(4)
    students = {
        f"s{n}": [ast.unparse(Exchange().visit(ast.parse(t))) for t in reference.values()]
        for n in range(60)
    }
    assert len(alike(given, **students)) <= 2  # of 1770


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def f(:\n  x = = 3",
        "x = " + "+".join("1" * 3000),
        "(" * 300,
        "%%bash\nls",
        "\0",
        "\r\r",
    ],
)
def test_no_cell_stops_the_class(text):
    assert alike([], ada=[text], bob=[text + " "]) is not None


def test_broken_code_is_compared_by_its_words():
    text = "\n".join(f"value_{n} = (rate * {n} - bias [ {n}" for n in range(12))
    assert alike([], ada=[text], bob=["# my own\n" + text], eve=["x = ("]) == [("ada", "bob")]


def test_pairs_that_connect_a_group_are_shown():
    pairs = [Pair(*pair, 9.0, (1.0, 1.0)) for pair in ("ab", "ac", "bc", "de", "ce")]
    assert [pair.one + pair.other for pair in spanning(pairs)] == ["ab", "ac", "de", "ce"]


# With a course ---------------------------------------------------------------------------------

LONG = """\
def double(x):
    total = 0
    for step in range(2):
        if x > 0:
            total = total + abs(x)
        else:
            total = total - abs(x)
    return total
"""
HELPER = """\
def table(rows):
    found = {}
    for place, row in enumerate(rows):
        found.setdefault(row % 7, []).append(place * row - 1)
    return sorted(found.items(), key=lambda item: item[1])
"""


def test_the_page_shows_both_and_says_that_it_is_no_verdict(course, hand_in, capsys):
    hand_in("ada", double=LONG, extra=HELPER)
    hand_in("bob", double="# mine\n" + renamed(LONG), extra=renamed(HELPER))
    hand_in("eve", double="def double(x):\n    return x + x")
    hand_in("mia", double="def double(x):\n    return x + x")
    (course.path("submitted", "tim", NAME)).mkdir(parents=True)
    (course.path("submitted", "tim", NAME) / f"{NAME}.ipynb").write_text("broken")
    with Gradebook(course) as book:
        book.add_people([Person("ada", "Ada", "<b>Lovelace"), Person("bob")])
    assert main(["similar", str(course.root), NAME]) == 0
    printed = capsys.readouterr().out
    assert "ada, bob: 100%, 100%" in printed and "no verdict" in printed
    assert "Not compared: tim: " in printed and "eve" not in printed
    text = (course.root / "reports" / f"{NAME}-similar.html").read_text()
    page = assert_inert(text)
    assert "This is no verdict" in page.text and "Ada ‹b›Lovelace" in page.text
    assert "my_total" in page.text and 'class="hll"' in text
    assert "double" in page.text and "mia" not in page.text


def test_a_groups_one_submission_is_not_a_pair(course, hand_in):
    hand_in("ada", double=LONG, extra=HELPER)
    hand_in("bob", double=LONG, extra=HELPER)
    path = course.root / "out.html"
    assert len(write_similar(course, NAME, path).pairs) == 1
    version = {"number": 1, "digest": "d", "platform": "canvas", "label": "team_1_2_x.ipynb"}
    ledger = course.root / "collected" / f"{NAME}.json"
    ledger.parent.mkdir()
    ledger.write_text(json.dumps({"ada": [version], "bob": [version]}))
    assert write_similar(course, NAME, path).pairs == []
    # The same file from two uploads is no group's.
    ledger.write_text(json.dumps({"ada": [version], "bob": [{**version, "label": "other"}]}))
    assert len(write_similar(course, NAME, path).pairs) == 1


def test_two_identical_one_liners_of_a_whole_notebook_are_not_alike(tmp_path):
    course = init(tmp_path / "course")
    path = course_sources()[MOMENTUM]
    source = read_source(path)
    release = course.path("release", ".", MOMENTUM) / f"{MOMENTUM}.ipynb"
    notebook = from_dict(json.loads(release.read_text(encoding="utf-8")))
    rows = next(one for one in read_variants(path.parent, source) if one.name == "rows")
    for student, answer in {
        "ada": Answer("reference", "", frozenset(), "", {}),
        "bob": Answer("reference", "", frozenset(), "", {}),
        "eve": rows,
        "mia": rows,
    }.items():
        folder = course.path("submitted", student, MOMENTUM)
        folder.mkdir(parents=True)
        (folder / f"{MOMENTUM}.ipynb").write_text(json.dumps(fill(notebook, source, answer)))
    found = write_similar(course, MOMENTUM, tmp_path / "page.html")
    assert [(pair.one, pair.other) for pair in found.pairs] == [("eve", "mia")]
