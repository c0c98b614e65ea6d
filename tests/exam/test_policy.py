"""A derivative that is computed numerically earns nothing; every honest way to write one does."""

import copy
import json

import numpy as np
import pytest

from autograder.exam import examine
from autograder.exam.protocol.differentiators import NEARBY
from autograder.exam.student.derivation import how_derived
from tests.threats.room import cell, notebook, own, tier

SETUP = """\
import numpy as np
from mlpkit import check_gradient, numerical_gradient
from mlpkit.testing import assert_array, assert_number, secret_rng"""
LOSS = """\
def loss(params, x, y):
    ### BEGIN SOLUTION
    r = params["w"] @ x + params["b"] - y
    return 0.5 * r ** 2
    ### END SOLUTION"""
TEST_LOSS = """\
params = {"w": np.array([1.0, 2.0, 3.0]), "b": 0.5}
assert_number(loss(params, np.ones(3), 1.0), 0.5 * 5.5 ** 2, "L")"""
GRADIENT = """\
def gradient(params, x, y):
    ### BEGIN SOLUTION
    return (params["w"] @ x + params["b"] - y) * x
    ### END SOLUTION"""
TEST_GRADIENT = """\
x, y = np.array([1.0, -1.0, 2.0]), 0.3
right = 5.2 * x
assert_array(gradient(params, x, y), right, "dL/dw", rtol=1e-5)
### BEGIN HIDDEN TESTS
rng = secret_rng("gradient")
params, x = {"w": rng.normal(size=4), "b": rng.normal()}, rng.normal(size=4)
right = (params["w"] @ x + params["b"] - y) * x
assert_array(gradient(params, x, y), right, "dL/dw", rtol=1e-5)
### END HIDDEN TESTS"""
SLOPE = """\
def slope(z):
    ### BEGIN SOLUTION
    return 1 - np.tanh(z) ** 2
    ### END SOLUTION"""
TEST_SLOPE = 'assert_number(slope(0.3), 1 - np.tanh(0.3) ** 2, "slope", rtol=1e-5)'
NUDGE = """\
def nudge(f, x):
    ### BEGIN SOLUTION
    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    ### END SOLUTION"""
TEST_NUDGE = 'assert_number(nudge(np.sin, 0.0), 1.0, "nudge", rtol=1e-5)'
CELLS = [
    ("given", "setup", SETUP),
    ("solution", "neuron", LOSS),
    ("test", "test_neuron", TEST_LOSS),
    ("solution", "outer", GRADIENT),
    ("test", "test_outer", TEST_GRADIENT),
    ("solution", "risk", SLOPE),
    ("test", "test_risk", TEST_SLOPE),
    ("solution", "descent", NUDGE),
    ("test", "test_descent", TEST_NUDGE),
]
SOURCE = notebook([cell(*row) for row in CELLS])


def grade(source=SOURCE, extra="", **texts):
    made = copy.deepcopy(source)
    for one in made["cells"]:
        one["source"] = texts.get(one["id"], one["source"])
    if extra:
        made["cells"].insert(3, own(extra))
    return examine(source, json.dumps(made).encode(), isolation=tier(), seed="secret")


def checks(result):
    return {check.id: check for check in result.checks}


