"""The gradient checker: is this gradient right, and if not, where and why not?

    report = check_gradient(loss, gradient, params)
    print(report)

One idea a module: ``numerical`` (the derivative by differences, for reading), ``tree`` (parameters
in any nesting), ``engine`` (slopes along a direction), ``hygiene`` and ``reading`` (what comes
before numbers), ``screen`` (few directions that see everything), ``kinks``, ``localise`` (where),
``diagnosis`` (why), ``check`` (the order of it all), ``report``, ``html`` and ``figures``.
"""

from mlpkit.gradcheck.check import assert_gradient, check_gradient
from mlpkit.gradcheck.diagnosis import explain_difference
from mlpkit.gradcheck.figures import plot_steps
from mlpkit.gradcheck.networks import known_mistakes
from mlpkit.gradcheck.numerical import numerical_gradient
from mlpkit.gradcheck.report import Entry, Finding, GradientError, GradientReport

__all__ = [
    "Entry",
    "Finding",
    "GradientError",
    "GradientReport",
    "assert_gradient",
    "check_gradient",
    "explain_difference",
    "known_mistakes",
    "numerical_gradient",
    "plot_steps",
]
