"""Run every benchmark and put its tables into BENCHMARKS.md: ``python -m benchmarks [NAME ...]``.

Each module of this package that has ``run() -> str`` gives one section of Markdown. It stands in
BENCHMARKS.md between ``<!-- NAME begin -->`` and ``<!-- NAME end -->``; the rest is left alone.
"""

import importlib
import os
import pkgutil
import platform
import re
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import benchmarks

PAGE = Path(__file__).parents[1] / "BENCHMARKS.md"
TITLE = """# Benchmarks

Written by `make bench`. Counts are exact; times are of the machine named in each section, one run,
all competitors side by side: compare them with each other, not with other machines.
"""


def replace_section(page: str, name: str, section: str) -> str:
    """The page with this section in place of the one between its markers, or at the end."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    block = f"{begin}\n{section.strip()}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda match: block, page)
    return f"{page.rstrip()}\n\n{block}\n"


def main(names: list[str]) -> None:
    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    unknown = set(names) - set(modules)
    if unknown:
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(modules)}")
    for name in names or modules:
        if name == "__main__":
            continue
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "run"):
            print(f"{name} ...", flush=True)
            section = module.run()
            page = PAGE.read_text() if PAGE.exists() else TITLE
            PAGE.write_text(replace_section(page, name, section))


if __name__ == "__main__":
    print(platform.platform(), platform.python_version())
    main(sys.argv[1:])
