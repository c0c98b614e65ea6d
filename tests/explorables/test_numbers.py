"""What each module computes, over 120 states, against numpy to 1e-12."""

import numpy as np
import pytest

from mlpkit.explorables import graphs, reference

STATES = 120
rng = np.random.default_rng(20)


def close(js, right, tolerance=1e-12):
    """Equal to the tolerance, relative to the largest entry where that is above 1."""
    right = np.asarray(right, dtype=float)
    js = np.asarray(js, dtype=float)
    assert js.shape == right.shape
    finite = np.isfinite(right)
    np.testing.assert_array_equal(js[~finite], right[~finite])
    scale = max(1.0, np.max(np.abs(right[finite]), initial=0.0))
    error = np.max(np.abs(js[finite] - right[finite]), initial=0.0)
    assert error <= tolerance * scale, (error, scale)


def computed(browser, name, states):
    """Each state, and what the module computes from it; all in one call of the page."""
    return zip(states, browser.call(name, "compute", *((s,) for s in states)), strict=True)


def momentum_states():
    for _ in range(STATES):
        yield {
            "gamma": 10 ** rng.uniform(-1, 1.5),
            "alpha": rng.uniform(0.02, 1),
            "lambda": 10 ** rng.uniform(-2, 0),
            "theta1": rng.uniform(-2.4, 2.4),
            "theta2": rng.uniform(-1.6, 1.6),
            "steps": int(rng.integers(5, 60)),
            "translate": str(rng.choice(["yes", "no"])),
        }


def test_momentum(browser):
    states = list(momentum_states())
    for state, js in computed(browser, "momentum", states):
        right = reference.momentum(state)
        for name, path in right["paths"].items():
            close(js["paths"][name], path)
            close(js["risks"][name], right["risks"][name])
        close(js["rate"], right["rate"])
        close([e["radius"] for e in js["eigen"]], right["radii"])
        close(js["matrices"], right["matrices"])
        for key, value in right["best"].items():
            close(js["best"][key], value)
        for eigen, matrix in zip(js["eigen"], right["matrices"], strict=True):
            ours = np.sort_complex([complex(re, im) for re, im in eigen["values"]])
            by_polynomial = ours**2 - np.trace(matrix) * ours + np.linalg.det(matrix)
            close(np.abs(by_polynomial), np.zeros(2))
            assert eigen["kind"] == (
                "complex" if abs(ours[0].imag) > 0 else "negative" if ours[0].real < 0 else "real"
            )


def test_two_losses(browser):
    states = [
        {
            "z": rng.uniform(-10, 10),
            "y": str(rng.integers(2)),
            "step": 10 ** rng.uniform(-1, 1),
            "steps": int(rng.integers(10, 100)),
        }
        for _ in range(STATES)
    ]
    for state, js in computed(browser, "two_losses", states):
        for loss, columns in reference.two_losses(state).items():
            for key, column in columns.items():
                close(js[loss][key], column)


def test_softmax(browser):
    states = [
        {"scores": rng.uniform(-6, 6, size=4).tolist(), "y": str(rng.integers(4))}
        for _ in range(STATES)
    ]
    states += [{"scores": [1000.0, -1000.0, 0.0, 999.0], "y": "3"}]
    for state, js in computed(browser, "softmax", states):
        for key, value in reference.softmax(state).items():
            close(js[key], value)


