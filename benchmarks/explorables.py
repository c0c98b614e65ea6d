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
MEASURE = """
const [text, key, low, high, count, done] = arguments;
(async () => {
  const m = await import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
  const view = m.show(document.querySelector("main"), {});
  const at = (i) => low + (high - low) * i / count;
  const state = (i) => key === "scores" ? {scores: [at(i), 0.5, -1, -2]}
    : key === "x" ? {nodes: view.get().nodes.with(0, {name: "x", value: at(i)})} : {[key]: at(i)};
  const rounds = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    for (let i = 0; i < count; i++) view.set(state(i));
    rounds.push((performance.now() - began) / count);
  }
  view.stop();
  return rounds;
})().then(done, (error) => done(String(error)));
"""


def run() -> str:
    rows = "\n".join(
        f"| {name} | {len(module(name).encode()) / 1000:.1f} | {first:.2f} | {worst:.2f} |"
        for name, (first, worst) in measured().items()
    )
    return f"""## Explorables

Milliseconds of script for one state of a drag (computing, drawing, parsing the new picture), mean
of {DRAGS} states: in the first of five rounds, with the code still cold, and in the slowest. A
screen shows one in 16.

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
            rounds = driver.execute_async_script(MEASURE, module(name), *DRAGGED[name], DRAGS)
            if isinstance(rounds, str):
                raise RuntimeError(f"{name}: {rounds}")
            times[name] = rounds[0], max(rounds)
        return times
    finally:
        driver.quit()


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
    return driver
