"""Reads the banks of mistakes, makes them, and judges what the checker says of them.

A bank is two files: ``NAME.py`` has right models, ``NAME.toml`` has edits of their text. A model is
a function of a generator that returns its loss, its gradient, a point, and the constants and
alternatives for ``check_gradient``. A table of edits has one row a mistake:

    [model]
    'no 1/N' = { old = '- Y) / N', new = '- Y)', says = 'times N' }

``old`` stands once in the model's gradient (or, if not there, once in the model); ``edits`` is a list
of such pairs where one is not enough. ``says`` is the cause that must be named: a name from
``words.toml``, a regular expression, or a list of these. A row without it has a cause that nobody can
tell from numbers: none may be named. With ``unnamed = true`` both are right. ``where``: the place.
``results = { K = ['minus'] }`` changes the gradient of K on its way out, as ``words.toml`` says.
"""

import copy
import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from mlpkit.gradcheck import GradientReport, check_gradient

HERE = Path(__file__).parent
# No fully connected networks.
OUTSIDE = (
    "layers",
    "likelihoods",
    "more_layers",
    "more_likelihoods",
    "simulations",
    "estimators",
    "learners",
    "unseen",
    "further",
)
BANKS = ("course", "networks_3", "networks_4", "networks_5", *OUTSIDE)
NO_CAUSE = "the rest is right"
NOTHING = "(?!)"


@dataclass(frozen=True)
class Mistake:
    """``says`` is one regular expression; ``unnamed``: right too if no cause is named."""

    bank: str
    model: str
    name: str
    edits: tuple[tuple[str, str], ...] = ()
    says: str = NOTHING
    unnamed: bool = True
    where: str = ""

    def __str__(self) -> str:
        return f"{self.bank}, {self.model}: {self.name}"

    @property
    def right(self) -> "Mistake":
        """The model as it was."""
        return replace(self, edits=())


@dataclass(frozen=True)
class Outcome:
    """``cause`` is "right", "wrong" or "unnamed"."""

    mistake: Mistake
    refused: bool
    cause: str
    said: str


def read(bank: str) -> list[Mistake]:
    """Every mistake of the table, in its order."""
    table = tomllib.loads((HERE / f"{bank}.toml").read_text())
    return [mistake for model, rows in table.items() for mistake in _rows(bank, model, rows)]


def _rows(bank: str, model: str, rows: dict[str, Any]) -> Iterator[Mistake]:
    for name, row in rows.items():
        if name == "results":
            yield from _results(bank, model, row)
            continue
        edits = tuple(map(tuple, row.get("edits") or [(row["old"], row["new"])]))
        unnamed = row.get("unnamed", "says" not in row)
        says = regex(row.get("says", NOTHING))
        yield Mistake(bank, model, name, edits, says, unnamed, row.get("where", ""))


def _results(bank: str, model: str, changes: dict[str, list[str]]) -> Iterator[Mistake]:
    for parameter, names in changes.items():
        for name in names:
            way, G = words()["results"][name], f"G[{parameter!r}]"
            edit = ("return G", f"{G} = {way['put'].format(G)}\n        return G")
            yield Mistake(bank, model, f"{parameter} {name}", (edit,), regex(way["says"]), False)


@cache
def words() -> dict[str, Any]:
    return tomllib.loads((HERE / "words.toml").read_text())


def regex(says: str | list[str]) -> str:
    causes = words()["causes"]
    return "|".join(causes.get(part, part) for part in ([says] if isinstance(says, str) else says))


def build(mistake: Mistake, seed: int = 3) -> tuple[Any, Any, Any, dict, dict]:
    """The edited model: loss, gradient, params, constants, alternatives."""
    module = import_module(f"{__package__}.{mistake.bank}")
    text = inspect.getsource(getattr(module, mistake.model))
    for old, new in mistake.edits:
        before, head, gradient = text.partition("    def gradient(")
        if gradient.count(old) == 1:
            text = before + head + gradient.replace(old, new)
            continue
        assert text.count(old) == 1, f"{mistake}: {old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return _run(module, text)[mistake.model](np.random.default_rng(seed))


def _run(module: ModuleType, text: str) -> dict[str, Any]:
    names = dict(vars(module), CACHE={})
    exec(text, names)
    return names


def judge(mistake: Mistake) -> Outcome:
    """What the checker makes of it. A place alone is no cause."""
    loss, gradient, params, constants, alternatives = build(mistake)
    try:
        report = check_gradient(
            loss, gradient, params, constants=constants, alternatives=alternatives
        )
    except (TypeError, ValueError) as error:
        return Outcome(mistake, True, _matches(mistake, str(error)), str(error))
    if not report.findings:
        said = f"{report.verdict}: {report.reason} {' '.join(report.notes)}"
        return Outcome(mistake, is_refused(report), _matches(mistake, said), said)
    said = "; ".join(f"{f.parameter} [{f.where}]: {f.cause}" for f in report.findings)
    return Outcome(mistake, is_refused(report), _cause(mistake, report), said)


def is_refused(report: GradientReport) -> bool:
    """Whether a verdict says that the gradient is wrong, or has too few digits."""
    return not report.ok and report.verdict != "inconclusive"


def _cause(mistake: Mistake, report: GradientReport) -> str:
    causes = [f.cause for f in report.findings if f.cause and f.cause != NO_CAUSE]
    if not all(re.search(mistake.says, cause, re.I) for cause in causes):
        return "wrong"
    is_placed = any(re.search(mistake.where, f.where) for f in report.findings)
    differ = differing(mistake)
    if not is_placed or differ and differ != {f.parameter for f in report.findings}:
        return "unnamed"
    return "right" if causes or mistake.unnamed else "unnamed"


def _matches(mistake: Mistake, said: str) -> str:
    return "right" if re.search(mistake.says, said, re.I) else "unnamed"


def differing(mistake: Mistake) -> set[str]:
    """The names in a dict whose gradients, or which themselves, the edit changes; none where that
    cannot be told."""
    _, gradient, params, *_ = build(mistake)
    _, right, *_ = build(mistake.right)
    if not isinstance(params, dict):
        return set()
    given = copy.deepcopy(params)
    yours, right = gradient(given), right(params)
    if not isinstance(yours, dict) or set(yours) != set(params):
        return set()
    if any(np.shape(yours[name]) != np.shape(right[name]) for name in params):
        return set()
    return {
        name
        for name, array in params.items()
        if not np.allclose(yours[name], right[name], 1e-9, 0)
        or not np.array_equal(array, given[name])
    }


def summary(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """refused: of all; named: right causes of the knowable ones; false: wrong ones of all."""
    outcomes = list(outcomes)
    knowable = [o.cause for o in outcomes if not o.mistake.unnamed]
    return {
        "mistakes": len(outcomes),
        "knowable": len(knowable),
        "refused": sum(o.refused for o in outcomes) / len(outcomes),
        "named": knowable.count("right") / len(knowable),
        "false": sum(o.cause == "wrong" for o in outcomes) / len(outcomes),
    }
