"""How long a drag's script takes in each explorable, and how large each module is."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from mlpkit.explorables import NAMES, module

DRAGS = 200  # states of a drag, in each of five rounds; the slowest round counts
# One number each that everything else follows from, and its two ends.
DRAGGED = {
    "backward_pass": ("x", -5.0, 1.0),
    "momentum": ("gamma", 0.1, 30.0),
    "two_losses": ("z", -10.0, 10.0),
    "softmax": ("scores", -6.0, 6.0),
    "step_h": ("h", 1e-12, 1e-1),
    "through_time": ("rho", 0.3, 1.6),
}
PAGE = """<!doctype html><meta charset="utf-8"><body style="width:1100px"><main></main>"""
SHOW = """
const [text, done] = arguments;
import(URL.createObjectURL(new Blob([text], {type: "text/javascript"}))).then((m) => {
  window.view?.stop();
  window.view = m.show(document.querySelector("main"), {});
  done("");
}, (error) => done(String(error)));
"""
DRAG = """
const [key, low, high, count] = arguments;
const at = (i) => low + (high - low) * i / count;
const state = (i) => key === "scores" ? {scores: [at(i), 0.5, -1, -2]}
  : key === "x" ? {nodes: view.get().nodes.with(0, {name: "x", value: at(i)})} : {[key]: at(i)};
for (let i = 0; i < count; i++) view.set(state(i));
"""


def run() -> str:
    rows = "\n".join(
        f"| {name} | {len(module(name).encode()) / 1000:.1f} | {first:.2f} | {worst:.2f} |"
        for name, (first, worst) in measured().items()
    )
    return f"""## Explorables

Milliseconds of CPU time of the page for one state of a drag (computing, drawing, parsing the new
picture), mean of {DRAGS} states: in the first of five rounds, with the code still cold, and in the
slowest. A screen shows one in 16.

| module | kB | first round (ms) | slowest round (ms) |
|:--|--:|--:|--:|
{rows}
"""


def measured() -> dict[str, tuple[float, float]]:
    """First and slowest mean of the rounds, in milliseconds, for each explorable."""
    driver = _chromium()
    try:
        times: dict[str, tuple[float, float]] = {}
        for name in NAMES:
            if error := driver.execute_async_script(SHOW, module(name)):
                raise RuntimeError(f"{name}: {error}")
            rounds = [_milliseconds(driver, *DRAGGED[name]) for _ in range(5)]
            times[name] = rounds[0], max(rounds)
        return times
    finally:
        driver.quit()


def _milliseconds(driver: Any, key: str, low: float, high: float) -> float:
    """CPU time of the page's thread for one state of a drag: other programs do not count."""
    before = _seconds(driver)
    driver.execute_script(DRAG, key, low, high, DRAGS)
    return 1e3 * (_seconds(driver) - before) / DRAGS


def _seconds(driver: Any) -> float:
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "ThreadTime")


def _chromium() -> Any:
    from selenium import webdriver

    folder = Path(tempfile.mkdtemp())
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        f"user-data-dir={folder / 'profile'}",
    ):
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.get((folder / "page.html").as_uri())
    driver.set_script_timeout(120)
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    return driver
