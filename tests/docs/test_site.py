"""The site: built once, whole, without a network; its links, formulas, solutions and scripts."""

import html
import importlib
import importlib.util
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.axe import axe, serious  # noqa: F401
from tests.explorables.conftest import browser  # noqa: F401

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "docs" / "site" / "build.py"
_ATTRIBUTE = re.compile(r'(?:href|src)="([^"]*)"')

sys.path.append(str(BUILD.parent))  # where its parts find each other

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("sphinx", "myst_nb", "furo", "numpydoc")),
    reason="the site needs: pip install -e '.[site]'",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    to = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, BUILD, "--to", to], capture_output=True, text=True, timeout=600
    )
    assert built.returncode == 0, built.stderr
    return to / "html"


@pytest.fixture(scope="module")
def pages(site):
    """Text of each page by its path."""
    return {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def test_every_assignment_has_a_chapter_and_its_notebook(site, pages):
    for folder in sorted((ROOT / "assignments").glob("[0-9][0-9]_*")):
        text = pages[site / "chapters" / f"{folder.name}.html"]
        link = re.search(rf'href="([^"]*/{folder.name}\.ipynb)"', text)
        assert link
        copy = (site / "chapters" / link[1]).resolve()
        assert copy.read_bytes() == (folder / f"{folder.name}.ipynb").read_bytes()


def test_links_lead_somewhere(site, pages):
    ids = {path: set(re.findall(r'\bid="([^"]+)"', text)) for path, text in pages.items()}
    broken = []
    for path, text in pages.items():
        for link in _ATTRIBUTE.findall(text):
            if re.match(r"[a-z]+:", link):
                continue
            target, anchor = urldefrag(unquote(link.split("?")[0]))
            file = (path.parent / target).resolve() if target else path
            known = anchor in ids.get(file, {anchor}) or not anchor or file.name == "search.html"
            if not file.exists() or not known:
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken


def test_everything_public_is_described(site, pages):
    import build

    for name in build.MODULES:
        text = pages[site / "api" / f"{name}.html"]
        module = importlib.import_module(name)
        foreign = build._foreign(module)
        for public in set(getattr(module, "__all__", ())) - set(foreign):
            if callable(getattr(module, public)) and getattr(module, public).__doc__:
                assert f'id="{name}.{public}"' in text, public


def test_docstrings_are_laid_out_as_their_reader_sees_them():
    from docstrings import readable

    text = """What it is.

    code(1)

``one``  first of two, and
         more
two      second

Parameters
----------
x : what it is; of more
    than one line
y, z : both

Raises something at times."""
    assert (
        "\n".join(readable(text.split("\n")))
        == """What it is.

::

    code(1)


- ``one``: first of two, and
  more
- ``two``: second

Parameters
----------
x
    what it is; of more
    than one line
y, z
    both

Notes
-----
Raises something at times."""
    )


def test_nothing_is_loaded_from_elsewhere(pages):
    loaded = re.compile(
        r'<(?:script|img|iframe|link(?![^>]*rel="(?:index|canonical)"))[^>]*(?:src|href)="(?:https?:)?//[^"]*"'
    )
    assert not [found for text in pages.values() for found in loaded.findall(text)]


def test_formulas_are_drawn(site, pages):
    for name, text in pages.items():
        assert "\ue000" not in text, name
    chapter = pages[site / "chapters" / "02_momentum.html"]
    assert chapter.count("<math") > 50
    assert "$\\" not in re.sub(r"<(pre|code|script).*?</\1>", "", chapter, flags=re.S)


def test_what_a_student_sees_folded_is_behind_a_click_with_its_title(site, pages):
    text = pages[site / "chapters" / "01_logistic.html"]
    for title in ("The squared loss: half the sum of squared errors",
                  "Figure: how hard each loss pushes, against the score"):  # fmt: skip
        assert text.count(f'<details class="folded"><summary>{title}</summary>') == 1
    shown = re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
    assert "secret_rng(" not in shown and "axes.semilogy" not in shown
    assert "✓ Right: The squared loss" in shown  # the output stays in sight


def test_worked_solutions_are_behind_a_click_or_left_out(site, pages, tmp_path):
    import build

    chapter = pages[site / "chapters" / "01_logistic.html"]
    assert "<summary>Worked solution</summary>" in chapter and "<details open" not in chapter
    build.write_source(tmp_path / "source", solutions=False, repository="owner/name")
    for page in (tmp_path / "source" / "chapters").glob("*.ipynb"):
        text = page.read_text(encoding="utf-8")
        assert "Worked solution" not in text and "BEGIN SOLUTION" not in text
        colab = f"colab.research.google.com/github/owner/name/blob/main/assignments/{page.stem}/"
        assert colab in text


@pytest.mark.parametrize(
    ("source", "call"),
    [
        (
            "from mlpkit import explorables as explore\n\nexplore.momentum(gamma=3)",
            "momentum(gamma=3)",
        ),
        ("explore.backward_pass({'x': x})", "backward_pass({'x': x})"),
        ("explore.momentum", ""),
        ("explore.bowl()", ""),
        ("%matplotlib inline", ""),
    ],
)
def test_a_cell_that_ends_in_an_explorable_shows_it_on_the_site(source, call):
    import chapters

    assert chapters.explorable_call(source) == call


def test_a_chapter_shows_the_numbers_that_the_notebook_had(pages, site):
    """Not the default: the network that the cell above gives, which only the reading copy knows."""
    chapter = pages[site / "chapters" / "02_momentum.html"]
    first = re.search(r'data-explorable="backward_pass" data-state="([^"]*)"', chapter)
    names = [node["name"] for node in json.loads(html.unescape(first[1]))["nodes"]]
    assert names == [
        "x[0]",
        "x[1]",
        "s[0]",
        "s[1]",
        "s[2]",
        "h[0]",
        "h[1]",
        "h[2]",
        "f[0]",
        "f[1]",
        "L",
    ]


def test_an_explorable_begins_where_the_notebook_says():
    from pages import shown

    assert shown("momentum(gamma=3)").state["gamma"] == 3
    assert shown("momentum").state == shown("momentum(gamma=g)").state
    with pytest.raises(ValueError, match="no explorable 'bowl'"):
        shown("bowl")


def test_the_errata_have_every_printed_formula_that_does_not_hold(site, pages):
    text = pages[site / "errata.html"]
    source = (ROOT / "solutions/07_debug_the_notes/07_debug_the_notes.py").read_text("utf-8")
    verdicts = re.findall(r'^        "\w+": \("(fails|convention)", ', source, re.M)
    assert text.count("<tr") - text.count("<thead") == len(verdicts) > 20
    assert text.count("a convention left open") == verdicts.count("convention")
    for error in ("18 %", "200 %"):  # Domke's loss without exp; Li's sign
        assert f"<p>{error}<br" in text
    assert re.search(r"<p>200 %<br ?/?>\s*(-?)([\d.]+) for (?!\1)-?\2<", text), (
        "the numbers that show it"
    )
    assert "the sigmoid of the output is missing" in text, "and what is wrong"


def test_the_checker_is_shown_on_code_outside_the_course(site, pages):
    text = pages[site / "checking_your_code.html"]
    assert "<h1>Checking gradients in your own code" in text and "rosen_hess" in text
    assert 'href="checking_your_code.html"' in pages[site / "gradient_checking.html"]


def test_what_a_cell_prints_is_one_output():
    """Also where a slow machine lets the kernel send it in pieces."""
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            printed = [o.get("name") for o in cell.get("outputs", ())]
            assert not any(a == b is not None for a, b in itertools.pairwise(printed)), path.name


def test_the_pages_work_in_a_browser_from_a_disk(site, browser):  # noqa: F811
    driver = browser.driver
    driver.get((site / "index.html").as_uri())
    script = "const done = arguments[0]; const wait = () => document.querySelector('.mlx svg') ? done(document.querySelectorAll('.mlx').length) : setTimeout(wait, 50); wait()"
    assert driver.execute_async_script(script) == 1
    first = driver.find_element("css selector", ".mlx input[type=range]")
    before = first.get_attribute("aria-valuetext")
    first.send_keys("\ue014")
    assert first.get_attribute("aria-valuetext") != before


def test_no_formula_has_a_scroll_bar_at_its_side(site, browser):  # noqa: F811
    """One that is too wide is moved sideways; its height is there whole."""
    driver, shown = browser.driver, 0
    for page in sorted(site.glob("chapters/*.html")):
        driver.get(page.as_uri())
        found = driver.execute_script(
            "for (const box of document.querySelectorAll('details')) box.open = true;"
            "return [...document.querySelectorAll('.formula')]"
            ".map((formula) => formula.scrollHeight - formula.clientHeight)"
        )
        assert max(found, default=0) <= 0, page.name
        shown += len(found)
    assert shown > 100


@pytest.mark.soak
def test_axe_finds_nothing_serious(pages, browser, axe):  # noqa: F811
    driver, found = browser.driver, {}
    for scheme, width in (("light", 1280), ("dark", 390)):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        for path in sorted(pages):
            driver.get(path.as_uri())
            assert driver.execute_script("return document.documentElement.scrollWidth") <= width
            if violations := serious(driver, axe):
                found[scheme, path.name] = violations
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert found == {}
