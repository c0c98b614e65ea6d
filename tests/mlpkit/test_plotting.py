"""The figures show the numbers they were given, are labelled, and render without a warning."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from mlpkit import plotting
from mlpkit.momentum import Quadratic, trajectory

QUADRATIC = Quadratic([0.1, 1.0], minimiser=[1.0, 0.5], random_state=0)
PATHS = {
    "descent": trajectory(QUADRATIC, np.array([-3.0, 2.0]), 1.5, 1.0, 20),
    "momentum": trajectory(QUADRATIC, np.array([-3.0, 2.0]), 1.5, 0.4, 20),
}
CURVES = {"M = 5": np.exp(-np.arange(50.0)), "M = 40": 1 / np.arange(1.0, 51.0)}
POINTS = np.random.default_rng(0).normal(size=(60, 2))
CLASSES = (POINTS[:, 0] > 0).astype(int)
IMAGES = np.random.default_rng(1).uniform(size=(13, 8, 8))

PLACES = {"x": (0, 1), "w": (0, 0), "*": (1, 0.5)}
LINKS = {("x", "*"): "$x$", ("w", "*"): ""}


@pytest.fixture(autouse=True)
def no_figures_left():
    plt.close("all")
    yield
    plt.close("all")


def right_half(points):
    return (points[:, 0] > 0).astype(int)


FIGURES = {
    "risk_curves": lambda **ax: plotting.risk_curves(CURVES, **ax),
    "momentum_path": lambda **ax: plotting.momentum_path(QUADRATIC, PATHS, **ax),
    "decision_boundary": lambda **ax: plotting.decision_boundary(right_half, POINTS, CLASSES, **ax),
    "digits": lambda **ax: plotting.digits(IMAGES, range(13), **ax),
    "graph": lambda **ax: plotting.graph(PLACES, LINKS, values={("x", "*"): "2"}, **ax),
    "weights": lambda **ax: plotting.weights(IMAGES.reshape(13, 64) - 0.5, (8, 8), **ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_drawn_on_axes_of_its_own_or_on_those_given(draw):
    own = draw()
    assert len(plt.get_fignums()) == 1
    own.figure.canvas.draw()
    _, given = plt.subplots()
    assert draw(ax=given) is given
    assert len(plt.get_fignums()) == 2
    given.figure.canvas.draw()


@pytest.mark.parametrize("name", ["risk_curves", "momentum_path", "decision_boundary"])
def test_both_axes_have_a_name_and_every_line_too(name):
    ax = FIGURES[name]()
    assert ax.get_xlabel() and ax.get_ylabel()
    assert len(ax.get_legend().get_texts()) >= 2


@pytest.mark.parametrize("name", ["risk_curves", "momentum_path", "decision_boundary"])
def test_the_legend_does_not_search_for_its_place(name):
    assert FIGURES[name]().get_legend()._loc != 0  # "best" is slow and warns of it


def test_risk_curves_show_the_risks_apart_in_colour_and_style():
    ax = plotting.risk_curves(CURVES)
    lines = ax.get_lines()
    for line, risks in zip(lines, CURVES.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), risks)
        assert line.get_xdata()[0] == 0
    assert len({line.get_color() for line in lines}) == len(
        {line.get_linestyle() for line in lines}
    )
    assert ax.get_yscale() == "log"
    assert plotting.risk_curves(CURVES, log=False).get_yscale() == "linear"


def test_many_curves_use_all_colours_and_go_on():
    ax = plotting.risk_curves({f"{i}": [1.0, 2.0] for i in range(9)})
    styles = {(line.get_color(), line.get_linestyle()) for line in ax.get_lines()}
    assert len(styles) == 9


def test_a_path_runs_on_contours_seen_undistorted():
    ax = plotting.momentum_path(QUADRATIC, PATHS)
    *drawn, star = ax.get_lines()
    for line, path in zip(drawn, PATHS.values(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), path)
    np.testing.assert_array_equal(star.get_xydata()[0], QUADRATIC.minimiser)
    assert ax.get_aspect() == 1


def test_contours_are_those_of_the_quadratic():
    ax = plotting.momentum_path(QUADRATIC, PATHS)
    (contours,) = [c for c in ax.collections if hasattr(c, "levels")]
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        values = [QUADRATIC.value(vertex) for vertex in path.vertices]
        np.testing.assert_allclose(values, level, rtol=0.05)  # drawn on a grid


def test_a_boundary_colours_each_point_by_its_prediction():
    ax = plotting.decision_boundary(right_half, POINTS, CLASSES)
    mesh = ax.collections[0]
    classes = mesh.get_array().reshape(300, 300)
    assert (classes[:, 0] == 0).all() and (classes[:, -1] == 1).all()
    assert mesh.cmap(mesh.norm(0)) != mesh.cmap(mesh.norm(1))
    shown = [len(points.get_offsets()) for points in ax.collections[1:]]
    assert shown == [np.sum(CLASSES == 0), np.sum(CLASSES == 1)]


def test_classes_keep_their_colour_when_one_is_never_predicted():
    ax = plotting.decision_boundary(lambda X: np.zeros(len(X), int), POINTS, CLASSES)
    assert [to_hex(c.get_facecolor()[0]).upper() for c in ax.collections[1:]] == list(
        plotting.COLOURS[:2]
    )


def test_digits_stand_upright_in_reading_order_with_their_labels():
    ax = plotting.digits(IMAGES, [f"n{i}" for i in range(13)], columns=10)
    mosaic = ax.get_images()[0].get_array().filled(np.nan)
    texts = ax.texts
    assert [text.get_text() for text in texts] == [f"n{i}" for i in range(13)]
    top, left = round(texts[11].get_position()[1] + 0.5), round(texts[11].get_position()[0] - 3.5)
    np.testing.assert_array_equal(mosaic[top : top + 8, left : left + 8], IMAGES[11])
    assert texts[11].get_position()[1] > texts[1].get_position()[1]


def test_coloured_images_are_drawn_as_well():
    colours = np.random.default_rng(0).uniform(size=(3, 4, 5, 3))
    ax = plotting.digits(colours, "abc")
    np.testing.assert_array_equal(ax.get_images()[0].get_array()[-4:, :5], colours[0])
    assert ax.texts[0].get_position()[0] == 2  # over the middle of five columns


def test_weights_share_a_scale_around_zero():
    W = np.array([[0.0, 1.0, 2.0, -3.0]])
    ax = plotting.weights(W, (2, 2))
    assert ax.get_images()[0].get_clim() == (-3.0, 3.0)
    assert len(ax.figure.axes) == 2  # the colour bar


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: plotting.momentum_path(Quadratic([1.0]), {}), "quadratic of 1 parameters"),
        (lambda: plotting.decision_boundary(right_half, POINTS, CLASSES[:5]), r"y \(5,\)"),
        (lambda: plotting.decision_boundary(np.tanh, POINTS, CLASSES), "argmax"),
        (lambda: plotting.digits(IMAGES.reshape(13, 64)), r"reshape\(-1, 8, 8\)"),
        (lambda: plotting.digits(IMAGES, [1, 2]), "2 labels for 13 images"),
        (lambda: plotting.weights(np.ones((64, 5)), (8, 8)), "is it transposed"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw, says):
    with pytest.raises(ValueError, match=says):
        draw()


def test_a_graph_shows_its_nodes_links_values_and_gradients():
    ax = plotting.graph(
        PLACES, LINKS, boxes=["*"], values={("x", "*"): "2"}, gradients={("x", "*"): "-3"},
        notes={"w": "a weight"},
    )  # fmt: skip
    told = {text.get_text(): text for text in ax.texts}
    assert {"x", "w", "*", "$x$", "2", "-3", "a weight"} <= set(told)
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == len(LINKS)
    assert told["2"].get_color() == plotting.FORWARD
    assert told["-3"].get_color() == plotting.BACKWARD


def test_a_value_and_a_gradient_are_clear_of_the_text_on_their_link():
    link, told = ("x", "s"), ("$W, b$", "h = 2", "$dL/dW$?")
    _, ax = plt.subplots(figsize=(3, 2))
    places = {"x": (0.0, 0.0), "s": (1.7, 0.0)}
    plotting.graph(
        places, {link: told[0]}, values={link: told[1]}, gradients={link: told[2]}, ax=ax
    )
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in told]
    assert len(boxes) == 3
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
