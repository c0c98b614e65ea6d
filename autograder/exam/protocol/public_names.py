"""Functions and types that both sides of an exam know by name."""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

import numpy as np


def public_name(value: Any) -> tuple[str, str] | None:
    """Where numpy, mlpkit or builtins export this function or type, if they do."""
    if isinstance(value, np.ufunc):
        name = str(value.__name__)
        return ("numpy", name) if getattr(np, name, None) is value else None
    if not isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return None
    module = value.__module__ or ""
    if module.partition(".")[0] not in ("numpy", "mlpkit", "builtins"):
        return None
    found: Any = sys.modules.get(module)
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    return (module, value.__qualname__) if found is value else None


def find_public(module: str, name: str) -> Any:
    """What a library exports under this name."""
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found
