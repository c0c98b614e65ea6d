"""One headless Chromium, and the modules as a notebook gets them."""

import json
import shutil
from pathlib import Path

import pytest

from mlpkit.explorables import NAMES, module

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Explorables</title>
<body style="margin:0;background:#fff"><main id="main"></main>"""
LOAD = """
const [names, done] = arguments, all = {};
(async () => {
  for (const [name, text] of Object.entries(names))
    all[name] = await import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
  window.modules = all;
})().then(() => done("loaded"), (error) => done(String(error)));
"""
# JSON has no NaN and no infinity; numbers that have neither go through it unchanged.
CALL = """
const [name, export_, states] = arguments, f = window.modules[name][export_];
return JSON.stringify(states.map((s) => f(...s)), (k, v) =>
  typeof v === "number" && !Number.isFinite(v) ? String(v) : v);
"""


class Browser:
    """Selenium's driver, and what the tests ask of a page."""

    def __init__(self, driver, page: Path):
        self.driver, self.page = driver, page

    def load(self) -> None:
        self.driver.get(self.page.as_uri())
        self.driver.set_script_timeout(60)
        said = self.driver.execute_async_script(LOAD, {name: module(name) for name in NAMES})
        assert said == "loaded", said

    def call(self, name: str, function: str, *states: tuple) -> list:
        """What an exported function returns for each tuple of arguments."""
        return json.loads(self.driver.execute_script(CALL, name, function, states))

    def show(self, name: str, state: dict | None = None) -> None:
        """Show one explorable alone on the page."""
        self.driver.execute_script(
            "window.view?.stop(); const main = document.getElementById('main');"
            "window.view = window.modules[arguments[0]].show(main, arguments[1] || {})",
            name,
            state,
        )

    def state(self) -> dict:
        return self.driver.execute_script("return window.view.get()")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    program, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and chromedriver):
        pytest.skip("Chromium is not installed: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    folder = tmp_path_factory.mktemp("explorables")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
        "disable-background-networking", "disable-component-update", "disable-sync",
        "disable-dev-shm-usage", "window-size=1280,1200", "force-color-profile=srgb",
        "host-resolver-rules=MAP * ~NOTFOUND", f"user-data-dir={folder / 'profile'}",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(executable_path=chromedriver)
    driver = webdriver.Chrome(options=options, service=service)
    try:
        result = Browser(driver, folder / "page.html")
        result.load()
        yield result
    finally:
        driver.quit()
