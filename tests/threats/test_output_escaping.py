"""What students' outputs, Markdown and attachments become in the notebook that stays."""

import json
import re
import time
from html.parser import HTMLParser

import nbformat

from autograder.notebook.defined_names import defined_names
from autograder.notebook.output_cells import students_markdown
from autograder.notebook.safe_outputs import sanitise_attachments, sanitise_outputs
from autograder.notebook.safe_svg import safe_svg
from autograder.notebook.safe_text import safe_html, safe_markdown, safe_plain, safe_tex
from autograder.reports.html import code, output
from tests.threats.hostile_outputs import ATTACHMENTS, MARKDOWN, OUTPUTS, PNG, TEX, display, picture
from tests.threats.room import SOURCE, find, honest, own, sit, with_cell

ACTIVE = set(
    str.split("script iframe object embed style link meta base form input svg math video audio")
)


class Dangers(HTMLParser):
    """What of a page could run a script, load something, or lead to one that does."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        link, source = values.get("href", "#"), values.get("src", "data:image/png;base64,")
        wrong = {name for name in values if name.startswith("on")}
        wrong |= values.keys() & {"style", "srcset", "background", "srcdoc", "name"}
        wrong |= {"href"} if not link.startswith(("http://", "https://", "mailto:", "#")) else set()
        wrong |= {"src"} if not source.startswith("data:image/") else set()
        if tag in ACTIVE or wrong:
            self.found.append(self.get_starttag_text())


def harmless(page):
    assert Dangers(page).found == []


def rendered(cells):
    """nbconvert's page of these cells, without any sanitising of its own."""
    from nbconvert import HTMLExporter

    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return HTMLExporter(template_name="basic").from_notebook_node(nbformat.from_dict(made))[0]


def test_case_49_hostile_outputs_are_harmless_in_nbconverts_page():
    outputs = sanitise_outputs(OUTPUTS)
    cell = own("pass") | {"outputs": outputs}
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    nbformat.validate(nbformat.from_dict(made))
    harmless(rendered([cell]))


def test_case_49_hostile_markdown_is_harmless_in_nbconverts_page():
    cells = [
        {"cell_type": "markdown", "id": f"a{number}", "metadata": {}}
        | students_markdown(text, None)
        for number, text in enumerate(MARKDOWN)
    ]
    shown = sanitise_outputs([display({"text/markdown": text}) for text in MARKDOWN])
    for cell in (*cells, own("pass") | {"outputs": shown}):
        harmless(rendered([cell]))


def test_case_49_attachments_are_pictures_or_nothing():
    for hostile in ATTACHMENTS:
        assert sanitise_attachments(hostile) == {}
        kept = students_markdown("![x](attachment:a.png)", hostile)
        assert "attachments" not in kept and kept["source"] == "! [x] (attachment:a.png)"


COLOURS = [
    "38",
    "48",
    "1;38",
    "048",
    "38;5",
    "48;2;1;2",
    "38;5;999",
    "48;2;1;2;256",
    "38;3;1",
    "999;38",
]
SLOW = ["\\\\(", "[[[[[x](a)](b)", "\\begin{a}", "*a **b ", "`", "> - "]


def test_case_68_colours_that_nbconvert_cannot_read():
    """One student's would end the page, and ``nbgrader generate_feedback``'s too."""
    for numbers in COLOURS:
        printed = {"output_type": "stream", "name": "stdout", "text": f"\x1b[{numbers}mx"}
        [kept] = sanitise_outputs([printed])
        assert kept["text"] == "x" and "x" in rendered([own("pass") | {"outputs": [kept]}])
    honest = "\x1b[38;5;241mgrey\x1b[39;00m \x1b[1;31mred\x1b[0m \x1b[48;2;0;128;255mblue\x1b[m"
    assert safe_plain(honest) == honest


