"""The page *Errata of five published notes*, made from the source of `07_debug_the_notes`.

The tables of that notebook give each printed formula; its cases are run against central differences
here, so that the numbers on the page are those of this build; its verdicts are the solution's. Only
what is wrong and the right formulas are written below, and the build stops when they are not those
of the cases that do not hold.
"""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring.source import read_source
from autograder.reports import formulas

NOTEBOOK = "07_debug_the_notes"
RIGHT = {
    "domke": {
        "loss": (
            r"exp is missing in the sum, so the box below is not its derivative",
            r"$-f_y + \log \sum_k \exp f_k$",
        ),
        "average": (
            r"called an average, but there is no $1/N$",
            r"$\frac{1}{N} \sum_i L(y_i, f(x_i))$, or call it the sum",
        ),
        "dL_dW": (
            r"without outer brackets $\odot$ multiplies a vector by a matrix",
            r"$\left(\sigma'(b + Wx) \odot (V^T \frac{dL}{df})\right) x^T$",
        ),
    },
    "gutfreund": {
        "dyhat": (
            r"the sum makes one number of $K$ derivatives",
            r"$-y_k / \hat y_k$ for each $k$, without a sum",
        ),
        "softmax": (
            r"$y$ stands where $\hat y$ is meant",
            r"$d\hat y_k / dz_j = \hat y_k (1\{k = j\} - \hat y_j)$",
        ),
        "dU": (
            r"two vectors have no such product; the outer product is meant",
            r"$(\hat y - y)\, h^T$",
        ),
        "dbhat": (
            r"$\hat b$ is added to $z$ itself: nothing comes after $dL/dz$",
            r"$\hat y - y$",
        ),
        "db_first": (
            r"a hat is lost: this is the derivative with respect to $\hat b$",
            r"$dL/d\hat b = \hat y - y$; $dL/db$ is the last line",
        ),
        "dW": (
            r"the shapes do not fit: $U$ and $x$ have to be transposed",
            r"$\left((1 - h^2) \odot U^T (\hat y - y)\right) x^T$",
        ),
        "recursion": (
            r"the slope of the layer itself is missing",
            r"times $g^{(i)\prime}(W^{(i)} x^{(i)} + b^{(i)})$ before using it",
        ),
    },
    "galvan_hao": {
        "galvan_6": (
            r"these are the units that feed $l$, not those that $l$ feeds",
            r"$P(l) = \{k : \text{a link with weight } w_{kl}\}$",
        ),
        "galvan_13": (
            r"$\sigma$ where its slope belongs, and at $\Delta_i$ instead of $a_i$",
            r"$\Delta_i = W_{i+1}^T \Delta_{i+1} \circ \sigma'(a_i)$",
        ),
        "hao_chain": (
            r"$q$ for $q_m$: entry by entry only the true class is left",
            r"$\frac{\partial L}{\partial q_m}\, q_m (\delta_m - q)$",
        ),
        "hao_dW1": (
            r"the norm of $W_1$, a number, where $W_1$ itself belongs",
            r"$\frac1N x^T \frac{\partial L}{\partial D} + \alpha W_1$",
        ),
        "hao_dW2": (
            r"the norm of $W_2$, a number, where $W_2$ itself belongs",
            r"$\frac1N h^T (q - \delta_m) + \alpha W_2$",
        ),
        "hao_db1": (
            r"one row for each sample: the sum over the batch is missing",
            r"$\frac1N \sum_n (\frac{\partial L}{\partial D})_n$, a sum over the batch",
        ),
        "hao_db2": (
            r"one row for each sample: the sum over the batch is missing",
            r"$\frac1N \sum_n (q - \delta_m)_n$, a sum over the batch",
        ),
        "hao_gate": (
            r"at the kink there is no derivative; 1 is one choice of several",
            r"1 for $D > 0$, 0 for $D < 0$; at $D = 0$ say which side is meant",
        ),
    },
    "li": {
        "yhat": (
            r"the sigmoid of the output is missing",
            r"$\hat y = \sigma(z_1 W^2 + b^2)$",
        ),
        "dW2": (
            r"the sign",
            r"$Z^T (\hat Y - Y)$",
        ),
        "db2": (
            r"the sign",
            r"$(\hat y_0 - y_0, \dots, \hat y_9 - y_9)$",
        ),
        "dW1_column": (
            r"the sign, and $x$ is lost",
            r"$x^T \left(\sum_k (\hat y_k - y_k) W^2_{0,k}\right) \delta_0$",
        ),
        "dW1": (
            r"the sign",
            r"$X^T \left(((\hat Y - Y) W^{2T}) \circ Z (1 - Z)\right)$",
        ),
        "hidden_layers": (
            r"counted wrong: the network has one",
            r"one hidden layer",
        ),
        "last_unit": (
            r"counted wrong: 0 to 512 are 513 units",
            r"$z_{n,0}, \dots, z_{n,511}$",
        ),
    },
}
_ROW = re.compile(r"^\| `(\w+)` \| (.+) \| ([^|]*) \|$", re.MULTILINE)
_TITLE = re.compile(r"^## \d+ · (.+?) · \d+ points", re.MULTILINE)


