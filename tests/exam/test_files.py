"""What lies next to a notebook is there for its cells, on the side that may see it."""

import json

import pytest

from autograder.exam import Limits, examine
from autograder.notebook.side_files import Files, modules
from autograder.result import COULD_NOT_RUN, DOUBTED, GRADED
from autograder.sandbox.launch import SandboxError, choose
from tests.exam.test_exam import cell, notebook

CELLS = [
    (
        "given",
        "setup",
        "import os\nimport utils\nfrom helpers.text import shout\n"
        "table = open('data/prices.csv').read()\n"
        "assert utils.VALUE == 7",
    ),
    (
        "solution",
        "total",
        "def total():\n    ### BEGIN SOLUTION\n"
        "    rows = open('data/prices.csv').read().split()\n"
        "    return sum(map(int, rows)) + utils.VALUE\n    ### END SOLUTION",
    ),
    (
        "test",
        "test_total",
        '"""The sum of a file"""\n'
        "right = sum(map(int, open('data/prices.csv'))) + utils.VALUE\n"
        "assert total() == right\n"
        "assert table == '1\\n2\\n' and shout('a') == 'A'",
    ),
    (
        "solution",
        "seen",
        "def seen():\n    ### BEGIN SOLUTION\n    return sorted(os.listdir('.'))\n"
        "    ### END SOLUTION",
    ),
    (
        "test",
        "test_seen",
        '"""The examiner sees the course\'s files only"""\n'
        "found = sorted(set(os.listdir('.')) - {'__pycache__'})\n"
        "assert found == ['data', 'helpers', 'utils.py'], found\n"
        "_ = open('left.txt', 'w').write('by a check')",
    ),
]
SOURCE = notebook([cell(*row) for row in CELLS])
COURSE = {
    "data/prices.csv": b"1\n2\n",
    "utils.py": b"VALUE = 7\n",
    "helpers/text.py": b"def shout(text):\n    return text.upper()\n",
}
FULL = [1.0, 1.0]
TIERS = ("none", "landlock", "bwrap")


@pytest.fixture(params=TIERS)
def tier(request):
    try:
        return choose(request.param)
    except SandboxError as error:
        pytest.skip(str(error))


def handed_in(extra="", **texts):
    cells = [cell(kind, name, texts.get(name, text)) for kind, name, text in CELLS]
    if extra:
        own = {
            "cell_type": "code",
            "id": "own",
            "metadata": {},
            "source": extra,
            "outputs": [],
            "execution_count": None,
        }
        cells.insert(1, own)
    return json.dumps(notebook(cells)).encode()


def grade(
    data=None,
    student=(),
    *,
    course=COURSE,
    source=SOURCE,
    isolation="none",
    strict=False,
    **options,
):
    files = Files(course, dict(student), **options)
    return examine(source, data or handed_in(), isolation=isolation, files=files, strict=strict)


def scores(result):
    return [check.score for check in result.checks]


def printed(result):
    own = next(one for one in result.notebook["cells"] if one["id"].startswith("own"))
    return "".join(output.get("text", "") for output in own["outputs"])


def test_data_and_modules_of_the_course_are_there_on_both_sides(tier):
    result = grade(isolation=tier)
    assert scores(result) == FULL and result.status == GRADED and result.flags == ()
    without = grade(course={}, isolation=tier)  # its own solution fails then, as in nbgrader
    assert scores(without) != FULL and DOUBTED[:-1] in "".join(without.flags)


def test_a_students_own_files_are_there_for_the_student_alone(tier):
    mine = {"mine.py": b"VALUE = 'my module'\n", "notes/a.txt": b"my notes"}
    result = grade(
        handed_in("import mine\nprint(mine.VALUE, open('notes/a.txt').read())"),
        mine,
        isolation=tier,
    )
    assert printed(result) == "my module my notes\n" and scores(result) == FULL


def test_the_courses_file_counts_where_a_student_has_one_of_that_name():
    forged = {
        "utils.py": b"VALUE = 8",
        "data/prices.csv": b"100",
        "helpers": b"no folder",
        "data/prices.csv/x": b"",
    }
    assert scores(grade(student=forged)) == FULL


def test_a_students_module_named_like_a_library_shadows_nothing(tier):
    names = ("numpy", "random", "csv", "statistics", "colorsys", "matplotlib", "mlpkit")
    mine = {f"{name}.py": b"raise RuntimeError('shadowed')" for name in names}
    result = grade(
        handed_in(f"import {', '.join(names)}\nprint(colorsys.__file__)"), mine, isolation=tier
    )
    assert scores(result) == FULL and "lib/python3" in printed(result)