@pytest.mark.parametrize("name", list(reference.FUNCTIONS))
def test_step_h(browser, name):
    """A quotient is as exact as its function's last digit allows: 4 of them, divided by h."""
    assert browser.driver.execute_script("return window.modules.step_h.STEPS") == reference.STEPS
    states = [
        {"name": name, "x": rng.uniform(-2, 2), "h": 10 ** rng.uniform(-16, 0)}
        for _ in range(STATES // 4 + 1)
    ]
    digits = 0 if name != "softplus" else 4 * 2.3e-16 * 3
    steps = np.array(reference.STEPS)
    for state, js in computed(browser, "step_h", states):
        right = reference.step_h(state)
        close(js["exact"], right["exact"])
        for key in ("forward", "central", "complex"):
            last = 0 if key == "complex" else digits
            error = np.abs(np.array(js["all"][key]) - right["all"][key])
            assert (error <= 1e-12 * np.maximum(1, np.abs(right["all"][key])) + last / steps).all()
            close(js["at"][key], right["at"][key], 1e-12 + last / state["h"])


def test_through_time(browser):
    states = [
        {
            "rho": rng.uniform(0.3, 1.6),
            "forget": rng.uniform(0.5, 1),
            "T": int(rng.integers(10, 61)),
            "scale": rng.uniform(0, 2),
            "linear": str(rng.choice(["yes", "no"])),
        }
        for _ in range(STATES)
    ]
    for state, js in computed(browser, "through_time", states):
        for key, value in reference.through_time(state).items():
            close(js[key], value)


def a_network():
    p, M, K = rng.integers(1, 5, size=3)
    x, W, b = rng.normal(size=p), rng.normal(size=(M, p)), rng.normal(size=M)
    V, c, y = rng.normal(size=(K, M)), rng.normal(size=K), int(rng.integers(K))
    note = str(rng.choice(["Domke", "Gutfreund", "Hao", "Li"]))
    if note == "Domke":
        return graphs.network({"x": x, "W": W, "b": b, "V": V, "c": c, "y": y})
    if note == "Gutfreund":
        return graphs.network({"x": x, "W": W, "b": b, "U": V, "bhat": c, "y": np.eye(K)[y]})
    if note == "Li":
        y = rng.integers(2, size=K)
    return graphs.network({"x": x, "W1": W.T, "b1": b, "W2": V.T, "b2": c, "y": y}, note)


def test_nothing_comes_back_through_a_closed_relu():
    nodes = graphs.network(
        {"x": np.array([1.0, 0.5]), "W1": np.array([[0.3, -1.7], [0.9, 0.2]]), "b1": np.zeros(2),
         "W2": np.array([[0.7, -0.1], [1.3, 0.4]]), "b2": np.array([0.1, 0.2]), "y": 1}, "Hao",
    )  # fmt: skip
    result = reference.backward(nodes)
    assert result["values"]["D[1]"] < 0
    assert result["gradients"]["D[1]"] == 0.0 != result["gradients"]["h[1]"]


def a_circuit():
    nodes = [{"name": f"x{i}", "value": rng.uniform(-2, 2)} for i in range(3)]
    names = [node["name"] for node in nodes]
    pairs, singles = ("add", "multiply", "max"), ("tanh", "sigmoid", "relu", "square")
    for i in range(int(rng.integers(3, 9))):
        if rng.random() < 0.6:
            op, inputs = rng.choice(pairs), rng.choice(names, size=2, replace=bool(i % 2))
        else:
            op, inputs = rng.choice(singles), rng.choice(names, size=1)
        if op == "max" and inputs[0] == inputs[1]:
            op = "add"
        nodes.append({"name": f"u{i}", "op": str(op), "from": [str(n) for n in inputs]})
        names.append(f"u{i}")
    nodes.append({"name": "p", "op": "exp", "from": ["x0"]})
    nodes.append({"name": "q", "op": "log", "from": ["p"]})
    last = [names[-1], "q"]
    return [*nodes, {"name": "L", "op": "linear", "from": last, "w": [0.5, -1.5], "b": 0.25}]


def test_backward_pass(browser):
    states = [{"nodes": a_network()} for _ in range(STATES // 2)]
    states += [{"nodes": a_circuit()} for _ in range(STATES // 2)] + [{"nodes": graphs.CIRCUIT}]
    for state, js in computed(browser, "backward_pass", states):
        right = reference.backward(state["nodes"])
        for group in ("values", "gradients", "b"):
            assert set(js[group]) == set(right[group])
            for name, value in right[group].items():
                close(js[group][name], value)
        for name, value in right["w"].items():
            close(js["w"][name], value)
        for node in state["nodes"][:-1]:  # the fork rule: what a node gets is what its wires bring
            sent = [w["gradient"] for w in js["wires"] if w["from"] == node["name"]]
            close(sum(sent), right["gradients"][node["name"]])
