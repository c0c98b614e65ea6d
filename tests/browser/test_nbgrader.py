"""nbgrader's own commands on a course directory of ours."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.browser.conftest import path_with_venv
from tests.course.conftest import NAME


@pytest.fixture
def nbgrader(classroom, tmp_path):
    """``nbgrader(words)`` runs a command in the course directory; returns what it printed."""
    homes = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words], cwd=classroom.root, text=True,
            env={**os.environ, **homes, "PATH": path_with_venv()},
            capture_output=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


def test_export_has_our_scores(nbgrader, classroom, tmp_path):
    nbgrader("export", "--to", str(tmp_path / "grades.csv"))
    head, *lines = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert head.endswith(",raw_score,late_submission_penalty,score,max_score")
    # From the end: nbgrader quotes nothing, and ada's name has a comma.
    ends = {line.split(",")[3]: line.split(",")[-4:] for line in lines}
    assert ends == {
        "ada": ["5.0", "0.0", "5.0", "10.0"],
        "eve": ["2.0", "0.0", "2.0", "10.0"],
        "zoe": ["0.0", "0.0", "0.0", "10.0"],  # nbgrader's own way with who handed nothing in
    }


def test_generate_feedback_writes_pages_with_our_scores_and_without_hidden_tests(
    nbgrader, classroom
):
    nbgrader("generate_feedback", NAME, "--force")
    for student, score in (("ada", "5.0"), ("eve", "2.0")):
        page = classroom.path("feedback", student, NAME) / f"{NAME}.html"
        text = page.read_text(encoding="utf-8")
        assert f"(Score: {score} / 10.0)" in text
        words = re.sub(r"<[^>]*>", "", text)
        assert "double(1) == 2" in words and "double(20)" not in words
        assert "<script>window.owned" not in text, "what eve wrote is text here"
        assert not re.search(r"<[^>]*onerror=", text)


def test_validate_knows_a_finished_notebook(nbgrader, classroom):
    path = classroom.path("submitted", "ada", NAME) / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != "extra"]
    mine = classroom.root / "mine.ipynb"
    mine.write_text(json.dumps(notebook))
    assert "Success" in nbgrader("validate", mine.name)