def test_case_68_texts_that_take_others_parsers_minutes():
    """Longer ones are shown as code: those parsers look at the rest at each of such signs."""
    for sign in SLOW:
        text = sign * (60_000 // len(sign))
        cells = [
            {"cell_type": "markdown", "id": "a", "metadata": {}} | students_markdown(text, None),
            own("pass") | {"outputs": sanitise_outputs([display({"text/markdown": text})])},
        ]
        for cell in cells:
            began = time.process_time()
            page = rendered([cell])
            assert time.process_time() - began < 5, sign
            harmless(page)
            assert "<pre" in page
    coloured = sanitise_outputs(
        [{"output_type": "stream", "name": "stdout", "text": "\x1b[1ma" * 400_000}]
    )
    began = time.process_time()
    assert rendered([own("pass") | {"outputs": coloured}]).count("a") >= 400_000
    assert time.process_time() - began < 5


def test_case_68_many_texts_that_take_long_together():
    """Of a student's texts no more than so many characters are read as Markdown."""
    made = honest()
    texts = [
        {**own("", f"t{n}"), "cell_type": "markdown", "source": "word " * 3_900} for n in range(9)
    ]
    made["cells"] += [
        {key: one[key] for key in ("cell_type", "id", "metadata", "source")} for one in texts
    ]
    kept = [
        one["source"] for one in sit(made).notebook["cells"] if one["source"].count("word") > 99
    ]
    assert [text.startswith("~~~") for text in kept] == [False] * 5 + [True] * 4


def test_case_69_long_gaps_in_a_text_are_read_once():
    """Each space or line could be where a pattern begins: that took hours, for one cell or page."""
    began = time.process_time()
    latex = {"text/latex": "$" + " " * 100_000 + "x", "text/plain": "shown"}
    assert "shown" in output(display(latex))
    assert defined_names("\n" * 900_000 + "(") == {}
    assert time.process_time() - began < 5
    assert "<math" in output(display({"text/latex": "$\\displaystyle \\frac{a}{b} $"}))
    assert defined_names("%time x = 1\n\ny = 2") == {"x": "variable", "y": "variable"}


def test_case_49_what_runs_and_what_stands_in_the_file():
    """Hold: ``safe_outputs`` for displays of a cell that is run and for outputs in the file."""
    made = with_cell(
        4,
        "from IPython.display import display\n"
        f"display({{'image/png': {PNG!r}}}, raw=True, metadata="
        "{'image/png': {'width': '1 onerror=eval(1)', 'height': 3}})",
        why="[x](javascript:alert(1)) <img src=x onerror=alert(1)>",
    )
    find(made, "figure")["outputs"] = [picture(width="1 onerror=eval(1)", height=2)]
    cells = sit(made).notebook["cells"]
    shown = [cell.get("outputs") or cell["source"] for cell in cells]
    text = json.dumps(shown)
    assert "onerror=eval" not in text and "](javascript" not in text and "<img" not in text
    assert '"height": 3' in text and '"height": 2' in text and PNG in text


def test_an_honest_students_work_is_kept():
    table = "<table><tr><th>x</th></tr><tr><td>1</td></tr></table>"
    shown = sanitise_outputs(
        [
            display({"image/png": PNG, "text/plain": "<Figure>"}, {"image/png": {"width": 640}}),
            display({"text/html": f"<style>td {{}}</style><div>{table}</div>"}),
            display({"text/latex": r"$\frac{\partial L}{\partial W}$"}),
            {
                "output_type": "stream",
                "name": "stdout",
                "text": ["\x1b[31mred\x1b[0m ", "10%\r20%"],
            },
        ]
    )
    assert shown[0]["data"]["image/png"] == PNG
    assert shown[0]["metadata"] == {"image/png": {"width": 640}}
    assert "<td>1</td>" in shown[1]["data"]["text/html"]
    assert shown[2]["data"]["text/latex"] == r"$\frac{\partial L}{\partial W}$"
    assert shown[3]["text"] == "\x1b[31mred\x1b[0m 10%\r20%"
    answer = (
        "# Why\n\n**Because** $a < b$, see [notes](https://example.org/a?b=c&d=e), "
        "<b>x</b>, `W[0]`\n\n> quote\n\n$$\\hat y = \\frac{1}{2}$$\n\n![p](attachment:image.png)"
    )
    kept = students_markdown(answer, {"image.png": {"image/png": PNG}})
    assert kept == {"source": answer, "attachments": {"image.png": {"image/png": PNG}}}


def test_a_pasted_picture_comes_through_the_exam():
    made = honest(why="See ![x](attachment:image.png)")
    find(made, "why")["attachments"] = {"image.png": {"image/png": PNG}}
    cell = next(one for one in sit(made).notebook["cells"] if one["id"] == "why")
    assert cell["attachments"] == {"image.png": {"image/png": PNG}}
    assert f"data:image/png;base64,{PNG}" in rendered([cell])


def test_matplotlibs_svg_keeps_its_shapes():
    import io

    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2, 4])
    file = io.StringIO()
    figure.savefig(file, format="svg")
    drawn = safe_svg(file.getvalue())
    assert drawn.startswith("<svg") and drawn.count("<path") > 10 and 'xlink:href="#' in drawn
    assert "stroke: #1f77b4" in drawn and "clip-path" in drawn and "<style" not in drawn


