"""mlpkit: data and gradient checks for a course on backpropagation.

    from mlpkit import check_gradient
    check_gradient(loss, gradient, params)

Submodules: ``datasets``, ``explorables``, ``forward``, ``gradcheck``, ``momentum``, ``plotting``,
``testing``. They are imported when they are first used, so that ``import mlpkit`` costs no more
than numpy.
"""

import re
from importlib import import_module
from typing import Any

_EXPORTS = {
    "GradientError": "gradcheck",
    "GradientReport": "gradcheck",
    "assert_gradient": "gradcheck",
    "check_gradient": "gradcheck",
    "check_jacobian": "gradcheck",
    "numerical_gradient": "gradcheck",
    "taylor_test": "gradcheck",
}
SUBMODULES = ("datasets", "explorables", "forward", "gradcheck", "momentum", "plotting", "testing")

__all__ = [*_EXPORTS, *SUBMODULES]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _EXPORTS:
        return getattr(import_module(f"mlpkit.{_EXPORTS[name]}"), name)
    if name in SUBMODULES:
        return import_module(f"mlpkit.{name}")
    raise AttributeError(f"module 'mlpkit' has no attribute {name!r}; it has {', '.join(__all__)}")


def require_version(needed: str) -> None:
    """Raise ImportError unless this mlpkit is of version ``needed``, like "0.1.0", or newer."""
    installed, least = (
        [int(part) for part in re.findall(r"\d+", version)] for version in (__version__, needed)
    )
    if installed < least:
        raise ImportError(f"mlpkit {needed} or newer is needed; installed is {__version__}")


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext mlpkit`` brings the line ``%watch``: a check at every save."""
    import_module("mlpkit.notebook_extension").load(ipython)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
