"""The gradient checkers of the field behind one interface: (net, wrong gradient) -> accepted?

Each takes a ``Net`` and a gradient function, uses its own defaults, counts what it evaluates and
says whether it would let the gradient pass. Peers that are libraries are called as they are; the
rules of course notes, which have no library, are written out from their published formulas.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.nets import Net, Params
from mlpkit import check_gradient

Checker = Callable[[Net, Callable[[Params], Params]], bool]


class Counted:
    """A net whose calls are counted, with its parameters also as one vector."""

    def __init__(self, net: Net, gradient: Callable[[Params], Params]) -> None:
        self.net, self.wrong, self.evaluations = net, gradient, 0
        self.shapes = {name: array.shape for name, array in net.params.items()}
        self.x = np.concatenate([array.ravel() for array in net.params.values()]).astype(float)

    def loss(self, params: Params) -> float:
        self.evaluations += 1
        return self.net.loss(params)

    def gradient(self, params: Params) -> Params:
        return self.wrong(params)

    def split(self, x: np.ndarray) -> Params:
        arrays, start = {}, 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            arrays[name], start = x[start : start + size].reshape(shape), start + size
        return arrays

    def f(self, x: np.ndarray) -> float:
        return self.loss(self.split(x))

    def g(self, x: np.ndarray) -> np.ndarray:
        return np.concatenate([array.ravel() for array in self.gradient(self.split(x)).values()])


def mlpkit(c: Counted) -> bool:
    return check_gradient(c.loss, c.gradient, c.net.params).verdict == "correct"


def torch_check(c: Counted, fast: bool) -> bool:
    """torch.autograd.gradcheck on a Function whose backward is the gradient under test."""
    import torch

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            ctx.save_for_backward(*tensors)
            params = dict(zip(c.shapes, (t.detach().numpy() for t in tensors), strict=True))
            return torch.tensor(float(c.loss(params)), dtype=torch.float64)

        @staticmethod
        def backward(ctx, upper):
            arrays = (t.detach().numpy() for t in ctx.saved_tensors)
            g = c.gradient(dict(zip(c.shapes, arrays, strict=True)))
            return tuple(upper * torch.from_numpy(np.array(g[name])) for name in c.shapes)

    inputs = tuple(
        torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in c.net.params.values()
    )
    return torch.autograd.gradcheck(Loss.apply, inputs, raise_exception=False, fast_mode=fast)


def jax_check(c: Counted) -> bool:
    """jax.test_util.check_grads, reverse mode, on a custom_vjp that calls back into numpy."""
    import jax

    jax.config.update("jax_enable_x64", True)
    from jax.test_util import check_grads

    scalar = jax.ShapeDtypeStruct((), np.float64)
    shapes = {name: jax.ShapeDtypeStruct(shape, np.float64) for name, shape in c.shapes.items()}

    def numpy_params(P):
        return {name: np.asarray(array) for name, array in P.items()}

    @jax.custom_vjp
    def loss(P):
        return jax.pure_callback(lambda P: np.float64(c.loss(numpy_params(P))), scalar, P)

    def backward(P, upper):
        g = jax.pure_callback(lambda P: c.gradient(numpy_params(P)), shapes, P)
        return (jax.tree.map(lambda a: a * upper, g),)

    loss.defvjp(lambda P: (loss(P), P), backward)
    return _passes(lambda: check_grads(loss, (c.net.params,), order=1, modes=("rev",)))


def autograd_check(c: Counted) -> bool:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    loss = primitive(c.f)
    defvjp(loss, lambda value, x: lambda upper: upper * c.g(x))
    return _passes(lambda: check_grads(loss, modes=["rev"], order=1)(c.x))


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except (AssertionError, ValueError):
        return False
    return True


def central_differences(c: Counted, h: float) -> np.ndarray:
    right = np.empty(c.x.size)
    for i in range(c.x.size):
        upper, lower = c.x.copy(), c.x.copy()
        upper[i] += h
        lower[i] -= h
        right[i] = (c.f(upper) - c.f(lower)) / (2 * h)
    return right


def _approx(c: Counted, method: str) -> np.ndarray:
    from scipy.optimize._numdiff import approx_derivative

    return approx_derivative(c.f, c.x, method=method)


def _forward(c: Counted) -> np.ndarray:
    from scipy.optimize import approx_fprime

    return approx_fprime(c.x, c.f)  # what scipy.optimize.check_grad compares with


def _numdifftools(c: Counted) -> np.ndarray:
    import numdifftools

    return numdifftools.Gradient(c.f)(c.x)


def _close(atol: float, rtol: float) -> Callable[[np.ndarray, np.ndarray], bool]:
    return lambda yours, right: bool(np.all(np.abs(yours - right) <= atol + rtol * np.abs(right)))


def _cs231n(yours: np.ndarray, right: np.ndarray) -> bool:
    """Every entry: |a - n| / max(|a|, |n|) < 1e-4."""
    return bool(np.all(np.abs(yours - right) <= 1e-4 * np.maximum(np.abs(yours), np.abs(right))))


def _norm_ratio(yours: np.ndarray, right: np.ndarray) -> bool:
    """|a - n| / (|a| + |n|) < 2e-7, for the whole vector."""
    norms = np.linalg.norm(yours) + np.linalg.norm(right)
    return bool(np.linalg.norm(yours - right) < 2e-7 * norms)


QUICK: dict[str, Callable[[Counted], bool]] = {
    "**mlpkit**": mlpkit,
    "torch gradcheck, fast": lambda c: torch_check(c, fast=True),
    "jax check_grads": jax_check,
    "HIPS autograd check_grads": autograd_check,
}

# The right gradient by differences, entry by entry, and the rule that compares yours with it.
# torch's slow mode is called for its cost and detection; its rule stands for it where 25 mistakes
# at three scales would take an hour. scipy's functions return numbers and leave the rule to the
# reader: check_grad's docstring suggests 1e-5 or so for the norm of the difference.
FULL: dict[str, tuple[Callable[[Counted], np.ndarray], Callable]] = {
    "torch gradcheck, slow (its rule)": (
        lambda c: central_differences(c, 1e-6),
        _close(1e-5, 1e-3),
    ),
    "scipy check_grad < 1e-5": (_forward, lambda a, n: bool(np.linalg.norm(a - n) < 1e-5)),
    "scipy approx_derivative 3-point, 1e-6": (lambda c: _approx(c, "3-point"), _close(1e-6, 1e-6)),
    "scipy approx_derivative cs, 1e-6": (lambda c: _approx(c, "cs"), _close(1e-6, 1e-6)),
    "CS231n rule, all entries": (lambda c: central_differences(c, 1e-5), _cs231n),
    "norm-ratio rule": (lambda c: central_differences(c, 1e-7), _norm_ratio),
}
SLOWEST = {"numdifftools Gradient, 1e-6": (_numdifftools, _close(1e-6, 1e-6))}