def test_parts_of_a_drawing_have_names_of_their_own():
    drawn = svg_of(
        '<defs><path id="why" d="M0 0"/><clipPath id="c"><rect id="MathJax"/></clipPath></defs>'
        '<g clip-path="url(#c)" style="fill: URL(#why); stroke: url( #c)"><use xlink:href="#why"/></g>'
    )
    assert re.findall(r' id="([^"]*)"', drawn) == ["svg-why", "svg-c", "svg-MathJax"]
    assert 'xlink:href="#svg-why"' in drawn and 'clip-path="url(#svg-c)"' in drawn
    assert "url(#svg-why)" in drawn and "url(#why)" not in drawn
    assert safe_svg(drawn) == drawn


def test_no_part_of_a_drawing_is_drawn_a_million_times():
    levels = "".join(
        f'<{kind} id="a{n}">' + f'<use href="#a{n + 1}"/>' * 10 + f"</{kind}>"
        for n, kind in enumerate(["g", "symbol", "svg", "defs", "pattern", "mask", "marker"])
    )
    drawn = svg_of(levels + '<path id="a7" d="M0 0"/><use href="#a0"/><use href="#a7"/>')
    assert drawn.count("<use") == 2


def svg_of(inner):
    head = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return safe_svg(f"<svg {head}>{inner}</svg>")


def test_text_of_a_drawing_is_no_tex_that_links():
    drawn = svg_of(
        "<text>$\\href{javascript:a}{x}$<tspan>a</tspan>\\url{b}</text><desc>\\style{a}</desc>"
    )
    assert not re.search(r"\\(href|url|style)", drawn)


def test_cleaning_twice_changes_nothing():
    for text in MARKDOWN:
        once = safe_markdown(text)
        assert safe_markdown(once) == once
        assert safe_html(safe_html(text)) == safe_html(text)
    assert safe_plain("\x1b]0;t\x07\x1b[2Ja\x9bb\x00") == "ab"


def test_the_metadata_of_cells_is_the_sources():
    made = honest(why="An answer.")
    made["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    for cell in made["cells"]:
        cell["metadata"]["alt"] = cell["metadata"]["magics_language"] = "<script>"
    kept = sit(made).notebook
    assert "<script>" not in json.dumps(kept)
    assert kept["metadata"] == SOURCE["metadata"]


def test_long_runs_of_one_sign_take_no_time():
    """Every pattern is linear: a million of these would else take hours."""
    for sign in ("`", "~", "[", "](", "<b ", "![a", "&a", " ", "]: http://a "):
        safe_markdown(sign * (1_000_000 // len(sign)))


def test_macros_that_make_styles_or_macros_are_taken_apart_and_colours_are_not():
    """MathJax writes a colour, or the name of a font, into a style as it is."""
    for text in TEX:
        assert "\\ " in safe_tex(text), text
        assert safe_tex(safe_tex(text)) == safe_tex(text)
    kept = (
        r"\color{red} x", r"\color{#ff0000}{x}", r"\textcolor[rgb]{0, 0.5, 1}{x}",
        r"\fcolorbox{red}{yellow}{x}", r"\definecolor{a}{rgb}{0,1,0}", r"\unicode{x263a}",
        r"\defeq \letter \colorful \det \deg \nabla \cdot", r"\begin{array}{c}\cellcolor{red}x\end{array}",
    )  # fmt: skip
    for text in kept:
        assert safe_tex(text) == text


def test_colouring_code_takes_no_hours():
    """Of a format in a string Pygments looks at each further digit again and again."""
    began = time.process_time()
    for text in ('"%' + "0" * 1_000_000, ('"%' + "0" * 490 + "\n") * 2_000):
        assert code(text, (1,)).count("0") == text.count("0")
    assert time.process_time() - began < 5
    assert '<span class="k">def' in code("def f(x):\n    return 1")