def test_the_courses_module_wins_over_a_library_of_its_name():
    course = COURSE | {"colorsys.py": b"MINE = 5\n"}
    source = notebook(
        [
            cell("given", "setup", "import colorsys"),
            cell(
                "solution",
                "five",
                "def five():\n    ### BEGIN SOLUTION\n    return colorsys.MINE\n"
                "    ### END SOLUTION",
            ),
            cell("test", "test_five", "assert five() == colorsys.MINE"),
        ]
    )
    assert scores(grade(json.dumps(source).encode(), course=course, source=source)) == [1.0]


def test_what_one_submission_does_to_a_file_is_not_there_for_the_next(tier):
    spoil = (
        "open('data/prices.csv', 'w').write('spoilt')\nopen('utils.py', 'w').write('1 / 0')\n"
        "open('left.txt', 'w').write('x')\nprint(sorted(os.listdir('.')))"
    )
    spoilt = grade(handed_in("import os\n" + spoil), isolation=tier)
    assert scores(spoilt) == [0.0, 1.0]
    assert scores(grade(isolation=tier)) == FULL
    looks = grade(handed_in("print(sorted(os.listdir('.')))"), {"b.txt": b""}, isolation=tier)
    assert printed(looks) == "['b.txt', 'data', 'helpers', 'utils.py']\n"


def test_a_candidate_that_died_finds_the_files_as_they_were():
    dies = "open('data/prices.csv', 'a').write('\\n5')\nopen('half.txt', 'w')\nos._exit(3)"
    looks = "def seen():\n    return sorted(os.listdir('.'))\nprint(seen())"
    result = grade(handed_in(dies, seen=looks))
    assert scores(result) == FULL
    shown = next(one for one in result.notebook["cells"] if one["id"] == "seen")
    assert shown["outputs"][0]["text"] == "['data', 'helpers', 'utils.py']\n"


def test_the_files_of_another_assignment_are_gone():
    assert scores(grade()) == FULL
    source = notebook(
        [
            cell("given", "setup", "import os"),
            cell(
                "solution", "seen", "### BEGIN SOLUTION\nseen = os.listdir('.')\n### END SOLUTION"
            ),
            cell("test", "test_seen", "assert seen == ['b.csv'] and os.listdir('.') == ['b.csv']"),
        ]
    )
    assert scores(grade(json.dumps(source).encode(), source=source, course={"b.csv": b""})) == [1.0]


def test_a_check_never_reads_a_file_that_a_student_may_replace():
    """Else it would read the course's own, and everybody would pass."""
    source = notebook(
        [
            cell("given", "setup", "import os"),
            cell("solution", "use", "import answer\ndef use():\n    return answer.f()"),
            cell("test", "test_use", "assert use() == 5"),
            cell("test", "test_import", "import answer\nassert answer.f() == 5"),
        ]
    )
    data = json.dumps(source).encode()
    options = {
        "source": source,
        "course": {"answer.py": b"def f(): return 5"},
        "replaceable": frozenset(["answer.py"]),
        "strict": True,
    }
    assert scores(grade(data, **options)) == [1.0, None]
    assert scores(grade(data, {"answer.py": b"def f(): return 6"}, **options)) == [0.0, None]


def test_files_that_fill_the_limits_are_handed_over(tier):
    big = {"big.bin": bytes(31 * 2**20)}
    looks = handed_in("print(os.path.getsize('big.bin'), os.path.getsize('own.bin'))")
    result = grade(looks, {"own.bin": bytes(15 * 2**20)}, course=COURSE | big, isolation=tier)
    assert printed(result) == f"{31 * 2**20} {15 * 2**20}\n"
    assert scores(result) == [1.0, 0.0] or result.status == COULD_NOT_RUN  # big.bin is seen, too


def test_names_of_modules():
    assert modules({"utils.py": b"", "a/b/c.py": b"", "d/x.csv": b"", "e.txt": b""}) == {
        "utils",
        "a",
    }


def test_the_digest_is_of_names_contents_and_sides():
    found = [
        Files(),
        Files({"a": b"b"}),
        Files({"a": b"c"}),
        Files({"ab": b""}),
        Files({}, {"a": b"b"}),
        Files({"a": b"b"}, replaceable=frozenset("a")),
    ]
    assert len({files.digest for files in found}) == len(found)
    assert Files({"a": b"1", "b": b"2"}).digest == Files({"b": b"2", "a": b"1"}).digest


def test_limits_of_a_candidate_hold_what_may_be_handed_over():
    from autograder.course.side_files import MAX_COURSE_BYTES, MAX_FILES, MAX_STUDENT_BYTES
    from autograder.exam.protocol.bounds import MAX_FRAME

    most = MAX_COURSE_BYTES + MAX_STUDENT_BYTES
    limits = Limits()
    assert most < min(limits.scratch_size, MAX_FRAME) and limits.file_size > MAX_COURSE_BYTES
    assert limits.scratch_files > 4 * MAX_FILES