def page(root: Path) -> str:
    """Return the page as Markdown; formulas are marks for `pages.draw_formulas`."""
    source = read_source(root / "solutions" / NOTEBOOK / f"{NOTEBOOK}.py")
    names = _run(source)
    tables = list(_tables(source))
    families = [name.removesuffix("_cases") for name in names if name.endswith("_cases")]
    parts = [HEAD]
    for family, (title, rows) in zip(families, tables, strict=True):
        cases = names[f"{family}_cases"]()
        verdicts = {name: word for name, (word, _) in names[f"{family}_verdicts"]().items()}
        if set(rows) != set(cases) or set(rows) != set(verdicts):
            raise SystemExit(f"{NOTEBOOK}: table, cases and verdicts of {family} differ")
        parts.append(f"## {title}\n\n::::{{container}} errata\n{COLUMNS}")
        for name, verdict in verdicts.items():
            if verdict == "holds":
                continue
            printed, where = rows[name]
            error = "a convention left open" if verdict == "convention" else _error(cases[name])
            wrong, right = _right(family, name)
            cells = (f"{printed}<br>*{where}*", wrong, right, error)
            parts.append(f"| {' | '.join(cells)} |")
        parts.append("::::")
        fine = [rows[name][0] for name, verdict in verdicts.items() if verdict == "holds"]
        parts.append(f"\nCorrect as printed: {'; '.join(fine)}.\n")
    return formulas.marked("\n".join(parts))


def _run(source: Any) -> dict[str, Any]:
    """Run the given cells and the solutions; our own source, the one that is released."""
    names: dict[str, Any] = {}
    for cell in source.cells:
        role = cell.metadata.get("nbgrader", {})
        skipped = role.get("grade") or "experiment" in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and not skipped:
            exec(compile(cell.source, NOTEBOOK, "exec"), names)
    return names


def _tables(source: Any) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """Each note's title, and its rows: name -> (printed, where)."""
    for cell in source.cells:
        if cell.cell_type == "markdown" and "| name | printed | where |" in cell.source:
            rows = {name: (printed, where) for name, printed, where in _ROW.findall(cell.source)}
            title = _TITLE.search(cell.source)
            yield (title[1] if title else "The notes"), rows


def _error(case: Any) -> str:
    """The largest error of an entry, relative to the largest entry of the derivative."""
    if isinstance(case, str):
        return "not a derivative: counted"
    loss, gradient, params, _ = case
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = _leaves(gradient(params))
            right = list(_central(loss, params))
    except (ValueError, KeyError):
        return "cannot be computed"
    if [g.shape for g in given] != [r.shape for r in right]:
        return "not its shape"
    worst, yours, ours = max(map(_worst, given, right))
    return f"{100 * worst:.3g} %<br>{yours:.4g} for {ours:.4g}"


def _worst(given: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    """The largest error relative to the largest entry, and both numbers where it is."""
    error = np.abs(given - right)
    at = np.unravel_index(error.argmax(), error.shape)
    return float(error[at] / np.abs(right).max()), float(given[at]), float(right[at])


def _leaves(tree: Any) -> list[np.ndarray]:
    branches = [tree]
    if isinstance(tree, dict | list):
        branches = list(tree.values()) if isinstance(tree, dict) else tree
    return [np.asarray(leaf, dtype=float) for leaf in branches]


def _central(loss: Any, params: Any) -> Iterator[np.ndarray]:
    """Central differences of each array of params, with h of 1e-6."""
    keys: Any = [None]
    if isinstance(params, dict | list):
        keys = params if isinstance(params, dict) else range(len(params))
    for key in keys:
        value = np.array(params if key is None else params[key], dtype=float)

        def at(array: np.ndarray, key: Any = key) -> float:
            if key is None:
                return float(loss(array))
            moved = params.copy()
            moved[key] = array
            return float(loss(moved))

        gradient = np.empty_like(value)
        for index in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[index] = 1e-6
            gradient[index] = (at(value + step) - at(value - step)) / 2e-6
        yield gradient


def _right(family: str, name: str) -> tuple[str, str]:
    """What is wrong, and the right formula."""
    try:
        return RIGHT[family][name]
    except KeyError:
        raise SystemExit(f"errata.RIGHT has no formula for {name} of {family}") from None


COLUMNS = "| printed | what is wrong | right | largest error |\n|:--|:--|:--|:--|"
HEAD = """# Errata of five published notes

Each formula below was checked against central differences of the loss it belongs to, with the case
of [`07_debug_the_notes`](chapters/07_debug_the_notes.ipynb). The largest error is relative to the
largest entry of the derivative, with the number that the printed formula gives there, for the right
one; both were computed when this page was built. A convention is a choice
that is fine either way, once it is said.
"""