HEAD = "def gradient(params, x, y):\n"
AT = "    def at(w): return loss({**params, 'w': w}, x, y)\n"
NUMERICAL = {
    "the course's own": AT + "    return numerical_gradient(at, params['w'])",
    "under another name": "    from mlpkit import numerical_gradient as grad\n"
    + AT
    + "    return grad(at, params['w'])",
    "from where it is written": "    import mlpkit.gradcheck.numerical as n\n"
    + AT
    + "    return np.array([n.central(at, params['w'], d) for d in np.eye(len(x))])",
    "by attribute": "    import mlpkit\n"
    + AT
    + "    return getattr(mlpkit, 'numerical' + '_gradient')(at, params['w'])",
    "of a copy of the loss": "    def at(w): return 0.5 * (w @ x + params['b'] - y) ** 2\n"
    "    return numerical_gradient(at, params['w'])",
    "scipy's": "    from scipy.optimize import approx_fprime\n"
    + AT
    + "    return approx_fprime(params['w'], at, 1e-7)",
    "central differences in place": "    w, out = params['w'], np.zeros(len(x))\n    for i in range(len(x)):\n"
    "        old = w[i]; w[i] = old + 1e-5; up = loss(params, x, y); w[i] = old - 1e-5\n"
    "        out[i] = (up - loss(params, x, y)) / 2e-5; w[i] = old\n    return out",
    "forward differences": AT + "    w, h = params['w'], 1e-8\n"
    "    return np.array([(at(w + h * d) - at(w)) / h for d in np.eye(len(w))])",
    "differences of a lambda": "    at = lambda w: 0.5 * (w @ x + params['b'] - y) ** 2\n    w, h = params['w'], 1e-6\n"
    "    return np.array([(at(w + h * d) - at(w - h * d)) / (2 * h) for d in np.eye(len(w))])",
    "a complex step": "    w = params['w'].astype(complex)\n    out = np.zeros(len(w))\n    for i in range(len(w)):\n"
    "        v = w.copy(); v[i] += 1e-30j\n        out[i] = loss({**params, 'w': v}, x, y).imag / 1e-30\n    return out",
    "a complex step without a call": "    w, out = params['w'].astype(complex), np.zeros(len(x))\n    for i in range(len(w)):\n"
    "        v = w.copy(); v[i] += 1e-30j\n        out[i] = (0.5 * (v @ x + params['b'] - y) ** 2).imag / 1e-30\n    return out",
    "five points": AT + "    w, h = params['w'], 1e-2\n"
    "    return np.array([(8*(at(w+h*d)-at(w-h*d)) - (at(w+2*h*d)-at(w-2*h*d))) / (12*h) for d in np.eye(len(w))])",
}


