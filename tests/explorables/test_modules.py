"""The modules as text, and as a person uses them: keys, pointer, theme, phone, no script."""

import json
import sys
from functools import partial
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from mlpkit import check_gradient, forward
from mlpkit import explorables as explore
from mlpkit.explorables import NAMES, graphs, module, reference, widget

LIMIT = 25_000  # bytes
ORIGIN = 'document.querySelector(".mlx")'


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_small_and_needs_nothing_else(name):
    text = module(name)
    assert len(text.encode()) < LIMIT
    assert "import " not in text and "http" not in text and "fetch(" not in text


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no explorable 'bowl', only backward_pass"):
        module("bowl")


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_a_name_and_moves_by_keys(browser, name):
    browser.show(name)
    script = f"return [...{ORIGIN}.querySelectorAll('input, select')].map((e) => e.labels[0]?.textContent.trim() || '')"
    labels = browser.driver.execute_script(script)
    assert labels and all(labels)
    first = browser.driver.find_element("css selector", ".mlx input[type=range]")
    before = browser.state()
    pictures = browser.driver.execute_script(f"return {ORIGIN}.querySelector('.panels').innerHTML")
    first.send_keys("\ue014")  # the right arrow
    assert browser.state() != before
    assert pictures != browser.driver.execute_script(
        f"return {ORIGIN}.querySelector('.panels').innerHTML"
    )
    assert first.get_attribute("aria-valuetext")


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_says_what_it_shows(browser, name):
    browser.show(name)
    script = f"return [...{ORIGIN}.querySelectorAll('figure > svg')].map((s) => [s.getAttribute('role'), s.getAttribute('aria-label')])"
    pictures = browser.driver.execute_script(script)
    assert pictures
    for role, label in pictures:
        assert role == "img" and len(label) > 20 and "NaN" not in label
    status = browser.driver.find_element("css selector", ".mlx [role=status]")
    assert len(status.text) > 20 and "NaN" not in status.text


@pytest.mark.parametrize(
    ("name", "key", "handle"),
    [
        ("momentum", "theta1", "[data-drag=start]"),
        ("momentum", "gamma", "[data-drag=plane]"),
        ("two_losses", "z", "[data-drag=start]"),
        ("softmax", "scores", "[data-drag='1']"),
        ("step_h", "h", "[data-drag=h]"),
        ("through_time", "rho", "[data-drag=rho]"),
        ("backward_pass", "nodes", "[data-drag=at]"),
    ],
)
def test_a_drag_changes_the_state(browser, name, key, handle):
    from selenium.webdriver import ActionChains

    browser.show(name)
    before = browser.state()[key]
    element = browser.driver.find_element("css selector", f".mlx {handle}")
    ActionChains(browser.driver, duration=0).click_and_hold(element).move_by_offset(
        23, 17
    ).release().perform()
    assert browser.state()[key] != before


def test_a_notebook_that_takes_the_arrow_keys_does_not_get_them(browser):
    browser.show("momentum")
    take = "document.getElementById('main').onkeydown = (event) => event.preventDefault()"
    browser.driver.execute_script(take)
    before = browser.state()["gamma"]
    browser.driver.find_element("css selector", ".mlx input").send_keys("\ue014")
    browser.driver.execute_script("document.getElementById('main').onkeydown = null")
    assert browser.state()["gamma"] > before


def test_a_click_explains_a_node(browser):
    browser.show("backward_pass")
    browser.driver.find_element("css selector", "[data-pick=p]").click()
    assert browser.state()["node"] == "p"
    assert "to each input times the other input" in browser.driver.find_element("id", "main").text


def test_the_steps_show_values_first_and_gradients_from_the_loss_back(browser):
    browser.show("backward_pass", {"step": 3})
    texts = "return [...document.querySelectorAll('.mlx g.pick text')].map((t) => t.textContent)"
    after_inputs = browser.driver.execute_script(texts)
    assert "−2" in after_inputs and "−12" not in after_inputs
    browser.driver.find_element("xpath", "//button[.='Step']").click()
    assert browser.state()["step"] == 4
    assert "3" in browser.driver.execute_script(texts)


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_needs_no_scrolling_aside(browser, name):
    size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.show(name)
        width = browser.driver.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390
    finally:
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_dark_page_makes_it_dark(browser):
    def is_dark(colour):
        script = "document.body.style.background = arguments[0]; const done = arguments[1]; setTimeout(() => done(document.querySelector('.mlx').hasAttribute('data-dark')), 60)"
        return browser.driver.execute_async_script(script, colour)

    browser.show("softmax")
    assert is_dark("#111") and not is_dark("#fff")


