"""``new``, ``build`` and ``prove``: assignments of one's own, in any folder."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from pathlib import Path

from autograder.authoring.installed import course_files, course_sources
from autograder.cli.exit_codes import FAULT
from autograder.errors import AutograderError


def new(args: Namespace) -> int:
    from autograder.authoring.new_assignment import write_new_assignment

    written = write_new_assignment(Path(args.folder), args.name)
    print("\n".join(map(str, written)))
    where = "" if args.folder == "." else f" --folder {shlex.quote(args.folder)}"
    print(
        f"\nNow type   autograder build {args.name}{where} --watch    while you write\n"
        f"           autograder prove {args.name}{where}            mistakes lose what they say\n"
        f"           autograder build {args.name}{where}            the notebooks"
    )
    return 0


def build(args: Namespace) -> int:
    from autograder.authoring.build import build as build_all
    from autograder.authoring.build import find_sources

    root = _root(args)
    if args.watch:
        from autograder.authoring.watch import watch

        for line in watch(find_sources(root, args.only), root):
            print(line, flush=True)
    written = build_all(root, check=args.check, only=args.only or None)
    print("\n".join(map(str, written)) or "Everything is up to date.", flush=True)
    if not args.check:
        _report_mutants(root, args.only)
    return 0


def _report_mutants(root: Path, only: list[str]) -> None:
    """For each check, how many wrong readings of its reference it refuses."""
    from autograder.authoring.build import find_sources
    from autograder.authoring.mutant_report import mutant_report
    from autograder.authoring.source import read_source

    for path in find_sources(root, only):
        try:
            found = mutant_report(root, path.stem, read_source(path))
        except Exception as error:  # code of any course, run without an exam
            print(f"{path.stem}: its checks were not held against mutants: {error}")
        else:
            print("\n".join(found.table), flush=True)


def prove(args: Namespace) -> int:
    from autograder.authoring.build import find_sources
    from autograder.authoring.proof import prove_assignment

    wrong = count = 0
    for path in find_sources(_root(args), args.only):
        for what, trouble in prove_assignment(path):
            count += 1
            wrong += bool(trouble)
            if trouble:
                at = "" if trouble.startswith(what) else f"{what}: "
                print(f"{at}{trouble}", file=sys.stderr)
            else:
                print(f"{what}: ok", flush=True)
    print(f"{count - wrong} of {count} hold.")
    return FAULT if wrong else 0


def mutants(args: Namespace) -> int:
    """Hold each check against wrong readings of its reference; write their fingerprints."""
    import json
    import os

    os.environ.setdefault("MPLBACKEND", "Agg")
    from autograder.authoring.answer_bank import read_variants
    from autograder.authoring.build import find_sources
    from autograder.authoring.mutant_report import mutant_report
    from autograder.authoring.source import read_source
    from autograder.mutants import fingerprints
    from autograder.notebook.source_cells import read_source_cells

    survivors, root = 0, _root(args)
    for path in find_sources(root, args.only):
        source = read_source(path)
        if not args.fingerprints:
            found = mutant_report(root, path.stem, source)
            survivors += found.survivors
            print("\n".join([*found.table, *(found.equivalents if args.equivalents else ())]))
        if path.stem in course_sources():
            steps = read_source_cells(json.loads(json.dumps(source)))
            variants = [one.cells for one in read_variants(path.parent, source)]
            written = fingerprints.write(path.stem, steps, variants)
            print(
                f"{written.path}: {written.named} wrong values named in notebooks, "
                f"{written.unlike} not, as the cause would be false for a mutant that gives them",
                flush=True,
            )
    return FAULT if survivors else 0


def own_sources(args: Namespace) -> dict[str, Path] | None:
    """The assignments of ``--folder``; None for those of the installation."""
    from autograder.authoring.build import find_sources

    if not args.folder:
        return None
    return {path.stem: path for path in find_sources(Path(args.folder), [])}


def _root(args: Namespace) -> Path:
    """The folder with ``solutions/``: the one given, the one above here, else the checkout."""
    if args.folder:
        return Path(args.folder)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if any((folder / "solutions").glob("[0-9][0-9]_*/")):
            return folder
    checkout = course_files().parent
    if (checkout / "pyproject.toml").is_file():
        return checkout
    raise AutograderError(
        f"There is no solutions/NN_topic in {here}, nor above it. To begin an assignment there: "
        "autograder new 08_batch_norm"
    )
