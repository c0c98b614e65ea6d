"""What the site adds to Sphinx: formulas as MathML, and the directive ``explorable``."""

import html
import json
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.reports import formulas
from mlpkit import explorables
from mlpkit.explorables import NAMES
from mlpkit.explorables.pictures import TITLES, png


def figure(name: str) -> str:
    """Return the element that the site's script brings to life, with the picture in it."""
    state = getattr(explorables, name)().state
    picture = f'<img src="data:image/png;base64,{png(name, state)}" alt="{TITLES[name]}">'
    data = html.escape(json.dumps(state))
    return f'<div class="explorable" data-explorable="{name}" data-state="{data}">{picture}</div>'


class Explorable(SphinxDirective):
    """``{explorable} momentum``: one of `mlpkit.explorables.NAMES`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in NAMES:
            raise self.error(f"there is no explorable {name!r}, only {', '.join(NAMES)}")
        return [nodes.raw("", figure(name), format="html")]


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
    """Let reStructuredText see a docstring as a reader does.

    An indented paragraph is code, not a quotation; ``|W|`` is a norm, not a substitution.
    """
    seen: list[str] = [""]
    for line in lines:
        begins = line.startswith("    ") and seen[-1] == "" and not _last_text(seen).startswith(" ")
        if begins:
            seen += ["::", ""]
        seen.append(re.sub(r"\|(\w+)\|", r"\\|\1\\|", line))
    lines[:] = seen[1:]


def _last_text(lines: list[str]) -> str:
    return next((line for line in reversed(lines) if line), " ")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("explorable", Explorable)
    app.connect("autodoc-process-docstring", read_docstring, priority=400)  # then numpydoc
    app.connect("html-page-context", draw_formulas, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
