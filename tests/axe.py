"""axe-core, which finds what a reader with a screen reader or a keyboard would stumble over."""

import shutil
import subprocess

import pytest

_RUN = """
const done = arguments[0];
axe.run(document, {resultTypes: ["violations"]}).then((result) => done(result.violations
  .filter((v) => ["serious", "critical"].includes(v.impact))
  .map((v) => [v.id, v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120))])));
"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """axe-core's script, from npm."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing, which axe-core comes from")
    folder = tmp_path_factory.mktemp("axe")
    said = subprocess.run(
        ["npm", "install", "--silent", "--prefix", folder, "axe-core@4"],
        capture_output=True,
        timeout=300,
    )
    file = folder / "node_modules" / "axe-core" / "axe.min.js"
    if said.returncode or not file.is_file():
        pytest.skip("npm could not install axe-core; is there a network?")
    return file.read_text(encoding="utf-8")


def serious(driver, axe):
    """What axe finds serious or critical on the page that the browser shows.

    The script comes by the debugger, as a page's own policy lets no script in.
    """
    driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
    return driver.execute_async_script(_RUN)
