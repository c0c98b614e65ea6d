"""What a student process may say about how a function computes a derivative."""

from __future__ import annotations

# Libraries that differentiate, by module.
MODULES = (
    *("mlpkit.gradcheck", "scipy.optimize._numdiff", "scipy.differentiate", "scipy.misc"),
    *("numdifftools", "findiff", "autograd", "jax", "torch", "tensorflow", "sympy", "casadi"),
    *("algopy", "theano", "aesara", "pytensor", "mxnet", "chainer", "tinygrad", "mygrad"),
    *("statsmodels.tools.numdiff", "mpmath.calculus.differentiation", "uncertainties", "gvar"),
    *("micrograd", "adipy", "paddle", "keras"),
)
NEARBY, COMPLEX = "nearby", "complex"  # calls of one function with entries moved a little
UNWATCHED = "unwatched"  # it stopped the profiler
WORDS = frozenset(
    {*(module.partition(".")[0] for module in MODULES), NEARBY, COMPLEX, UNWATCHED, ""}
)
