"""The class list: imported, extended, left; and who is graded, with all that found no place."""

import json
from datetime import datetime

import pytest

from autograder.cli.main import main
from autograder.collect.people import read_aliases
from autograder.course.class_list import read_class_list
from autograder.course.person import Person
from autograder.course.standing import read_extensions, read_withdrawn
from autograder.course.submissions import read_submission
from autograder.course.unplaced import unplaced
from autograder.errors import AutograderError
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.roll import call_roll
from tests.course.conftest import GOOD, NAME

ADA = Person("ada", "Ada", "Lovelace", "ada@example.org", "101")
LISTS = {
    "ours": "id,first_name,last_name,email,lms_user_id\nada,Ada,Lovelace,ada@example.org,101\n",
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (7)\n,,,,,\n"
    '"    Points Possible",,,,,40\n"Lovelace, Ada",101,u1,ada,A,3\n"Student, Test",9,,x,A,\n',
    "moodle": '"First name";"Last name";"Username";"Email address"\nAda;Lovelace;ada;ada@example.org\n',
    "gradescope": "First Name,Last Name,SID,Email,Role\nAda,Lovelace,ada,ada@example.org,Student\n"
    "Grace,Hopper,g,g@example.org,Instructor\n",
    "blackboard": "Last Name\tFirst Name\tUsername\tStudent ID\nLovelace\tAda\tada\t77\n",
    "emails": "Name,Email\nAda Lovelace,ada@example.org\n",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_class_lists_of_every_platform(tmp_path, name, encoding):
    path = tmp_path / "list.csv"
    path.write_bytes(LISTS[name].encode(encoding))
    (one,) = read_class_list(path)
    assert (one.id, one.first_name, one.last_name) == ("ada", "Ada", "Lovelace")
    assert one.email in ("ada@example.org", "") and one.lms_user_id in ("101", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour,size\nred,2\n", "no column that tells students apart"),
        ("id\nada\nada\n", "line 3: 'ada' is there twice"),
        ("id\n../x\n", "line 2: An id cannot hold /"),
        ("id,email\n,\n,\nx<y,\n", "line 4: The folder's name has"),
        ("PK\x03\x04", "spreadsheet"),
        ("id,first_name,last_name,email\nada,Ada,Lovelace, Jr.,a@b.c\n", "line 2: The row has 5"),
        ("id\n1.23457E+11\n", "line 2: '1.23457E.11' is a number that a spreadsheet has rounded"),
        ("id;email\n1,23457e+11;a@b.c\n", "line 2: '1,23457e.11' is a number"),
    ],
)
def test_a_list_that_does_not_fit_is_said_with_its_line(tmp_path, text, said):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(AutograderError, match=said):
        read_class_list(tmp_path / "list.csv")


def test_a_list_as_excel_saves_it(tmp_path):
    path = tmp_path / "list.csv"
    text = (
        'sep=;\r\nid; Vorname ;Nachname;E-Mail\r\n 007 ;Jürgen;"Müller; Dr.";j@uni.de;\r\n;;;\r\n'
    )
    path.write_bytes(text.encode("cp1252"))
    assert read_class_list(path) == [Person("007", "Jürgen", "Müller; Dr.", "j@uni.de")]


def test_the_tables_of_a_course_may_come_from_excel(course, tmp_path):
    """aliases, times and extensions as a German Excel saves them: another separator and encoding."""

    def save(name, text):
        (course.root / name).write_bytes(text.replace("\n", "\r\n").encode("cp1252"))

    save("aliases.csv", "name;student;\nJürgen (HiWi);jm;\n;;\n")
    assert read_aliases(course.root / "aliases.csv") == {"Jürgen (HiWi)": ("jm",)}
    save("collected.csv", f"student;assignment;time\njm;{NAME};2026-11-21 10:00:00 UTC\n")
    assert read_submission(course, NAME, "jm", NAME).timestamp == datetime(2026, 11, 21, 10)
    save("extensions.csv", f"assignment;student;until\n{NAME};jm;2026-11-23 10:00 UTC\n")
    assert read_extensions(course, NAME) == {"jm": datetime(2026, 11, 23, 10)}
    save("withdrawn.csv", "student;since\njm;2026-11-01\n")
    assert read_withdrawn(course) == {"jm": "2026-11-01"}
    save("withdrawn.csv", "who\njm\n")
    with pytest.raises(AutograderError, match="line 1: no column student, since; expected are"):
        read_withdrawn(course)