HIDDEN = {
    "by another step for each entry": AT + "    w, out = params['w'], []\n"
    "    for i, d in enumerate(np.eye(len(w))):\n        h = 1e-6 * (1 + i)\n"
    "        out.append((at(w+h*d) - at(w-h*d)) / (2*h))\n    return np.array(out)",
    "by a step that is drawn": AT
    + "    w, rng = params['w'], np.random.default_rng(0)\n    out = []\n"
    "    for d in np.eye(len(w)):\n        h = 1e-6 * rng.random(); out.append((at(w+h*d) - at(w-h*d)) / (2*h))\n"
    "    return np.array(out)",
    "one-sided, by large steps": AT + "    w = params['w']\n    f = at(w)\n"
    "    return np.array([2*at(w+d) - at(w+2*d)/2 - 1.5*f for d in np.eye(len(w))])",
    "along other directions": AT + "    w, h = params['w'], 1e-5\n"
    "    D = np.linalg.qr(np.random.default_rng(0).normal(size=(len(w), len(w))))[0]\n"
    "    return D.T @ np.array([(at(w+h*d) - at(w-h*d)) / (2*h) for d in D])",
    "by Cauchy's integral": AT
    + "    w, z = params['w'], 0.5 * np.exp(2j * np.pi * np.arange(8) / 8)\n"
    "    return np.array([np.mean([at(w + t*d) / t for t in z]).real for d in np.eye(len(w))])",
    "by Cauchy's integral, all at once": "    def many(V): return 0.5 * (V @ x + params['b'] - y) ** 2\n"
    "    w, t = params['w'], 0.5 * np.exp(2j * np.pi * np.arange(8) / 8)\n"
    "    return np.array([np.mean(many(w + t[:, None]*d) / t).real for d in np.eye(len(w))])",
    "of decimal numbers": "    from decimal import Decimal as D\n    w, h = [D(a) for a in params['w'].tolist()], D('1e-9')\n"
    "    def at(w): return (sum(a*D(b) for a, b in zip(w, x.tolist())) + D(float(params['b'])) - D(y))**2 / 2\n"
    "    return np.array([float((at([a+h*(i==k) for i, a in enumerate(w)]) - at([a-h*(i==k) for i, a in enumerate(w)]))/(2*h))"
    " for k in range(len(w))])",
    "of one argument for each number": "    w, h = params['w'], 1e-6\n"
    "    def at(*w): return 0.5 * (np.dot(w, x) + params['b'] - y) ** 2\n"
    "    return np.array([(at(*(w+h*d)) - at(*(w-h*d)))/(2*h) for d in np.eye(len(w))])",
    "of layers": "    w, h = params['w'], 1e-6\n    def many(V): return 0.5 * ((V @ x)[:, 0] + params['b'] - y) ** 2\n"
    "    E = h * np.eye(len(w))[:, None, :]\n    return (many(w + E) - many(w - E)) / (2*h)",
    "unwatched for a while": "    import sys; watching = sys.getprofile(); sys.setprofile(None)\n"
    + AT
    + "    w, h = params['w'], 1e-6\n"
    "    out = np.array([(at(w+h*d) - at(w-h*d))/(2*h) for d in np.eye(len(w))])\n"
    "    sys.setprofile(watching); return out",
    "in another process": AT + "    import os\n    w, h = params['w'], 1e-6\n    r, s = os.pipe()\n"
    "    if not os.fork():\n        os.write(s, np.array([(at(w+h*d) - at(w-h*d))/(2*h) for d in np.eye(len(w))]).tobytes())\n"
    "        os._exit(0)\n    os.wait(); return np.frombuffer(os.read(r, 999))",
    "kept from the first call": "    kept, key = gradient.__dict__, (params['w'].tobytes(), x.tobytes())\n"
    "    if key not in kept:\n    " + AT + "        w, h = params['w'], 1e-6\n"
    "        kept[key] = np.array([(at(w+h*d) - at(w-h*d))/(2*h) for d in np.eye(len(w))])\n    return kept[key]",
    "of what is around a function": "    w, h, out = params['w'].copy(), 1e-6, []\n"
    "    def at(): return 0.5 * (w @ x + params['b'] - y) ** 2\n"
    "    for i in range(len(w)):\n"
    "        w[i] += h; up = at(); w[i] -= 2*h; down = at(); w[i] += h; out.append((up-down)/(2*h))\n"
    "    return np.array(out)",
    "of an object's state": "    class M:\n"
    "        def loss(self): return 0.5 * (self.w @ x + params['b'] - y) ** 2\n"
    "    m = M(); m.w = params['w'].copy(); out=[]\n"
    "    for i in range(len(x)):\n"
    "        m.w[i] += 1e-6; up = m.loss(); m.w[i] -= 2e-6; out.append((up - m.loss())/2e-6); m.w[i] += 1e-6\n"
    "    return np.array(out)",
    "by the number of the entry": "    def at(i, s):\n"
    "        v = params['w'].copy(); v[i] += s*1e-6\n"
    "        return 0.5 * (v @ x + params['b'] - y) ** 2\n"
    "    return np.array([(at(i, 1) - at(i, -1))/2e-6 for i in range(len(x))])",
    "all in one call": "    h=1e-6; w = params['w']\n"
    "    def many(V): return 0.5 * (V @ x + params['b'] - y) ** 2\n"
    "    E = np.eye(len(w))*h\n"
    "    return (many(w+E) - many(w-E))/(2*h)",
    "with large steps": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    w = params['w']\n"
    "    return np.array([(at(w+d)-at(w-d))/2 for d in np.eye(len(w))])",
    "of a text that is run": "    names = {'np': np, 'x': x, 'b': params['b'], 'y': y}\n"
    "    exec('def at(w): return 0.5 * (w @ x + b - y) ** 2', names)\n"
    "    at = names['at']; w, h = params['w'], 1e-6\n"
    "    return np.array([(at(w+h*d)-at(w-h*d))/(2*h) for d in np.eye(len(w))])",
    "in a thread": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    from concurrent.futures import ThreadPoolExecutor\n"
    "    w, h = params['w'], 1e-6\n"
    "    with ThreadPoolExecutor(1) as p: return p.submit(lambda: np.array([(at(w+h*d)-at(w-h*d))/(2*h) for d in np.eye(len(w))])).result()",
    "of a class of one's own": "    class A(np.ndarray): pass\n"
    "    def at(w): return float(0.5 * (np.asarray(w) @ x + params['b'] - y) ** 2)\n"
    "    w, h = params['w'], 1e-6\n"
    "    return np.array([(at((w+h*d).view(A))-at((w-h*d).view(A)))/(2*h) for d in np.eye(len(w))])",
    "deep in lists": "    def at(w): return float(0.5 * (np.array(w[0][0][0][0]) @ x + params['b'] - y) ** 2)\n"
    "    w, h = params['w'], 1e-6\n"
    "    return np.array([(at([[[[w+h*d]]]])-at([[[[w-h*d]]]]))/(2*h) for d in np.eye(len(w))])",
    "NumPy's": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    w, h = params['w'], 1e-4\n"
    "    return np.array([np.gradient([at(w-h*d), at(w), at(w+h*d)], h)[1] for d in np.eye(len(w))])",
    "by a polynomial": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    w = params['w']\n"
    "    return np.array([np.polyfit([-1,0,1,2],[at(w+t*d) for t in (-1,0,1,2)],2)[1] for d in np.eye(len(w))])",
    "with some arguments given": "    from functools import partial\n"
    "    def at(x, b, y, w): return 0.5 * (w @ x + b - y) ** 2\n"
    "    at = partial(at, x, params['b'], y); w, h = params['w'], 1e-6\n"
    "    return np.array([(at(w+h*d)-at(w-h*d))/(2*h) for d in np.eye(len(w))])",
    "for each index": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    w, h = params['w'], 1e-6\n"
    "    return np.vectorize(lambda i: (at(w+h*np.eye(len(w))[i])-at(w-h*np.eye(len(w))[i]))/(2*h))(np.arange(len(w)))",
    "along an axis": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    w, h = params['w'], 1e-6\n"
    "    return np.apply_along_axis(lambda d: (at(w+h*d)-at(w-h*d))/(2*h), 1, np.eye(len(w)))",
    "with more digits": "    w, h = params['w'].astype(np.longdouble), np.longdouble(1e-9)\n"
    "    def at(w): return 0.5 * (w @ x + params['b'] - y) ** 2\n"
    "    return np.array([float((at(w+h*d)-at(w-h*d))/(2*h)) for d in np.eye(len(w))])",
    "with fractions": "    from fractions import Fraction as F\n"
    "    def at(w): return (sum(a*F(b) for a,b in zip(w,x.tolist())) + F(float(params['b'])) - F(y))**2/2\n"
    "    w=[F(a) for a in params['w'].tolist()]; h=F(1,10**9)\n"
    "    return np.array([float((at([a+h*(i==k) for i,a in enumerate(w)])-at([a-h*(i==k) for i,a in enumerate(w)]))/(2*h)) for k in range(len(w))])",
    "unwatched": "    import sys; sys.setprofile(None)\n"
    "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    w, h = params['w'], 1e-6\n"
    "    return np.array([(at(w+h*d)-at(w-h*d))/(2*h) for d in np.eye(len(w))])",
    "remembered": "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    import functools\n"
    "    at = functools.lru_cache(lambda t: loss({**params,'w':np.array(t)}, x, y)); w, h = params['w'], 1e-6\n"
    "    return np.array([(at(tuple(w+h*d))-at(tuple(w-h*d)))/(2*h) for d in np.eye(len(w))])",
    "scipy's inner function": "    from scipy.optimize._numdiff import approx_derivative\n"
    "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    return approx_derivative(at, params['w'])",
    "scipy's minimiser": "    from scipy.optimize import minimize\n"
    "    def at(w): return loss({**params, 'w': w}, x, y)\n"
    "    return minimize(at, params['w'], options={'maxiter': 0}).jac",
    "complex steps in one array": "    w = params['w']; E = np.eye(len(w))*1e-30\n"
    "    z = np.empty((len(w),)*2, 'c16'); z.real = w; z.imag = E\n"
    "    return (0.5*(z @ x + params['b'] - y)**2).imag/1e-30",
}


