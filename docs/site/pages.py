"""What the site adds to Sphinx: formulas as MathML, and the directive ``explorable``."""

import ast
import contextlib
import html
import json
from typing import Any

from docstrings import readable
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.reports import formulas
from mlpkit import explorables
from mlpkit.explorables import NAMES
from mlpkit.explorables.pictures import TITLES, png


def shown(call: str) -> explorables.Explorable:
    """Return what ``momentum(gamma=3)`` shows; a name alone is a call without arguments.

    Arguments are literals; with others, which only the notebook knows, it is the default.
    """
    parsed = ast.parse(call, mode="eval").body
    name = parsed.func if isinstance(parsed, ast.Call) else parsed
    if not isinstance(name, ast.Name) or name.id not in NAMES:
        raise ValueError(f"there is no explorable {call!r}, only {', '.join(NAMES)}")
    given: tuple[list[Any], dict[str, Any]] = [], {}
    if isinstance(parsed, ast.Call):
        with contextlib.suppress(ValueError):
            named = {str(k.arg): ast.literal_eval(k.value) for k in parsed.keywords}
            given = [ast.literal_eval(argument) for argument in parsed.args], named
    return getattr(explorables, name.id)(*given[0], **given[1])


def figure(call: str, given: str = "") -> str:
    """Return the element that the site's script brings to life, with the picture in it.

    ``given``, JSON, is the state that the notebook had it in; without it the call says which.
    """
    explorable = shown(call)
    if given:
        explorable = explorables.Explorable(explorable.name, json.loads(given))
    name, state = explorable.name, explorable.state
    picture = f'<img src="data:image/png;base64,{png(name, state)}" alt="{TITLES[name]}">'
    data = html.escape(json.dumps(state))
    return f'<div class="explorable" data-explorable="{name}" data-state="{data}">{picture}</div>'


class Explorable(SphinxDirective):
    """``{explorable} momentum(gamma=3)``: one of `mlpkit.explorables.NAMES`; its state below it."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        try:
            return [nodes.raw("", figure(self.arguments[0], "".join(self.content)), format="html")]
        except ValueError as error:
            raise self.error(str(error)) from error


def draw_formulas(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    """Put MathML in place of the marks that `build.py` left in the Markdown."""
    for part in ("body", "toc"):
        if part in context:
            context[part] = formulas.drawn(context[part])
    navigation = context.get("furo_navigation_tree", "")  # its captions lack a level
    level = 'role="heading" aria-level="2"'
    context["furo_navigation_tree"] = navigation.replace('role="heading"', level)


def read_docstring(
    app: Sphinx, kind: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Let reStructuredText see a docstring as a reader does."""
    lines[:] = readable(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("explorable", Explorable)
    app.connect("autodoc-process-docstring", read_docstring, priority=400)  # then numpydoc
    app.connect("html-page-context", draw_formulas, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