def test_one_person_is_entered_once_and_two_are_two(course, tmp_path, capsys):
    """An address in capitals is the same address; one that many share names nobody."""

    def enter(*texts):
        paths = [tmp_path / f"{number}.csv" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text("id,last_name,email\n" + text)
        return main(["roster", "import", str(course.root), *map(str, paths)])

    assert enter("ada,Lovelace,ada@uni.edu\nbob,Bing,office@uni.edu\n") == 0
    assert enter("u17,Lovelace,Ada@Uni.edu\nbob,Bing,office@uni.edu\ncem,Can,office@uni.edu\n") == 0
    assert enter("x1,One,bob2@uni.edu\n", "x2,Two,BOB2@uni.edu\n") == 0
    with Gradebook(course) as book:
        found = book.people()
    assert found.keys() == {"ada", "bob", "cem", "x1", "x2"}
    assert found["bob"].last_name == "Bing" and found["cem"].last_name == "Can"
    capsys.readouterr()
    assert enter("smith,Smith,smith@a.edu\n", "smith,Smith,smith@b.edu\n") == 2
    assert "'smith' has the address smith@b.edu here, and smith@a.edu" in capsys.readouterr().err
    with Gradebook(course) as book:
        assert "smith" not in book.people()


def test_import_keeps_ids_and_says_who_is_not_listed(course, tmp_path, capsys):
    with Gradebook(course) as book:
        book.add_people([Person("al", "A.", "L.", "ada@example.org"), Person("gone")])
    (tmp_path / "list.csv").write_text(LISTS["ours"])
    assert main(["roster", "import", str(course.root), str(tmp_path / "list.csv")]) == 0
    said = capsys.readouterr().out
    assert "0 students entered, 1 brought up to date" in said and "gone" in said
    with Gradebook(course) as book:
        assert book.people()["al"] == Person("al", "Ada", "Lovelace", "ada@example.org", "101")
        assert book.people().keys() == {"al", "gone"}


def test_extensions_count_and_can_be_taken_back(course, hand_in, grade, book, capsys):
    from nbgrader.api import Gradebook as Nbgrader

    root = str(course.root)
    for student in ("ada", "bob"):
        path = hand_in(student, **GOOD)
        path.with_name("timestamp.txt").write_text("2026-11-22 10:00:00 UTC")
    grade()
    with Nbgrader(course.db_url) as theirs:
        theirs.update_or_create_assignment(NAME, duedate="2026-11-20 23:59:00")
    with open(course.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    assert main(["export", root, NAME]) == 0

    def penalties():
        with Gradebook(type(course).open(root)) as fresh:
            fresh.assign_late_penalties(NAME)
            return {s: entry.penalty for s, entry in fresh.entries(NAME).items()}

    assert penalties() == {"ada": 5.0, "bob": 5.0}
    assert main(["roster", "extend", root, NAME, "ada", "--days", "3"]) == 0
    assert "2026-11-23 23:59:00 UTC" in capsys.readouterr().out
    assert penalties() == {"ada": 0.0, "bob": 5.0}
    with Nbgrader(course.db_url) as theirs:
        assert theirs.find_submission(NAME, "ada").total_seconds_late == 0
    assert main(["roster", "extend", root, NAME, "ada", "--undo"]) == 0
    assert penalties() == {"ada": 5.0, "bob": 5.0}
    assert main(["roster", "extend", root, NAME, "ada", "--until", "tomorrow"]) == 2
    assert main(["roster", "extend", root, NAME, "eve", "--days", "1"]) == 2
    err = capsys.readouterr().err
    assert "'tomorrow' is no time" in err and "eve is not in the gradebook" in err


def test_who_has_left_is_graded_and_exported_no_more(course, hand_in, grade, capsys):
    hand_in("ada", **GOOD)
    hand_in("bob", **GOOD)
    grade()
    assert main(["roster", "withdraw", str(course.root), "bob"]) == 0
    assert call_roll(course, NAME).students == ["ada"] and call_roll(course, NAME).withdrawn == [
        "bob"
    ]
    assert main(["export", str(course.root), NAME]) == 0
    assert main(["export", str(course.root), NAME, "--format", "moodle"]) == 0
    exports = course.root / "exports"
    assert '"bob"' not in (exports / f"{NAME}-moodle.csv").read_text()
    (row,) = (r for r in (exports / f"{NAME}.csv").read_text().splitlines() if '"bob"' in r)
    assert '"withdrawn"' in row and ",5" not in row.split('"withdrawn"')[0].split(NAME)[1]
    assert "Withdrawn, left out: 1" in capsys.readouterr().err
    assert main(["roster", "withdraw", str(course.root), "bob", "--undo"]) == 0
    assert call_roll(course, NAME).students == ["ada", "bob"]
    assert main(["roster", "show", str(course.root)]) == 0
    assert "2 students, 0 of them withdrawn" in capsys.readouterr().out


def test_nobody_becomes_a_student_by_the_name_of_a_folder(course, hand_in, capsys):
    hand_in("stranger", **GOOD)
    assert main(["grade", str(course.root), NAME]) == 1
    said = capsys.readouterr().out
    assert "submitted/stranger: no student of that id" in said and "roster import" in said
    with Gradebook(course) as book:
        assert book.people() == {} and book.entries(NAME) == {}
    roll = call_roll(course, NAME, enrol=True)
    assert roll.students == ["stranger"] == roll.enrolled and not roll.left
    assert call_roll(course, NAME).students == ["stranger"]


def test_what_found_no_place_is_named(course, hand_in):
    path = hand_in("ada", **GOOD)
    root, data = course.path("submitted"), path.read_bytes()
    places = {
        "loose.ipynb": "loose.ipynb is no student's folder",
        "submissions.zip": "submissions.zip is no student's folder",
        f"bob/{NAME}.ipynb": f"bob/{NAME}.ipynb lies next to the assignments' folders",
        f"{NAME}/cem/{NAME}.ipynb": "levels are exchanged",
        f"dee/01-Tiny/{NAME}.ipynb": f"dee/01-Tiny is no assignment .* {NAME} may be meant",
        f"eve/{NAME} (1)/x.ipynb": f"{NAME} may be meant",
        f"fay/{NAME}/{NAME}/{NAME}.ipynb": "lies too deep",
    }
    for place in places:
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(data)
    for junk in (".DS_Store", "Desktop.ini", "ada/.ipynb_checkpoints/x.ipynb", "__MACOSX/._ada"):
        (root / junk).parent.mkdir(parents=True, exist_ok=True)
        (root / junk).write_bytes(b"")
    found = unplaced(course, NAME)
    assert len(found) == len(places), found
    for said in places.values():
        assert any(__import__("re").search(said, line) for line in found), said


def test_the_command_names_it_with_exit_code_1(course, hand_in, capsys):
    """Although everybody else is graded."""
    path = hand_in("ada", **{**GOOD, "double": "def double(x):\n    return 2 * x"})
    notebook = json.loads(path.read_text())
    (course.path("submitted") / "bob").mkdir()
    (course.path("submitted") / "bob" / f"{NAME}.ipynb").write_text(json.dumps(notebook))
    assert main(["grade", str(course.root), NAME, "--enrol", "--jobs", "1"]) == 1
    said = capsys.readouterr().out
    assert "Not graded, as it has no place: 1" in said and f"submitted/bob/{NAME}.ipynb" in said