def test_a_dark_page_around_a_shadow_root_makes_it_dark(browser):
    """As in marimo."""
    script = """
    const [colour, done] = arguments, host = document.createElement("div");
    document.body.append(host);
    host.attachShadow({mode: "open"}).append(document.createElement("div"));
    document.body.style.background = colour;
    const view = window.modules.softmax.show(host.shadowRoot.firstChild, {});
    done(host.shadowRoot.querySelector(".mlx").hasAttribute("data-dark"));
    view.stop();
    host.remove();
    """
    assert browser.driver.execute_async_script(script, "#111")
    assert not browser.driver.execute_async_script(script, "#fff")


def test_a_dark_theme_of_vs_code_makes_it_dark_without_a_background(browser):
    def is_dark(kind):
        script = "document.body.style.background = 'transparent'; document.body.dataset.vscodeThemeKind = arguments[0]; const done = arguments[1]; setTimeout(() => done(document.querySelector('.mlx').hasAttribute('data-dark')), 60)"
        return browser.driver.execute_async_script(script, kind)

    browser.show("softmax")
    try:
        shown = {kind: is_dark(f"vscode-{kind}") for kind in
                 ("dark", "high-contrast", "light", "high-contrast-light")}  # fmt: skip
    finally:
        browser.driver.execute_script("delete document.body.dataset.vscodeThemeKind")
    assert [kind for kind, dark in shown.items() if dark] == ["dark", "high-contrast"]


def test_colab_is_told_where_its_widget_manager_is(monkeypatch):
    """What anywidget does in Colab, and nobody has to type, reaches Colab through an explorable."""
    pytest.importorskip("anywidget")
    asked = []
    output = ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: asked.append(True)
    output._widgets = SimpleNamespace(_installed_url="https://colab.example/manager.js")
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    data, metadata = explore.softmax()._repr_mimebundle_()
    widget_view = "application/vnd.jupyter.widget-view+json"
    assert asked and widget_view in data
    manager = metadata[widget_view]["colab"]["custom_widget_manager"]
    assert manager == {"url": output._widgets._installed_url}


def test_the_student_sees_the_wrong_wire(browser):
    values = {"x": [1.0, 2.0], "W": [[0.1, -0.2], [0.3, 0.4]], "b": [0.0, 0.1]}
    values |= {"V": [[1.0, -1.0], [0.5, 0.25]], "c": [0.0, 0.0], "y": 1}
    nodes = graphs.network(values)
    right = reference.backward(nodes)
    dW = [list(right["w"][f"s[{i}]"]) for i in range(2)]
    assert graphs.wrong_addresses(nodes, {"dL_dW": dW}) == {}
    dW[1][0] *= 2
    red = graphs.wrong_addresses(nodes, {"dL_dW": dW})
    assert red == {"s[1].w0": dW[1][0]}
    browser.show("backward_pass", {"nodes": nodes, "wrong": red, "node": "s[1]", "at": "s[1].w0"})
    dashed = "return [...document.querySelectorAll('.mlx line[stroke-dasharray=\"9 4\"]')].map((l) => l.closest('g').dataset.pick)"
    assert browser.driver.execute_script(dashed) == ["s[1].w0"]
    assert "Red and dashed, yours differs: W[1,0]" in browser.driver.find_element("id", "main").text


def test_a_failed_check_opens_the_wires_with_the_wrong_ones_in_red():
    """What the checker's report shows as wrong, with the student's number, and nothing else."""
    rng = np.random.default_rng(2)
    params = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=3), "V": rng.normal(size=(2, 3)),
              "c": rng.normal(size=2)}  # fmt: skip
    x, y = np.array([1.0, -0.5]), 1
    loss = partial(forward.domke_risk, X=x[None], y=np.array([y]))

    def gradient(params, factor=1.0):
        h = np.tanh(params["b"] + params["W"] @ x)
        f = params["c"] + params["V"] @ h
        df = np.exp(f) / np.exp(f).sum() - np.eye(2)[y]
        db = params["V"].T @ df * (1 - h**2)
        return {"W": np.outer(db, x) * factor, "b": db, "V": np.outer(df, h), "c": df}

    values = {**params, "x": x, "y": y}
    right = check_gradient(loss, gradient, params)
    assert explore.backward_pass(values, wrong=right).state["wrong"] == {}
    factor = np.ones((3, 2))
    factor[1, 0] = -1
    report = check_gradient(loss, lambda p: gradient(p, factor), params)
    state = explore.backward_pass(values, wrong=report).state
    assert state["wrong"] == {"s[1].w0": pytest.approx(gradient(params, factor)["W"][1, 0])}
    assert state["at"] == "s[1].w0"
    other = check_gradient(
        lambda p: (p["U"] ** 2).sum(), lambda p: {"U": p["U"]}, {"U": np.ones(2)}
    )
    with pytest.raises(ValueError, match=r"the report is about U\[\d\], which is no number"):
        explore.backward_pass(values, wrong=other)


