"""Finished notebooks in JupyterLab: each explorable comes to life, and a dragged number moves it."""

import json
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.release import make_release
from autograder.authoring.source import read_source
from tests.browser.conftest import wait_for
from tests.browser.test_jupyter import reader  # noqa: F401  (a fixture)

SOLUTIONS = Path(__file__).parents[2] / "solutions"
WALK = """
window.alive ??= new Set();
for (const cell of document.querySelectorAll(".jp-CodeCell")) {
  cell.scrollIntoView();
  if (cell.querySelector(".jp-OutputArea .mlx")) alive.add(cell.dataset.windowedListIndex);
}
return alive.size;
"""
RUN_ALL = "//*[contains(@class, 'lm-Menu-itemLabel')][starts-with(., 'Run All Cells')]"


def cells_of(source, kept):
    """Everything that the explorables of a notebook need, and nothing that takes long."""
    for cell in source.cells:
        graded = cell.metadata.get("nbgrader", {}).get("grade")
        experiment = "experiment" in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and not graded and (kept(cell) or not experiment):
            yield cell


@pytest.mark.soak
@pytest.mark.parametrize(
    "assignment",
    ["00_wires", "01_logistic", "02_momentum", "04_deep_mlp", "06_graph", "08_autodiff"],
)
def test_explorables_live_in_jupyterlab(lab, reader, classroom, tmp_path, assignment):  # noqa: F811
    source = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    filled = fill(make_release(source), source)
    filled.cells = list(cells_of(filled, lambda cell: "explore." in cell.source))
    calls = sum("explore." in cell.source for cell in filled.cells)
    nbformat.write(filled, classroom.root / f"{assignment}.ipynb")
    browser = reader.browser
    browser.get_log("browser")
    browser.get(lab.at(f"lab/tree/{assignment}.ipynb") + "&reset")
    reader.see("//*[contains(@class, 'jp-NotebookPanel')]//*[contains(., 'Python 3')]")
    reader.click("//*[contains(@class, 'lm-MenuBar-itemLabel')][.='Run']")
    reader.click(RUN_ALL)

    def live():
        """JupyterLab draws what is near the screen, and forgets the rest: walk through it."""
        return browser.execute_script(WALK) >= calls

    wait_for(live, f"{calls} explorables")
    browser.execute_script("document.querySelector('.mlx')?.scrollIntoView()")
    wait_for(lambda: browser.find_elements("css selector", ".mlx"), "one of them")
    before = browser.execute_script("return document.querySelector('.mlx').innerHTML")
    slider = browser.find_element("css selector", ".mlx input[type=range]")
    browser.execute_script(
        "arguments[0].value = arguments[0].max;"
        "arguments[0].dispatchEvent(new Event('input', { bubbles: true }))",
        slider,
    )
    wait_for(
        lambda: browser.execute_script("return document.querySelector('.mlx').innerHTML") != before,
        "a picture that moves",
    )
    browser.execute_script("document.querySelector('.mlx').scrollIntoView()")
    browser.save_screenshot(str(tmp_path / f"{assignment}.png"))
    errors = [line for line in browser.get_log("browser") if "mlx" in json.dumps(line)]
    assert not errors
    assert not browser.find_elements("xpath", "//*[contains(., 'Error displaying widget')]/pre")
