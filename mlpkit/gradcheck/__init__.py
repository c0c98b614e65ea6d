"""The gradient checker: is this gradient right, and if not, where and why not?

    report = check_gradient(loss, gradient, params)
    print(report)

The layers, from the top; each imports only from those below it:

``jacobian``         functions of many values: Jacobians and Hessians
``check``            the order of it all, and the verdict
``loss_errors``      small errors without a cause: the gradient's, or the loss's own?
``taylor``           the convergence table, rate 2 for a right gradient
``figures``          where it is wrong and why the step matters, as pictures
``explain``          why a gradient is wrong, in the symbols of the problem
``measure``          slopes along directions, few directions that see everything, where it is wrong
``inputs``           parameters in any nesting; what a gradient function returned
``report``           what is said, as plain data, text and HTML
``networks``         known mistakes in fully connected networks
``numerical``        the derivative by differences, to be read
"""

from mlpkit.gradcheck.check import assert_gradient, check_gradient
from mlpkit.gradcheck.explain.diagnosis import explain_difference
from mlpkit.gradcheck.figures import plot_steps
from mlpkit.gradcheck.jacobian import check_jacobian
from mlpkit.gradcheck.networks import known_mistakes
from mlpkit.gradcheck.numerical import numerical_gradient
from mlpkit.gradcheck.report import Entry, Finding, GradientError, GradientReport
from mlpkit.gradcheck.taylor import Convergence, taylor_test

__all__ = [
    "Convergence",
    "Entry",
    "Finding",
    "GradientError",
    "GradientReport",
    "assert_gradient",
    "check_gradient",
    "check_jacobian",
    "explain_difference",
    "known_mistakes",
    "numerical_gradient",
    "plot_steps",
    "taylor_test",
]
