"""An explorable as a notebook's widget, and its module as text."""

import re
from functools import cache, cached_property
from importlib import import_module
from typing import Any

STATE = "application/vnd.mlpkit.explorable+json"  # {"name", "state"}, for who shows it elsewhere
NAMES = ("backward_pass", "momentum", "two_losses", "softmax", "step_h", "through_time")
_IMPORT = re.compile(r'^import \{[^}]*\} from "./kit.js";\n', re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^ */\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_LINE_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
_LAST_COMMENT = re.compile(r"(?<=[;{,)]) +// [^\"'`\n]*$", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \n]+", re.MULTILINE)


@cache
def module(name: str) -> str:
    """Return the ES module of an explorable, complete: it imports nothing.

    It exports ``compute(state)``, ``spec``, ``show(element, state)``, and by default what anywidget
    calls. What all explorables use, `kit.js`, stands in it in place of the import.
    """
    if name not in NAMES:
        raise ValueError(f"there is no explorable {name!r}, only {', '.join(NAMES)}")
    from importlib import resources  # late: it takes a tenth of what importing numpy does

    here = resources.files(__package__)
    kit = _dense((here / "kit.js").read_text("utf-8")).replace("\nexport ", "\n")
    text, found = _IMPORT.subn(lambda _: kit, (here / f"{name}.js").read_text("utf-8"))
    if found != 1:
        raise AssertionError(f"{name}.js imports from kit.js {found} times, expected once")
    return _dense(text)


def _dense(text: str) -> str:
    """Leave out comments, indentation and empty lines: a notebook stores the module."""
    for pattern in (_BLOCK_COMMENT, _LINE_COMMENT, _LAST_COMMENT, _INDENTATION):
        text = pattern.sub("", text)
    return text


class Explorable:
    """What a cell shows: the live widget; its picture where no script runs or anywidget is missing.

    Attributes
    ----------
    name : one of `NAMES`
    state : what it began with, plain data
    widget : the anywidget, made when it is first asked for; ``widget.state`` follows what is
        dragged. ImportError when anywidget is missing.
    """

    def __init__(self, name: str, state: dict[str, Any]):
        self.name, self.state = name, state

    @cached_property
    def widget(self) -> Any:
        return _widget_class(self.name)(state=self.state)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        pictures = import_module("mlpkit.explorables.pictures")
        data = {
            "image/png": pictures.png(self.name, self.state),
            "text/plain": repr(self),
            STATE: {"name": self.name, "state": self.state},
        }
        try:
            bundle = self.widget._repr_mimebundle_(**kwargs)
        except ImportError as error:
            print(error)
            return data, {}
        live, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**live, **data}, metadata

    def __repr__(self) -> str:
        return f"<explorable {self.name}; run the cell in JupyterLab, VS Code, Colab or marimo>"


@cache
def _widget_class(name: str) -> Any:
    try:
        anywidget = import_module("anywidget")
    except ImportError as error:
        raise ImportError(
            "This is a picture only, because anywidget is missing: type "
            "pip install 'mlpkit[notebook]' and restart the kernel to drag its numbers."
        ) from error
    state = import_module("traitlets").Dict().tag(sync=True)
    return type("ExplorableWidget", (anywidget.AnyWidget,), {"_esm": module(name), "state": state})
