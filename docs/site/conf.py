"""Sphinx's configuration of the site; `build.py` writes the pages that it reads.

Theme: furo. It loads nothing from elsewhere, is dark and light, has no tracking and no jQuery, and
reads well on a phone. Formulas are MathML, made while the site is built: browsers draw it
themselves, so there is no script and no font to bundle.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "mlpkit"
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "pages"]
html_theme = "furo"
html_title = "mlpkit"
exclude_patterns = ["chapters/files"]  # the notebooks to download
html_css_files = ["site.css"]
html_js_files = ["explorables.js"]
html_favicon = "static/favicon.svg"
html_show_sphinx = html_show_copyright = False
html_copy_source = html_show_sourcelink = False
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005A8C", "color-brand-content": "#005A8C"},
    "dark_css_variables": {"color-brand-primary": "#6BC1F0", "color-brand-content": "#6BC1F0"},
}

nb_execution_mode = "off"  # outputs are those of the executed reading copies
nb_mime_priority_overrides = [
    ("html", mime, rank)
    for rank, mime in enumerate(("image/png", "image/svg+xml", "text/html", "text/plain"))
]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "misc.highlighting_failure"]
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
