"""A headless Chromium and a JupyterLab on loopback; both end with the test."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.authoring import installed
from autograder.course import directory as courses
from autograder.course.person import Person
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.new_course import init
from autograder.grading.run import grade_class
from tests.course.conftest import GOOD, NAME, filled, tiny_sources  # noqa: F401

PATIENCE = 120.0  # seconds that anything may take before the test gives up; nothing is timed
TOKEN = "token-of-the-test"

ATTACK = """\
Words before.

<script>window.owned = 1; document.title = "owned"</script>
<img src=x onerror="window.owned = 1">
<a href="javascript:window.owned = 1">link</a>

Words after."""
FIGURE = """\
import matplotlib.pyplot as plt
plt.plot([1, 2, 4]); plt.xlabel("step"); plt.ylabel("loss")
plt.show()
print("a long line of words that goes on " * 8)
"""
FORMULAS = (
    r"""Two equal signs give plus: $\frac{-x}{-1} = x$, and

$$
\frac{\partial L}{\partial W} = \begin{pmatrix} a & b \\ c & d \\ e & f \end{pmatrix} \tag{7}
$$

$$"""
    + " + ".join(f"a_{{{n}}}" for n in range(60))
    + "$$ and $\\frac{1}$"
)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str

    def at(self, path: str) -> str:
        """The address of a page, with the token in it."""
        return f"{self.url}{path.lstrip('/')}?token={TOKEN}"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Selenium's driver of a headless Chromium that talks to nobody but loopback."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        pytest.skip("Chromium is not installed: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
        "disable-background-networking", "disable-component-update", "disable-sync",
        "disable-dev-shm-usage", "window-size=1400,1000", "force-color-profile=srgb",
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    browser.set_page_load_timeout(PATIENCE)
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def lab(classroom, tmp_path_factory):
    """A JupyterLab in the course directory, with settings of its own."""
    home = tmp_path_factory.mktemp("jupyter")
    homes = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with open(home / "log", "w") as log:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=50",
                f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=",
            ],
            cwd=classroom.root, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, **homes, "PATH": path_with_venv()},
        )  # fmt: skip
        try:
            yield Lab(wait_for(lambda: _address(server, home), "JupyterLab"))
        finally:
            _end(server)


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, tiny_sources):  # noqa: F811
    """A course as ``autograder init`` makes it; ada and eve have handed in and are graded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installed, "course_files", lambda: tiny_sources)
        course = init(tmp_path_factory.mktemp("classroom") / "COURSE")
    with Gradebook(course) as book:
        book.add_people(
            [
                Person("ada", "Ada", "Lovelace, Jr."),
                Person("eve", "=cmd()", "Évé <b>x</b>"),
                Person("zoe", "Zoe", "Zorn"),  # hands in nothing
            ]
        )
    hand_in(course, "ada", **GOOD, why=FORMULAS, extra=FIGURE)
    shown = f"from IPython.display import HTML, display\ndisplay(HTML({ATTACK!r}))"
    hand_in(course, "eve", double=GOOD["double"], why=ATTACK, extra=shown)
    run = grade_class(course, NAME, ["ada", "eve"], jobs=1)
    assert [result.score for result in run.results] == [5.0, 2.0]
    return course


def hand_in(course: courses.Course, student: str, **cells: str) -> None:
    """Put a submission into the course."""
    path = course.path("submitted", student, NAME) / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(filled(course, **cells)))


def path_with_venv() -> str:
    """PATH, with the programs that belong to this Python first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def wait_for(condition, what: str = "the server"):
    """What ``condition()`` returns once that is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE:.0f} s for {what}")


def _address(server: subprocess.Popen, home: Path) -> str | None:
    """The address that the server says it has, once it has one."""
    if server.poll() is not None:
        raise AssertionError(f"JupyterLab ended: {(home / 'log').read_text()[-2000:]}")
    try:
        return json.loads((home / "RUNTIME" / f"jpserver-{server.pid}.json").read_text())["url"]
    except (OSError, ValueError):
        return None


def _end(server: subprocess.Popen) -> None:
    server.terminate()  # it ends its kernels
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
