"""Formgrader and a student's notebook, by hand, in JupyterLab on our course directory."""

import pytest

from autograder.gradebook.gradebook import Gradebook
from autograder.grading.run import grade_class
from tests.browser.conftest import wait_for
from tests.course.conftest import NAME

STUDENTS = ("ada", "eve")


class Reader:
    """Somebody who looks at a page and clicks on what is there."""

    def __init__(self, browser):
        self.browser = browser

    def see(self, xpath):
        """The first visible element, once there is one."""
        from selenium.common.exceptions import StaleElementReferenceException

        def look():
            found = self.browser.find_elements("xpath", xpath)
            try:
                return next((element for element in found if element.is_displayed()), None)
            except StaleElementReferenceException:
                return None

        return wait_for(look, xpath)

    def click(self, xpath):
        from selenium.common.exceptions import WebDriverException

        def press():
            try:
                self.see(xpath).click()
                return True
            except WebDriverException:  # moved, or still covered by what is drawn over it
                return False

        wait_for(press, xpath)


@pytest.fixture
def reader(chromium):
    yield Reader(chromium)
    chromium.get("about:blank")


def scores(course):
    """What the gradebook has: student -> check -> marks."""
    with Gradebook(course) as book:
        entries = book.entries(NAME)
    return {student: {cell: m for (_, cell), m in entries[student].marks.items()}
            for student in STUDENTS}  # fmt: skip


def is_inert(reader):
    """Whether the student's script has not run in the page that is open, the answer being there."""
    reader.see("//input[@id='why']")
    return reader.browser.execute_script("return window.owned === undefined")


def test_a_person_grades_the_written_question_in_formgrader(lab, reader, classroom, tmp_path):
    before = scores(classroom)
    reader.browser.get(lab.at("lab"))
    reader.click("//*[contains(@class, 'lm-MenuBar-itemLabel')][.='Nbgrader']")
    reader.click("//*[contains(@class, 'lm-Menu-itemLabel')][.='Formgrader']")
    reader.browser.switch_to.frame(reader.see("//iframe"))
    reader.click("//a[.='Manual Grading']")
    reader.click(f"//table//a[.='{NAME}']")
    reader.click(f"//table//a[.='{NAME}']")  # the assignment's notebook
    reader.click("//table//a[.='Submission #1']")  # nbgrader hides the name

    def shown(cell):
        box = reader.see(f"//input[@id='{cell}']")
        return float(wait_for(lambda: box.get_attribute("placeholder"), f"the score of {cell}"))

    theirs = {"test_double": shown("test_double"), "test_square": shown("test_square")}
    fits = [
        student
        for student, marks in before.items()
        if all(marks[cell].auto == value for cell, value in theirs.items())
    ]
    assert len(fits) == 1, f"formgrader shows {theirs}, the gradebook has {before}"
    assert is_inert(reader)
    box = reader.see("//input[@id='why']")
    box.send_keys("4", "\t")
    wait_for(lambda: scores(classroom)[fits[0]]["why"].manual == 4.0, "the gradebook")
    reader.browser.save_screenshot(str(tmp_path / "formgrader.png"))
    assert not scores(classroom)[fits[0]]["why"].needs_person
    reader.click("//a[contains(., 'Next')]")
    wait_for(lambda: "Submission #2" in reader.see("//body").text, "the other submission")
    assert is_inert(reader), "one of the two is eve's, who would run a script here"

    (classroom.private() / "seed").write_text("another\n")  # so that everybody is run again
    run = grade_class(classroom, NAME, list(STUDENTS), jobs=1)
    assert run.examined == 2
    after = scores(classroom)
    assert after[fits[0]]["why"].manual == 4.0 and after[fits[0]]["why"].score == 4.0
    assert after[fits[0]]["test_double"] == before[fits[0]]["test_double"]


@pytest.mark.soak  # a second JupyterLab where the tests are shared out to two processes
def test_an_assignment_is_opened_and_a_cell_is_run(lab, reader, tmp_path):
    reader.browser.get(lab.at(f"lab/tree/release/{NAME}/{NAME}.ipynb"))
    reader.see("//h1[contains(., 'Tiny: two functions')]")
    reader.see("//*[contains(@class, 'jp-NotebookPanel')]//*[contains(., 'Python 3')]")
    reader.click("//*[contains(@class, 'lm-MenuBar-itemLabel')][.='Run']")
    reader.click("//*[contains(@class, 'lm-Menu-itemLabel')][starts-with(., 'Run All Cells')]")
    error = reader.see("//*[contains(@class, 'jp-OutputArea')]//pre[contains(., 'Error')]")
    wait_for(lambda: "NotImplementedError" in error.text, "the stub's own error")
    reader.browser.save_screenshot(str(tmp_path / "notebook.png"))