@pytest.mark.parametrize("name", [*NUMERICAL, *HIDDEN])
def test_a_numerical_derivative_earns_nothing_and_is_told_so(name):
    found = checks(grade(outer=HEAD + (NUMERICAL | HIDDEN)[name]))
    lost = found.pop("test_outer")
    assert lost.score == 0 and "computed numerically" in lost.message
    assert "write the formula" in lost.message and lost.message.startswith("gradient(...)")
    assert all(check.score == check.points for check in found.values())


def test_one_of_a_loss_of_mlpkits_or_in_a_file_beside_the_notebook_is_noticed():
    both = """
import numpy as np
from mlpkit.forward import li_squared
def at(W, X, y): return 0.5 * float(np.sum((X @ W - y) ** 2))
def of_mlpkits(W, X, y):
    W, out = W.copy(), []
    for i in range(len(W)):
        W[i] += 1e-6; up = li_squared({"W": W, "b": 0.0}, X, y)
        W[i] -= 2e-6; out.append((up - li_squared({"W": W, "b": 0.0}, X, y)) / 2e-6); W[i] += 1e-6
    return np.array(out)
def of_ones_own(W, X, y):
    return np.array([(at(W + d, X, y) - at(W - d, X, y)) / 2e-6 for d in 1e-6 * np.eye(len(W))])
def formula(W, X, y): return X.T @ (X @ W - y)
"""
    names, rng = {}, np.random.default_rng(0)
    exec(compile(both, "/course/helpers.py", "exec"), names)
    given = [rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)]
    found = {name: how_derived(names[name], given, {}) for name in ("of_mlpkits", "of_ones_own")}
    assert found == {"of_mlpkits": NEARBY, "of_ones_own": NEARBY}
    assert how_derived(names["formula"], given, {}) == ""


