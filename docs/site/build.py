"""Builds the site: ``python docs/site/build.py [--without-solutions] [--repository OWNER/NAME]``.

Writes the pages from what the project has (notebooks, docs, the changelog) into
``build/site/source``, and the site, which needs no network, into ``build/site/html``.
"""

import argparse
import importlib
import json
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

import chapters  # noqa: E402  (next to this file)
import errata  # noqa: E402

from mlpkit.explorables import NAMES, module  # noqa: E402

# Pages written elsewhere in the project: name on the site -> file.
PAGES = {
    "checking_your_code": "docs/gradient-checking.md",
    "students": "docs/student.md",
    "instructors": "docs/instructor.md",
    "security": "SECURITY.md",
    "design": "docs/design.md",
    "changelog": "CHANGELOG.md",
}
PLACED = "checking_your_code", "changelog"  # elsewhere in the list of pages
MODULES = (
    "mlpkit.gradcheck",
    "mlpkit.momentum",
    "mlpkit.plotting",
    "mlpkit.forward",
    "mlpkit.datasets",
    "mlpkit.testing",
    "mlpkit.explorables",
    "autograder.exam",
    "autograder.result",
)
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")


def write_source(to: Path, *, solutions: bool, repository: str = "") -> None:
    """Write everything that Sphinx reads into the folder ``to``, which is emptied first."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(HERE / "pages", to)
    shutil.copytree(HERE / "static", to / "_static")
    (to / "_static" / "explorables.js").write_text(script(), encoding="utf-8")
    names = [p.name for p in sorted((ROOT / "solutions").glob("[0-9][0-9]_*")) if p.is_dir()]
    (to / "chapters").mkdir()
    for name in names:
        _write_chapter(to, name, solutions, repository)
    (to / "errata.md").write_text(errata.page(ROOT), encoding="utf-8")
    present = [page for page, file in PAGES.items() if (ROOT / file).is_file()]
    for page in present:
        text = (ROOT / PAGES[page]).read_text(encoding="utf-8")
        text = chapters.markdown(_relinked(text, (ROOT / PAGES[page]).parent, to))
        (to / f"{page}.md").write_text(text, encoding="utf-8")
    _write_api(to / "api")
    index = to / "index.md"
    listed = {
        "@CHAPTERS@": [f"chapters/{name}" for name in names],
        "@PAGES@": ["errata", "explorables", *(p for p in present if p not in PLACED)],
        "@LIST@": [f"- [](chapters/{name}.ipynb)" for name in names],
        "@REFERENCE@": ["api/index", *(p for p in present if p == "changelog")],
    }
    text = index.read_text(encoding="utf-8")
    for mark, pages in listed.items():
        text = text.replace(mark, "\n".join(pages))
    index.write_text(text, encoding="utf-8")


def script() -> str:
    """Return the script of the pages: every module, and what shows it where it is asked for."""
    modules = json.dumps({name: module(name) for name in NAMES}, ensure_ascii=False)
    modules = modules.replace("</", "<\\/")
    loader = (HERE / "loader.js").read_text(encoding="utf-8")
    return f"const MODULES = {modules};\n{loader}"


def _write_chapter(to: Path, name: str, solutions: bool, repository: str) -> None:
    release = ROOT / "assignments" / name / f"{name}.ipynb"
    if not release.is_file():
        raise SystemExit(f"{release.relative_to(ROOT)} is missing: run autograder build first.")
    (to / "chapters" / "files").mkdir(exist_ok=True)
    shutil.copy(release, to / "chapters" / "files")
    links = f"{{download}}`Download the notebook <files/{name}.ipynb>`"
    if repository:
        address = f"github/{repository}/blob/main/assignments/{name}/{name}.ipynb"
        links += f" · [Open in Colab](https://colab.research.google.com/{address})"
    reading = ROOT / "solutions" / name / f"{name}.ipynb"
    page = chapters.chapter(release, reading, links, solutions=solutions)
    nbformat.write(page, to / "chapters" / f"{name}.ipynb")


def _relinked(text: str, folder: Path, to: Path) -> str:
    """Links between files become links between pages; files that are no pages become code."""
    sites = {(ROOT / file).resolve(): page for page, file in PAGES.items()}

    def replace(found: re.Match[str]) -> str:
        target = (folder / found[1]).resolve()
        if target in sites and target.is_file():
            return f"]({sites[target]}.md{found[2] or ''})"
        if target.suffix == ".png" and target.is_file():
            shutil.copy(target, to)
            return f"]({target.name})"
        return "](index.md)"

    return _LINK.sub(replace, text)


def _write_api(folder: Path) -> None:
    """One page for each public module, filled by autodoc from the docstrings."""
    folder.mkdir()
    names = "\n".join(MODULES)
    (folder / "index.md").write_text(
        f"# Reference\n\n```{{toctree}}\n{names}\n```\n", encoding="utf-8"
    )
    for name in MODULES:
        foreign = ", ".join(_foreign(importlib.import_module(name)))
        directive = f".. automodule:: {name}\n   :members:\n"
        if foreign:  # scikit-learn documents its own
            directive += f"   :exclude-members: {foreign}\n"
        body = f"# {name}\n\n```{{eval-rst}}\n{directive}```\n"
        (folder / f"{name}.md").write_text(body, encoding="utf-8")


def _foreign(module: ModuleType) -> list[str]:
    """Public names that another project defines."""
    ours = ("mlpkit", "autograder", "builtins")
    names = getattr(module, "__all__", ())
    homes = {name: getattr(getattr(module, name), "__module__", "mlpkit") for name in names}
    return [name for name, home in homes.items() if home.split(".")[0] not in ours]


def main() -> int:
    """Build the site; return Sphinx's exit code."""
    from sphinx.cmd.build import main as sphinx

    parser = argparse.ArgumentParser(description=__doc__, prog="python docs/site/build.py")
    parser.add_argument("--without-solutions", action="store_true", help="for a class's own site")
    parser.add_argument("--repository", default="", help="OWNER/NAME on GitHub, for Colab links")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "site")
    given = parser.parse_args()
    source, html = given.to / "source", given.to / "html"
    write_source(source, solutions=not given.without_solutions, repository=given.repository)
    options = ["-q", "-j", "2", "-c", str(HERE), "-d", str(given.to / "cache")]
    static = f"html_static_path={source / '_static'}"
    code = sphinx([*options, "-D", static, str(source), str(html)])
    if code == 0:
        print(f"The site is in {html}; open {html / 'index.html'}.")
    return code


if __name__ == "__main__":
    sys.exit(main())
