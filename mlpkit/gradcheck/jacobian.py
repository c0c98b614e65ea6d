"""Jacobians, and so Hessians: a function of many values, checked by a few random combinations.

For a random u the number u . f(x) has the gradient u J. So two combinations of all values, each
checked along random directions, see an error anywhere in J (random vectors on both sides); what
one direction changes in every value at once then tells which rows are wrong.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mlpkit.gradcheck.check import check_gradient
from mlpkit.gradcheck.inputs.arrays import is_numbers, to_numpy
from mlpkit.gradcheck.inputs.calls import as_tuple, bind
from mlpkit.gradcheck.inputs.pytree import Tree, flatten
from mlpkit.gradcheck.report import Finding, GradientReport

COMBINATIONS = 2
SHOWN = 3  # wrong rows that are explained


def check_jacobian(
    f: Callable[..., Any],
    jacobian: Callable[..., Any],
    x: Any,
    *,
    args: Any = (),
    name: str = "x",
    seed: int = 0,
    **options: Any,
) -> GradientReport:
    """Compare ``jacobian(x)`` with the slopes of the vector-valued ``f(x)``.

    Parameters
    ----------
    f : function of an array x (n numbers of any shape) that returns m numbers of any shape. With a
        gradient as ``f``, ``jacobian`` is the Hessian.
    jacobian : function of x that returns the derivatives as an array of shape (m, n), or of the
        shape of f followed by that of x; sparse matrices and LinearOperators of scipy as well.
    x : array of floats, of numpy, torch, jax or pandas, or one number.
    args : further arguments of both functions.
    name, seed : of x in the report, and of the random vectors.
    options : ``bounds``, ``rtol``, ``method`` of ``check_gradient``.

    A wrong row is reported as ``df[i]/dx``, with its wrong columns. Costs a few evaluations of f
    and of the Jacobian, however many numbers they hold. Raises ValueError where the shape of the
    Jacobian does not fit.
    """
    f, jacobian = (bind(function, as_tuple(args)) for function in (f, jacobian))
    tree = flatten(np.asarray(x, dtype=float) if is_numbers(x) else x, name)
    if len(tree.leaves) != 1:
        raise ValueError(f"x holds {len(tree.leaves)} arrays; a Jacobian is by one of them")
    x, point = tree.structure, tree.point[name]
    values = np.atleast_1d(to_numpy(f(x)))
    rows = Rows(f, jacobian, point.shape, values.shape)
    matrix = rows.matrix(x)
    options = {"names": name, "seed": seed, **options}
    rng = np.random.default_rng(seed)
    for _ in range(COMBINATIONS):
        u = rng.choice((-1.0, 1.0), values.size) * rng.uniform(0.5, 1.5, values.size)
        u /= np.linalg.norm(matrix, axis=1) + (np.linalg.norm(matrix, axis=1) == 0)
        report = rows.check(u, x, options)
        if not report.ok:
            return _explained(rows, report, tree, options)
    return replace(report, reason=_of_f(report.reason), symbol="df/d{}")


def _of_f(text: str) -> str:
    return text.replace("dL/d", "df/d").replace("the loss", "f")


class Rows:
    """The combinations u . f and u J."""

    def __init__(
        self,
        f: Callable[[Any], Any],
        jacobian: Callable[[Any], Any],
        shape: tuple[int, ...],
        values: tuple[int, ...],
    ) -> None:
        self.f, self.jacobian, self.shape, self.values = f, jacobian, shape, values
        self.m, self.n = int(np.prod(values)), int(np.prod(shape))

    def matrix(self, x: Any) -> np.ndarray:
        """The caller's Jacobian, (m, n)."""
        given = self.jacobian(x)
        given = given @ np.eye(self.n) if hasattr(given, "rmatvec") else given
        array = to_numpy(given)
        if array.shape in ((self.m, self.n), (*self.values, *self.shape)) or (
            array.size == self.m * self.n and 1 in (self.m, self.n)
        ):
            return array.reshape(self.m, self.n)
        hint = ": it is transposed" if array.shape == (self.n, self.m) else ""
        raise ValueError(
            f"the Jacobian has the shape {array.shape}; f has {self.m} values and x {self.n} "
            f"entries, so expected ({self.m}, {self.n}){hint}"
        )

    def check(self, u: np.ndarray, x: np.ndarray, options: dict[str, Any]) -> GradientReport:
        """The gradient of u . f."""
        return check_gradient(
            lambda x: u @ np.ravel(to_numpy(self.f(x))),
            lambda x: (u @ self.matrix(x)).reshape(self.shape),
            x,
            **options,
        )


def _explained(
    rows: Rows, report: GradientReport, tree: Tree, options: dict[str, Any]
) -> GradientReport:
    """The report on a Jacobian that failed, by rows."""
    x = tree.structure
    findings: list[Finding] = []
    wrong: list[int] = []
    evaluations, calls = report.evaluations, report.gradient_calls
    for i in _suspects(rows, tree):
        row = rows.check(np.eye(rows.m)[i], x, options)
        evaluations, calls = evaluations + row.evaluations, calls + row.gradient_calls
        if row.verdict == report.verdict:
            wrong.append(i)
            label = f"f{[int(k) for k in np.unravel_index(i, rows.values)]}/d{options['names']}"
            findings += [replace(finding, parameter=label) for finding in row.findings]
        if len(wrong) == SHOWN:
            break
    if not findings:
        return replace(report, reason=_of_f(report.reason), symbol="df/d{}")
    more = "" if len(wrong) < SHOWN else ", and perhaps others"
    reason = ", ".join(dict.fromkeys(f"d{f.parameter}" for f in findings)) + more
    notes = tuple(note for note in report.notes if "look at what" not in note)
    return replace(
        report, reason=reason, findings=tuple(findings), notes=notes, symbol="d{}", draw=None,
        evaluations=evaluations, gradient_calls=calls,
    )  # fmt: skip


def _suspects(rows: Rows, tree: Tree) -> np.ndarray:
    """Rows by how far J d is from what a small step along d changes in f, the worst first."""
    ((name, x),) = tree.point.items()

    def f(x: np.ndarray) -> np.ndarray:
        return np.ravel(to_numpy(rows.f(tree.build({name: x}))))

    d = np.random.default_rng(0).uniform(0.5, 1.5, x.shape)
    h = 1e-6 * (np.abs(x).max() or 1.0)
    change = (f(x + h * d) - f(x - h * d)) / (2 * h)
    matrix = rows.matrix(tree.structure)
    gap = np.abs(matrix @ d.ravel() - change.real)
    return np.argsort(-gap / (np.abs(matrix) @ d.ravel() + np.abs(change) + 1e-300))
