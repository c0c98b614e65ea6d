"""A deferred module costs nothing until it is used, and is then the module itself."""

import subprocess
import sys

import pytest

BEFORE = """
import sys
from autograder.exam import lazy_import as deferred
called = []
deferred.defer("matplotlib")
deferred.defer("matplotlib.pyplot", lambda: called.append(1))
"""

# What a notebook may do first, and what holds then.
USES = {
    "import matplotlib.pyplot as plt": "not real('matplotlib') and not real('matplotlib.pyplot')",
    "from matplotlib import pyplot": "not real('matplotlib') and not real('matplotlib.pyplot')",
    "import matplotlib\nmatplotlib.rcParams['lines.linewidth'] = 3": "matplotlib.rcParams",
    "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nplt.figure()": "called == [1] and plt.get_fignums() == [1]",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])": "called == [1] and plt.gca().lines and sys.modules['matplotlib.pyplot'].gca().lines",
    "import matplotlib.pyplot as plt\nplt.show = print": "sys.modules['matplotlib.pyplot'].show is print and plt.show is print",
    "import matplotlib.backends.registry": "matplotlib.backends.registry.backend_registry",
    "from matplotlib.backends.registry import backend_registry\nimport matplotlib": "matplotlib.backends.registry.backend_registry is backend_registry",
    "import matplotlib.ticker as ticker": "ticker is sys.modules['matplotlib.ticker']",
    "from matplotlib.figure import Figure\nimport matplotlib.pyplot as plt": "isinstance(plt.figure(), Figure) and Figure.__module__ == 'matplotlib.figure'",
    "from matplotlib.pyplot import *": "callable(subplots) and called == [1]",
    "import importlib\nfound = importlib.import_module('matplotlib.axes')": "found.Axes",
}


@pytest.mark.parametrize("use", USES)
def test_each_use_finds_the_module_and_what_lies_in_it_is_made_once(use):
    check = f"""
real = lambda name: not isinstance(sys.modules[name], deferred.Deferred)
assert {USES[use]}
for name, module in [*sys.modules.items()]:
    parent, _, child = name.rpartition(".")
    if name.startswith("matplotlib.") and real(name) and "." in name:
        assert getattr(sys.modules[parent], child) is module or child == "pyplot", name
        assert module.__spec__.loader.__class__.__name__ != "_Present", name
"""
    subprocess.run(
        [sys.executable, "-c", BEFORE + use + check],
        check=True,
        env={"MPLBACKEND": "agg", "PATH": ""},
    )


def test_what_is_not_there_is_said_as_python_says_it():
    code = (
        BEFORE
        + """
import matplotlib.pyplot as plt
for statement, error in (("import matplotlib.nothing", ModuleNotFoundError),
                         ("from matplotlib import nothing", ImportError),
                         ("import matplotlib.pyplot.nothing", ModuleNotFoundError),
                         ("plt.nothing", AttributeError)):
    try:
        exec(statement)
    except error as reason:
        assert "nothing" in str(reason), reason
    else:
        raise SystemExit(statement)
"""
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_what_was_really_imported_counts_as_loaded():
    code = (
        BEFORE
        + """
before = deferred.loaded()
assert "matplotlib" not in before and "sys" in before
deferred.load("matplotlib.pyplot")
assert {"matplotlib", "matplotlib.pyplot", "matplotlib.figure"} <= deferred.loaded()
deferred.load("matplotlib.pyplot")
assert called == [1]
"""
    )
    subprocess.run([sys.executable, "-c", code], check=True)
