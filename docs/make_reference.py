"""Writes reference.md from the docstrings: python docs/make_reference.py

tests/docs/test_reference.py fails while the file differs from what this would write.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PATH = Path(__file__).with_name("reference.md")
MODULES = (
    "mlpkit.gradcheck",
    "mlpkit.momentum",
    "mlpkit.plotting",
    "mlpkit.datasets",
    "mlpkit.testing",
    "autograder.exam",
    "autograder.result",
)
HEAD = """\
# Reference

Made from the docstrings by `python docs/make_reference.py`; edit those.
`check_gradient`, `assert_gradient`, `numerical_gradient`, `GradientReport` and `GradientError` can
also be imported from `mlpkit`. What the commands take:
[instructor.md](instructor.md#what-each-command-takes).
"""


def reference() -> str:
    """The whole page."""
    pages = ["\n".join(_module(import_module(name))) for name in MODULES]
    return "\n".join([HEAD, *pages])


def _module(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__}\n"
    yield _block(inspect.getdoc(module))
    names = getattr(module, "__all__", None) or _own_names(module)
    foreign = [name for name in names if not _is_ours(getattr(module, name))]
    for name in names:
        if name not in foreign:
            yield from _entry(name, getattr(module, name))
    for name in foreign:
        yield f"`{name}` is `{getattr(module, name).__module__.split('.')[0]}`'s.\n"


def _own_names(module: ModuleType) -> list[str]:
    """Public functions and classes that are defined in the module, in its order."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and callable(value)
        and getattr(value, "__module__", None) == module.__name__
    ]


def _is_ours(value: Any) -> bool:
    return value.__module__.split(".")[0] in ("mlpkit", "autograder")


def _entry(name: str, value: Any) -> Iterator[str]:
    yield f"### {name}\n"
    yield _block(f"{name}{_signature(value)}\n\n{inspect.getdoc(value) or ''}")
    if inspect.isclass(value):
        for member, text in _members(value):
            yield f"`{name}.{member}`\n: {text}\n"


def _signature(value: Any) -> str:
    """Arguments without their types: the docstring says what they are."""
    if inspect.isclass(value) and issubclass(value, Exception):
        return ""
    parameters = inspect.signature(value).parameters.values()
    short = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return str(inspect.Signature(short))


def _members(value: type) -> Iterator[tuple[str, str]]:
    """Public methods and properties that have a docstring."""
    for name, member in vars(value).items():
        text = inspect.getdoc(member.fget if isinstance(member, property) else member)
        described = isinstance(member, property | classmethod) or inspect.isfunction(member)
        if described and text and not name.startswith("_"):
            arguments = "" if isinstance(member, property) else _signature(getattr(value, name))
            yield name + arguments, " ".join(text.split())


def _block(text: str | None) -> str:
    return f"```\n{(text or '').strip()}\n```\n"


if __name__ == "__main__":
    PATH.write_text(reference(), encoding="utf-8")
