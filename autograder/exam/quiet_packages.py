"""Packages whose import leaves no thread running and ends no process: nobody need try it first.

A trial imports everything a second time, which for tables, figures and models takes as long as
many exams do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

LIBRARIES = frozenset(
    {
        *("numpy", "scipy", "pandas", "dateutil", "pytz", "tzdata", "six", "PIL", "matplotlib"),
        *("mpl_toolkits", "matplotlib_inline", "cycler", "kiwisolver", "contourpy", "pyparsing"),
        *("packaging", "fontTools", "seaborn", "sklearn", "joblib", "threadpoolctl", "narwhals"),
        *("statsmodels", "patsy", "sympy", "mpmath", "networkx", "nose", "pytest", "_pytest"),
        *("pluggy", "iniconfig", "IPython", "traitlets", "pygments", "typing_extensions", "mlpkit"),
    }
)
OWN = {"autograder", "cython_runtime", "_distutils_hack"}
QUIET = (sys.stdlib_module_names - {"test", "idlelib", "antigravity"}) | LIBRARIES | OWN
COMPILED = "_cython_", "_cyutility", "_csparsetools", "_moduleTNC", "_ni_label"  # scipy's, mostly


def are_quiet(names: Iterable[str]) -> bool:
    """Whether all of these modules are of such packages."""
    return all(name.partition(".")[0] in QUIET or name.startswith(COMPILED) for name in names)
