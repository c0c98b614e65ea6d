"""Hostile outputs and Markdown in a real browser, through every tool that shows a notebook."""

import json
import os
import subprocess
import sys

import pytest

from autograder.grading.run import grade_class
from autograder.reports.feedback import write_pages
from tests.browser.conftest import hand_in, path_with_venv
from tests.course.conftest import GOOD, NAME
from tests.threats.hostile_outputs import MARKDOWN, OUTPUTS, PNG, RUN

LINKS = """
return [...document.querySelectorAll("a[href], area[href], form[action]")]
  .map(e => e.href || e.action).filter(h => !/^(https?|mailto|file):/.test(h))
"""
REQUESTS = "return performance.getEntriesByType('resource').map(e => e.name)"
SIZES = "return [...document.images].map(i => i.naturalWidth)"


@pytest.fixture(scope="module")
def mallory(classroom):
    """A graded student whose answers, own cells and outputs are all hostile."""
    hand_in(classroom, "mallory", **GOOD, why="\n\n".join(MARKDOWN))
    path = classroom.path("submitted", "mallory", NAME) / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    shown = [one for one in OUTPUTS if one.get("data") and one.get("metadata") is not None]
    code = "from IPython.display import display\n" + "\n".join(
        f"display({one['data']!r}, raw=True, metadata={one['metadata']!r})" for one in shown
    )
    cell = {"metadata": {}, "outputs": OUTPUTS, "execution_count": None, "cell_type": "code"}
    notebook["cells"] += [{**cell, "id": "shown", "source": code}]
    notebook["cells"] += [
        {"cell_type": "markdown", "id": f"m{number}", "metadata": {}, "source": text}
        for number, text in enumerate(MARKDOWN)
    ]
    path.write_text(json.dumps(notebook))
    grade_class(classroom, NAME, ["mallory"], jobs=1)
    return classroom.path("autograded", "mallory", NAME) / f"{NAME}.ipynb"


def check(browser, address):
    """Nothing of a student's ran, leads to a script or was asked for."""
    browser.get(address)
    assert browser.execute_script("return window.owned === undefined"), address
    assert browser.execute_script(LINKS) == []
    asked = browser.execute_script(REQUESTS)
    assert not [one for one in asked if "127.0.0.1:9/" in one or one.endswith("/x")], asked
    assert RUN in browser.find_element("tag name", "body").text, "what was written is there as text"


def test_the_payloads_run_where_nothing_stops_them(chromium, tmp_path):
    raw = tmp_path / "raw.html"
    raw.write_text(f"<body><img src='data:image/png;base64,{PNG}' width=1 onload={RUN}></body>")
    chromium.get(raw.as_uri())
    assert chromium.execute_script(
        "return new Promise(r => setTimeout(() => r(window.owned), 200))"
    )


def test_our_page(chromium, classroom, mallory):
    written, _ = write_pages(classroom, NAME, ["mallory"])
    check(chromium, written[0].as_uri())


@pytest.mark.parametrize(
    "form",
    [
        "html --template classic",
        pytest.param("slides", marks=pytest.mark.soak),
        pytest.param("html --template lab", marks=pytest.mark.soak),
    ],
)
def test_nbconvert(chromium, classroom, mallory, tmp_path, form):
    words = ["--to", *form.split(), "--output-dir", str(tmp_path), "--output", "page"]
    command = [sys.executable, "-m", "nbconvert", *words, str(mallory)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (page,) = tmp_path.glob("page*.html")
    check(chromium, page.as_uri())
    assert any(size == 2 for size in chromium.execute_script(SIZES)), "the picture is there"


@pytest.mark.soak
def test_generate_feedback(chromium, classroom, mallory, tmp_path):
    homes = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", NAME, "--force"],
        cwd=classroom.root,
        env={**os.environ, **homes, "PATH": path_with_venv()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    check(chromium, (classroom.path("feedback", "mallory", NAME) / f"{NAME}.html").as_uri())


@pytest.mark.soak
def test_formgrader(chromium, lab, classroom, mallory):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(classroom.root / "gradebook.db")) as db, db:
        (row,) = db.execute(
            "select n.id from submitted_notebook n join submitted_assignment a "
            "on a.id = n.assignment_id where a.student_id = 'mallory'"
        ).fetchall()
    chromium.get(lab.at("lab"))
    check(chromium, lab.at(f"formgrader/submissions/{row[0]}/"))
