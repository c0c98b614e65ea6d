"""Our pages in a real browser: readable on a phone and on paper; what students wrote is inert."""

import base64
from html.parser import HTMLParser

import pytest

from autograder.reports.class_report import write_report
from autograder.reports.feedback import write_pages
from tests.axe import axe, serious  # noqa: F401
from tests.browser.conftest import ATTACK
from tests.course.conftest import NAME

PHONE, PAPER = 390, 794  # CSS pixels: a usual phone, and A4 at 96 a inch


@pytest.fixture(scope="module")
def pages(classroom):
    written, missing = write_pages(classroom, NAME, ["ada", "eve"])
    assert not missing
    return dict(zip(["ada", "eve"], written, strict=True))


@pytest.fixture(scope="module")
def report(classroom):
    return write_report(classroom, NAME, classroom.root / "reports" / f"{NAME}.html")


@pytest.fixture
def show(chromium):
    """``show(path, width, media)`` opens a page as a screen, or paper, of that width."""

    def open_page(path, width, media="screen"):
        size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width == PHONE}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        chromium.get(path.as_uri())
        return chromium

    yield open_page
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


TOO_SMALL = """
return [...document.querySelectorAll("p, li, pre, td, summary, h1, h2, h3, span")]
  .filter(e => e.innerText && e.innerText.trim() && parseFloat(getComputedStyle(e).fontSize) < 12)
  .map(e => e.outerHTML.slice(0, 80))
"""


@pytest.mark.parametrize(("width", "media"), [(PHONE, "screen"), (PAPER, "print")])
@pytest.mark.parametrize("page", ["feedback", "report"])
def test_a_page_fits_and_is_readable(show, pages, report, page, width, media, tmp_path):
    browser = show(pages["ada"] if page == "feedback" else report, width, media)
    browser.save_screenshot(str(tmp_path / f"{page}-{media}.png"))
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script(TOO_SMALL) == []
    pictures = """return [...document.images].map(i => i.complete && i.naturalWidth > 0)
      .concat([...document.querySelectorAll("figure rect")].map(r => r.getBoundingClientRect().height > 1))"""
    shown = browser.execute_script(pictures)
    assert shown and all(shown), "the figures are there and are drawn"


def test_long_lines_of_code_wrap_on_a_phone(show, pages):
    browser = show(pages["ada"], PHONE)
    wider = """return [...document.querySelectorAll("pre")]
      .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 60))"""
    assert browser.execute_script(wider) == []
    assert browser.execute_script(BOXES, "pre.output")[0][1] > 60, "several lines of one"


def test_a_filter_shows_the_students_of_one_state_without_a_script(show, report):
    browser = show(report, PAPER)
    rows = """return [...document.querySelectorAll(".students tbody tr")]
      .filter(e => e.getBoundingClientRect().height > 0).map(e => e.innerText.split(/\\s/)[0])"""
    assert browser.execute_script(rows) == ["ada", "eve", "zoe"]
    browser.find_element("xpath", "//label[contains(., 'not handed in 1')]").click()
    assert browser.execute_script(rows) == ["zoe"]
    assert browser.find_elements("tag name", "script") == []


@pytest.mark.parametrize("page", ["feedback", "report"])
def test_a_page_is_dark_where_the_screen_is_and_light_on_paper(show, pages, report, page):
    browser = show(pages["ada"] if page == "feedback" else report, PAPER)
    colours = """const style = getComputedStyle(document.body);
      return [style.backgroundColor, style.color].map(c => c.match(/\\d+/g).reduce((a, b) => a + +b, 0))"""
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    for media, is_dark in (("screen", True), ("print", False)):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": dark})
        ground, ink = browser.execute_script(colours)
        assert (ground < ink) is is_dark, media


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, 1280])
@pytest.mark.parametrize("page", ["feedback", "report"])
def test_axe_finds_nothing_serious(show, pages, report, page, width, scheme, axe):  # noqa: F811
    browser = show(pages["ada"] if page == "feedback" else report, width)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    assert serious(browser, axe) == []
    browser.execute_script("document.querySelector('main').innerHTML = '<img src=x><input>'")
    assert {found for found, _ in serious(browser, axe)} == {"image-alt", "label"}, "it can fail"


def test_a_feedback_page_prints_with_all_that_it_says(show, pages):
    browser = show(pages["ada"], PAPER, "print")
    text = browser.find_element("tag name", "body").text
    assert "Ada Lovelace, Jr." in text and "5 of 10 points" in text
    assert "The square of a number" in text and "a long line of words" in text
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF") and 1 <= pdf.count(b"/Type /Page\n") <= 4


BOXES = """
return [...document.querySelectorAll(arguments[0])].map(e => e.getBoundingClientRect())
  .map(box => [box.width, box.height])
"""


@pytest.mark.parametrize("width", [PHONE, PAPER])
def test_formulas_are_drawn(show, pages, width):
    browser = show(pages["ada"], width)
    (fraction,) = browser.execute_script(BOXES, "p > math mfrac")
    letter = browser.execute_script(BOXES, "p > math mfrac mi")[0]
    assert 1.5 * letter[1] < fraction[1], "numerator over denominator"
    rows = browser.execute_script(BOXES, ".formula mtr")
    assert len(rows) == 3 and all(row[0] > letter[0] for row in rows)
    assert browser.find_element("css selector", ".formula .tag").text == "(7)"
    assert browser.find_element("css selector", ".typed").text == r"$\frac{1}$"
    long = browser.find_elements("css selector", ".formula")[-1]
    scrolls = "return arguments[0].scrollWidth > arguments[0].clientWidth"
    assert browser.execute_script(scrolls, long), "the page itself does not: see above"


def test_the_attack_works_where_nothing_stops_it(show, tmp_path):
    raw = tmp_path / "raw.html"
    raw.write_text(f"<title>raw</title>{ATTACK}")
    browser = show(raw, PAPER)
    assert browser.execute_script("return window.owned") == 1 and browser.title == "owned"


def test_what_a_student_wrote_is_inert(show, pages):
    """<script> in Markdown and in an HTML output."""
    browser = show(pages["eve"], PHONE)
    assert browser.execute_script("return window.owned === undefined")
    assert browser.title != "owned"
    assert browser.find_elements("tag name", "script") == []
    text = browser.find_element("tag name", "body").text
    assert text.count("Words before.") == text.count("Words after.") == 3, "as text, code, output"
    links = browser.execute_script("return [...document.links].map(a => a.href)")
    assert not [link for link in links if link.startswith("javascript")]
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_names_are_text_on_both_pages(show, pages, report):
    browser = show(pages["eve"], PAPER)
    assert "=cmd() Évé ‹b›x‹/b›" in browser.find_element("tag name", "body").text
    browser = show(report, PAPER)
    assert browser.find_elements("xpath", "//b[.='x']") == []


def test_the_report_is_one_small_file(report):
    class Sources(HTMLParser):
        found = []

        def handle_starttag(self, tag, attrs):
            self.found += [value for name, value in attrs if name == "src"]

    Sources().feed(report.read_text(encoding="utf-8"))
    assert all(source.startswith("data:image/") for source in Sources.found)
    assert report.stat().st_size < 1e6
