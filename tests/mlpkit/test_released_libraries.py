"""Gradients in released libraries that are wrong, found by the checker.

The libraries will be corrected one day. So central differences, by hand, say first whether a
gradient is wrong; the checker has to say the same.
"""

import warnings

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient

RNG = np.random.default_rng(2)
X = RNG.normal(size=(30, 3))


def is_right(loss, gradient, x):
    """By central differences, to four digits."""
    right = [(loss(x + e) - loss(x - e)) / 2e-5 for e in 1e-5 * np.eye(x.size)]
    return np.allclose(gradient(x), right, rtol=1e-4, atol=1e-4 * np.abs(right).max())


def perceptron(outputs):
    """(loss, gradient, x) of scikit-learn's MLPRegressor, as it hands them to L-BFGS."""
    network = pytest.importorskip("sklearn.neural_network")

    class Recorded(network.MLPRegressor):
        def _loss_grad_lbfgs(self, x, *rest):
            self.rest = x.size, rest
            return super()._loss_grad_lbfgs(x, *rest)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Recorded(
            hidden_layer_sizes=(4,), activation="tanh", solver="lbfgs", max_iter=1, alpha=0.0
        )
        model.fit(X, RNG.normal(size=(30, outputs)).squeeze())
    size, rest = model.rest
    x = np.random.default_rng(4).normal(size=size)
    return (
        lambda x: model._loss_grad_lbfgs(np.array(x), *rest)[0],
        lambda x: np.array(model._loss_grad_lbfgs(np.array(x), *rest)[1]),
        x,
    )


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_scikit_learn_perceptron_with_several_outputs(outputs):
    loss, gradient, x = perceptron(outputs)
    report = check_gradient(loss, gradient, x, constants={"K": outputs})
    assert report.verdict == ("correct" if is_right(loss, gradient, x) else "wrong")
    if report.verdict == "wrong":
        assert f"K = {outputs}" in str(report) or "twice" in str(report)


def test_torch_hard_sigmoid_in_float64():
    """Its derivative holds 1/6 in float32, which is 3e-8 too much: differences are too coarse."""
    torch = pytest.importorskip("torch")
    x = np.array([0.3, -1.2, 2.0])

    def loss(x):
        return torch.nn.functional.hardsigmoid(torch.as_tensor(x)).sum().item()

    def gradient(x):
        t = torch.tensor(x, requires_grad=True)
        torch.nn.functional.hardsigmoid(t).sum().backward()
        return t.grad.numpy()

    is_exact = np.allclose(6 * gradient(x), 1, rtol=1e-12, atol=0)
    assert check_gradient(loss, gradient, x).verdict == ("correct" if is_exact else "wrong")


@pytest.mark.parametrize("model", ["NegativeBinomialP", "GeneralizedPoisson"])
@pytest.mark.parametrize("transformed", [False, True])
def test_statsmodels_counts_with_a_transformed_dispersion(model, transformed):
    discrete = pytest.importorskip("statsmodels.discrete.discrete_model")
    counts = np.random.default_rng(1).poisson(2, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = getattr(discrete, model)(counts, X)
    fitted._transparams = transformed
    x = np.array([0.2, -0.1, 0.3, -0.7 if transformed else 0.4])
    report = check_gradient(fitted.loglike, fitted.score, x)
    assert report.verdict == ("correct" if is_right(fitted.loglike, fitted.score, x) else "wrong")
    if report.verdict == "wrong":
        assert report.findings[0].index == (3,)


@pytest.mark.parametrize("seed", [8, 17, 26, 34, 54, 58])
def test_statsmodels_terms_that_cancel_to_the_last_digits_are_no_mistake(seed):
    """Differences of logarithms of the gamma function: off by some 1e-15 of what they are."""
    discrete = pytest.importorskip("statsmodels.discrete.discrete_model")
    rng = np.random.default_rng(seed)
    X, counts = rng.normal(size=(30, 3)), rng.poisson(1.5, 30)
    model = discrete.NegativeBinomial(counts, X, loglike_method="nb1")
    model._transparams = False
    x = np.append(rng.normal(size=3) * 0.2, 0.4)
    report = check_gradient(lambda x: -model.loglike(x), lambda x: -model.score(x), x)
    assert report.verdict == "correct", str(report)