def test_one_in_a_helper_or_of_a_single_number_is_noticed_too():
    helper = "def differentiate(f, x):\n    return numerical_gradient(f, x)"
    uses = HEAD + AT + "    return differentiate(at, params['w'])"
    assert checks(grade(extra=helper, outer=uses))["test_outer"].score == 0
    single = "def slope(z):\n    return (tanh(z + 1e-6) - tanh(z - 1e-6)) / 2e-6"
    found = checks(grade(extra="def tanh(z): return np.tanh(z)", risk=single))["test_risk"]
    assert found.score == 0 and "computed numerically" in found.message


HONEST = {
    "a loop": "    r = params['w'] @ x + params['b'] - y\n    return np.array([r * x_i for x_i in x])",
    "a helper for each entry": "    def entry(x_i, r): return r * x_i\n    r = params['w'] @ x + params['b'] - y\n"
    "    return np.array([entry(x_i, r) for x_i in x])",
    "the loss for its sign": "    r = np.sqrt(2 * loss(params, x, y))\n"
    "    return (r if params['w'] @ x + params['b'] > y else -r) * x",
    "complex numbers for nothing": "    r = (params['w'] @ x + params['b'] - y) + 0j\n    return r.real * x",
    "a Fourier transform": "    r = params['w'] @ x + params['b'] - y\n"
    "    def kept(z): return z if np.abs(z).max() > 0 else -z\n"
    "    return r * np.fft.ifft(kept(np.fft.fft(x))).real",
    "a power that is complex": "    r = params['w'] @ x + params['b'] - y\n"
    "    def kept(z): return abs(z)\n"
    "    return r * x if kept(np.exp(2j)) > 0 else None",
    "a recursion": "    def total(i): return 0.0 if i == len(x) else params['w'][i] * x[i] + total(i + 1)\n"
    "    return (total(0) + params['b'] - y) * x",
    "entries filled by a helper": "    r, out = params['w'] @ x + params['b'] - y, np.full(len(x), 1e-6)\n"
    "    def fill(i): out[i] = r * x[i]\n    for i in range(len(x)): fill(i)\n    return out",
    "a small multiple of the unit matrix": "    r, E = params['w'] @ x + params['b'] - y, 1e-4 * np.eye(len(x))\n"
    "    return E @ x * r * 1e4",
    "a sum kept outside": "    r, out, total = params['w'] @ x + params['b'] - y, [], np.zeros(2) + 1e-3\n"
    "    def add(x_i):\n        total[0] += 1e-3; out.append(r * x_i)\n    for x_i in x: add(x_i)\n    return np.array(out)",
    "probabilities that are sure": "    r, p = params['w'] @ x + params['b'] - y, np.array([[1 - 3e-5, 3e-5], [1.0, 1e-9], [1.0, 2e-5]])\n"
    "    def kept(row): return row.sum() > 0\n"
    "    return r * x if all(map(kept, p)) and kept(p) else None",
    "smoothed labels": "    r, labels = params['w'] @ x + params['b'] - y, np.full((4, 4), 0.025) + 0.9 * np.eye(4)\n"
    "    def total(t): return t.sum()\n"
    "    return r * x * round(sum(total(t) for t in labels) / 4)",
    "small signs": "    r, signs = params['w'] @ x + params['b'] - y, 1e-5 * np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])\n"
    "    def total(t): return t.sum()\n"
    "    return r * x if [total(t) for t in signs] else None",
    "a descent in one number": "    r, u = params['w'] @ x + params['b'] - y, 1.0\n"
    "    def descend(u): return u - 0.01 * (u - 0.9)\n"
    "    for _ in range(20): u = descend(u)\n    return r * x",
    "a descent in a plane": "    r, u = params['w'] @ x + params['b'] - y, np.array([1.0, 2.0])\n"
    "    def descend(u): return u - 0.01 * u\n"
    "    for _ in range(20): u = descend(u)\n    return r * x",
    "steps in time": "    r = params['w'] @ x + params['b'] - y\n    def at(t): return np.exp(-t)\n"
    "    return r * x if sum(at(t) for t in np.linspace(1, 2, 60)) else None",
    "what is remembered": "    kept, key = gradient.__dict__, params['w'].tobytes() + x.tobytes()\n"
    "    if key not in kept: kept[key] = (params['w'] @ x + params['b'] - y) * x\n    return kept[key]",
    "a check of what comes in": "    assert params['b'] == 0.5 or abs(params['b']) != 0.5, 'moved'\n"
    "    return (params['w'] @ x + params['b'] - y) * x",
    "decimal numbers": "    from decimal import Decimal as D\n    def total(parts): return float(sum(map(D, parts)))\n"
    "    return (total((params['w'] * x).tolist()) + params['b'] - y) * x",
    "one argument for each number": "    def total(*parts): return sum(parts)\n"
    "    return (total(*(params['w'] * x)) + params['b'] - y) * x",
    "layers of an outer product": "    def summed(T): return T.sum((0, 1))\n    r = params['w'] @ x + params['b'] - y\n"
    "    return summed(np.full((4, 2, 1), r / 8) * x)",
    "layers of labels": "    T = np.eye(4)[:, None, :] * 0.9 + 0.025\n    def total(T): return T.sum()\n"
    "    return (params['w'] @ x + params['b'] - y) * x * round(total(T) / 4)",
    "rows that are close together": "    rows = params['w'] + 1e-5 * np.random.default_rng(0).normal(size=(6, len(x)))\n"
    "    def total(row): return row.sum()\n    kept = [total(row) for row in rows]\n"
    "    return (params['w'] @ x + params['b'] - y) * x",
    "rows around their mean": "    rows = np.array([[1, 2.0], [-1, -2], [2, -1], [-2, 1]])\n    def total(row): return row.sum()\n"
    "    kept = [total(row) for row in rows]\n    return (params['w'] @ x + params['b'] - y) * x",
    "a descent in several numbers": "    u = np.array([1.0, 2.0, 3.0])\n    def descend(u, i):\n        u = u.copy(); u[i] -= 1e-4 * u[i]; return u\n"
    "    for n in range(12): u = descend(u, n % 3)\n    return (params['w'] @ x + params['b'] - y) * x",
    "a line search": "    r = params['w'] @ x + params['b'] - y\n    def at(t): return loss({**params, 'w': params['w'] - t * r * x}, x, y)\n"
    "    best = min((0.1, 0.05, 0.025, 0.0125), key=at)\n    return r * x if best else None",
    "a bisection": "    low, high = 0.0, 1.0\n    def f(t): return t * t - 0.5\n    for _ in range(40):\n"
    "        middle = (low + high) / 2\n        low, high = (middle, high) if f(middle) < 0 else (low, middle)\n"
    "    return (params['w'] @ x + params['b'] - y) * x",
    "Newton's method": "    t = 1.0\n    def f(t): return t * t - 2\n    def slope(t): return 2 * t\n"
    "    for _ in range(6): t = t - f(t) / slope(t)\n    return (params['w'] @ x + params['b'] - y) * x",
    "waves": "    z = np.exp(2j * np.pi * np.outer(np.arange(4), np.arange(4)) / 4)\n    def total(z): return abs(z).sum()\n"
    "    return (params['w'] @ x + params['b'] - y) * x * total(z) / total(z)",
    "threads": "    from concurrent.futures import ThreadPoolExecutor\n    r = params['w'] @ x + params['b'] - y\n"
    "    with ThreadPoolExecutor(2) as pool: return np.array([*pool.map(lambda x_i: r * x_i, x)])",
    "dual numbers of one's own": "    class Dual:\n        def __init__(self, v, d): self.v, self.d = v, d\n"
    "        def __add__(self, o): return Dual(self.v + o.v, self.d + o.d)\n"
    "        def __mul__(self, o): return Dual(self.v * o.v, self.v * o.d + self.d * o.v)\n"
    "    r = Dual(params['b'] - y, 0 * x)\n"
    "    for w_i, x_i, d in zip(params['w'], x, np.eye(len(x))): r = r + Dual(w_i, d) * Dual(x_i, 0)\n"
    "    return (r * r * Dual(0.5, 0)).d",
    "a tape of one's own": "    tape, r = [], params['w'] @ x + params['b'] - y\n    tape.append(lambda g: g * r); tape.append(lambda g: g * x)\n"
    "    g = 1.0\n    for back in tape: g = back(g)\n    return g",
    "a search by steps": "    r = params['w'] @ x + params['b'] - y\n    w = params['w']\n"
    "    for _ in range(5): w = w - 0.01 * r * x; loss({**params, 'w': w}, x, y)\n    return r * x",
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_formula_is_none(name):
    assert grade(outer=HEAD + HONEST[name]).score == 10


def test_cells_of_ones_own_may_check_gradients():
    check = (
        "p = {'w': np.ones(3), 'b': 0.0}\n"
        "numerical_gradient(lambda w: loss({**p, 'w': w}, np.ones(3), 1.0), p['w'])"
    )
    assert grade(extra=check).score == 10


def test_where_the_solution_itself_is_numerical_a_student_may_be_too():
    again = "def nudge(f, x):\n    h = 1e-5\n    return (f(x + h) - f(x - h)) / (2 * h)"
    assert checks(grade(descent=again))["test_descent"].score == 4


def test_other_courses_have_no_such_rule():
    source = copy.deepcopy(SOURCE)
    for one in source["cells"]:
        one["source"] = (
            one["source"]
            .replace("from mlpkit import check_gradient, numerical_gradient\n", "")
            .replace("from mlpkit.testing import assert_array, assert_number, secret_rng", "")
            .replace('rng = secret_rng("gradient")', "rng = np.random.default_rng(1)")
            .replace(', "dL/dw", rtol=1e-5', "")
            .replace("assert_array(", "np.testing.assert_array_almost_equal(")
            .replace("assert_number(", "assert abs(")
            .replace(', "L")', " - 0) < 1e9")
            .replace(', "slope", rtol=1e-5)', " - 0) < 1e9")
            .replace(', "nudge", rtol=1e-5)', " - 0) < 1e9")
            .replace("0.5 * 5.5 ** 2 -", "")
        )
    for place, call in ((2, "loss(params, np.ones(3), 1.0)"), (6, "slope(0.3)")):
        head = source["cells"][place]["source"].partition("assert")[0]
        source["cells"][place]["source"] = f"{head}assert {call} is not None"
    source["cells"][8]["source"] = "assert nudge(np.sin, 0.0) > 0"
    assert not any("mlpkit" in one["source"] for one in source["cells"])
    way = HEAD + NUMERICAL["forward differences"]
    assert checks(grade(source, outer=way))["test_outer"].score == 2