def test_each_rung_is_red_for_its_own_mistake_and_one_that_is_not_done_stops_no_other(capsys):
    rng = np.random.default_rng(3)
    small = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=3), "V": rng.normal(size=(2, 3)),
             "c": rng.normal(size=2)}  # fmt: skip
    x, y = np.array([1.0, -0.5]), 1
    h = np.tanh(small["b"] + small["W"] @ x)
    f = small["c"] + small["V"] @ h
    df = np.exp(f) / np.exp(f).sum() - np.eye(2)[y]
    seen = {}

    def dL_df(value, dL):
        seen.update(value=value, dL=dL)
        return 2 * df  # wrong, and no other is red for it

    def not_done(value, dL):
        raise NotImplementedError()

    red = explore.backward_pass(
        {**small, "x": x, "y": y},
        wrong={
            "dL_df": dL_df,
            "dL_dc": lambda value, dL: dL["f"],
            "dL_dV": lambda value, dL: np.outer(dL["f"], value["h"]).T,
            "dL_dh": not_done,
            "dL_ds": lambda value, dL: dL["s"].pop(),
            "dL_db": lambda value, dL: (1 - value["h"] ** 2) * (small["V"].T @ dL["f"]),
            "dL_dW": np.outer((1 - h**2) * (small["V"].T @ df), x),
        },
    ).state["wrong"]
    assert set(red) == {"f[0]", "f[1]"}
    np.testing.assert_allclose(seen["value"]["h"], h, rtol=1e-12)
    np.testing.assert_allclose(seen["dL"]["f"], df, rtol=1e-12)
    np.testing.assert_allclose(seen["dL"]["V"], np.outer(df, h), rtol=1e-12)
    assert seen["dL"]["L"] == 1 and seen["value"]["x"].tolist() == x.tolist()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("dL_dV is not drawn: dL_dV has shape (3, 2)")
    assert lines[1] == "dL_dh is not done yet."
    assert lines[2].startswith("dL_ds is not drawn: it raised AttributeError")
    assert len(lines) == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_gets_the_widget_and_a_picture(name):
    pytest.importorskip("anywidget")
    shown = getattr(explore, name)()
    data, _ = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/png"].startswith("iVBOR") and len(data["image/png"]) < 40_000
    assert f"<explorable {name}" in data["text/plain"]
    json.dumps(shown.state)


def test_all_of_them_add_less_than_300_kB_to_a_notebook():
    pytest.importorskip("anywidget")
    size = 0
    for name in NAMES:
        shown = getattr(explore, name)()
        data, _ = shown._repr_mimebundle_()
        size += len(json.dumps(data)) + len(json.dumps(shown.widget.get_state(), default=str))
    assert size < 300_000


def test_without_anywidget_the_picture_and_the_line_to_type_remain(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._widget_class.cache_clear()
    data, _ = explore.momentum()._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain", widget.STATE}
    assert "pip install 'mlpkit[notebook]'" in capsys.readouterr().out
    widget._widget_class.cache_clear()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"x": [1.0], "W": [[1.0]], "y": 0}, "expected those of a note"),
        ({"x": [0.0] * 7, "W": [[0.0] * 7], "b": [0], "V": [[1]], "c": [0], "y": 0}, "at most 6"),
        ({"x": [1.0], "W": [[1.0, 2.0]], "b": [0], "V": [[1]], "c": [0], "y": 0}, r"W has shape"),
        ({"x": [1.0], "W": [[1.0]], "b": [0], "V": [[1]], "c": [0], "y": 1}, "a class from 0 to 0"),
    ],
)
def test_what_does_not_fit_is_named(values, says):
    with pytest.raises(ValueError, match=says):
        graphs.network(values)
