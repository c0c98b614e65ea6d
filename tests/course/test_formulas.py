"""Formulas on the pages: ours are all drawn, students' can do no harm."""

import json
import re

import nh3
import pytest

from autograder.reports import formulas, html
from tests.docs.documents import ROOT

OURS = sorted((ROOT / "solutions").glob("[0-9]*/*.ipynb"))
TYPED = 'class="typed"'
KNOWN = set(formulas._ELEMENTS.split()) | {"span", "code"}


def test_all_formulas_of_all_assignments_are_drawn():
    drawn = 0
    for path in OURS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                page = html.markdown("".join(cell["source"]))
                assert TYPED not in page and "$" not in page and "\\" not in page, page
                drawn += page.count("<math")
    assert len(OURS) == 9 and drawn > 700


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        (r"\frac{\partial L}{\partial W}", ["<mfrac>", "∂"]),
        (r"\sum_{n=1}^N x_n", ["<munderover>" , "∑"]),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", ["<mtable", "<mtr>"]),
        (r"\begin{cases} z & z > 0 \\ 0 & z \le 0 \end{cases}", ["<mtable", "{"]),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", ["<mtable"]),
        (r"\operatorname{softmax}(z)", ["softmax"]),
        (r"\hat y \odot \mathbf{x}", ["<mover", "⊙"]),
        (r"\boxed{dL/dV = \delta h^T}", ["<menclose"]),
        (r"a = b \tag{7}", ['<span class="tag">(7)</span>']),
    ],
)  # fmt: skip
def test_a_formula_becomes_mathml(tex, parts):
    page = html.markdown(f"Before\n\n$$\n{tex}\n$$\n\nafter")
    assert '<math display="block">' in page and TYPED not in page
    assert all(part in page for part in parts), page


@pytest.mark.parametrize(
    "text",
    ["`$x$`", "```\n$x$\n```", "a lunch of 5$ or 6$", "it costs $5 and then $6", r"\$x\$"],
)
def test_dollars_that_are_no_formula_stay(text):
    page = html.markdown(text)
    assert "<math" not in page and page.count("$") == text.count("$")


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{a}", r"\notacommand x", "x^", "{" * 50, r"\left(", "&", r"\href{javascript:x}{y}",
        r"\def\a{\a\a}\a", "x" * (formulas.MAX_TEX + 1), r"\sqrt{" * 100_000 + "}" * 100_000,
        r"\newcommand{\a}{xxxxxxxxxx}" + "".join(
            rf"\newcommand{{\{new}}}{{{(chr(92) + old + ' ') * 10}}}" for old, new in zip(
                "abcdefg", "bcdefgh", strict=True)) + r"\h",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_shown_as_typed(tex):
    page = formulas.formula(tex, display=True)
    assert page == f'<code class="typed">$${nh3.clean_text(tex)}$$</code>' or (
        TYPED in page and "<math" not in page
    )


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", r"\text{<b onclick=x>}",
    r"\text{</math><script>x</script>}", r"\mathrm{<!--}", r"\hspace{-500em} x", r"\hspace{9999em}",
    r"\color{white} x", "\ue000d3c7363726970743e\ue001", r"a \tag{<b>x</b>}", '" onload="x',
    r"\text{<style>*{display:none}</style>}", r"\html{x}", "]]>", r"\unicode{x202e}", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("tex", HOSTILE)
@pytest.mark.parametrize("frame", ["${}$", "$$\n{}\n$$", "<a title='${}$'>x</a>", "{}", "`{}`"])
def test_nothing_of_html_comes_through_a_formula(tex, frame):
    page = html.markdown(frame.replace("{}", tex))
    for name, attributes in re.findall(r"<([a-z]\w*)([^>]*)>", page):
        assert name in KNOWN | {"p", "a", "b", "code", "img", "em", "span"}, page
        assert not re.search(r"\bon\w+=|javascript:|\d{3}em|color", attributes), page
    assert "<!--" not in page and formulas.OPEN not in page and formulas.CLOSE not in page


def test_mathml_that_a_student_types_is_not_kept():
    typed = '<math href="x"><mtext><script>x</script></mtext><mi>spoof</mi></math>'
    assert "<m" not in html.markdown(typed)


def test_a_mark_in_an_attribute_opens_no_element():
    page = html.markdown('<div title="\n\n$x<y>$\n\n">a</div> <b title="$z$">c</b>')
    for value in re.findall(r'title="([^"]*)"', page):
        assert "<math" not in value


def test_a_formula_that_a_cell_displays_is_drawn():
    data = {"text/latex": r"$\displaystyle \frac{a}{b}$", "text/plain": "a/b"}
    assert "<mfrac>" in html.output({"output_type": "display_data", "data": data})
    data["text/latex"] = r"$\displaystyle \frac{a}$"
    assert TYPED in html.output({"output_type": "display_data", "data": data})


def test_a_formula_is_converted_once(monkeypatch):
    formulas.formula.cache_clear()
    calls = []
    monkeypatch.setattr(formulas, "_mathml", lambda *given: calls.append(given) or "<math></math>")
    for _ in range(100):
        html.markdown("$x$ and $x$")
    assert len(calls) == 1
    formulas.formula.cache_clear()
