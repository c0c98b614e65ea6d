"""The picture of an explorable where no script runs: GitHub, nbconvert, print."""

import base64
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from mlpkit.explorables import reference
from mlpkit.momentum import Quadratic
from mlpkit.plotting import COLOURS, LINES, momentum_path, risk_curves

State = Mapping[str, Any]
BLUE, RED, GREEN, GREY = *COLOURS[:3], "0.45"


def png(name: str, state: State) -> str:
    """Return the picture of ``state`` as a PNG in base64, 720 pixels wide."""
    figure = Figure(figsize=(7.2, 3.2), dpi=100, layout="constrained")
    DRAWN[name](figure, state)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    picture = Image.open(buffer).convert("RGB")
    buffer = io.BytesIO()  # a third of the size with a palette, and no eye sees it
    picture.quantize(48).save(buffer, format="png", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def _backward_pass(figure: Figure, state: State) -> None:
    nodes, wrong = state["nodes"], set(state["wrong"])
    result, at = reference.backward(nodes), _places(nodes)
    ax = figure.subplots()
    for node in nodes:
        for j, source in enumerate(node.get("from", ())):
            red = f"{node['name']}.w{j}" in wrong
            xs, ys = zip(at[source], at[node["name"]], strict=True)
            colour, line = (RED, "--") if red else (GREY, "-")
            ax.plot(xs, ys, line, color=colour, linewidth=1 + 2 * red)
    for name, (x, y) in at.items():
        ax.plot(x, y, "o", markersize=34, color="white", markeredgecolor=GREY)
        ax.text(x, y, f"{name}\n{result['values'][name]:.3g}", ha="center", va="center", fontsize=8)
        gradient = f"{result['gradients'][name]:.3g}"
        ax.annotate(gradient, (x, y), (0, -29), textcoords="offset points", ha="center", color=RED)
    ax.margins(0.08, 0.25)
    ax.set_title("values in the nodes, gradients of L below them")
    ax.axis("off")


def _places(nodes: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Columns by depth, the nodes of a column spread over its height."""
    depth: dict[str, int] = {}
    for node in nodes:
        depth[node["name"]] = 1 + max((depth[k] for k in node.get("from", ())), default=-1)
    columns = [[n for n in depth if depth[n] == d] for d in range(max(depth.values()) + 1)]
    return {
        name: (float(d), -(i + 0.5) / len(column))
        for d, column in enumerate(columns)
        for i, name in enumerate(column)
    }


def _momentum(figure: Figure, state: State) -> None:
    result = reference.momentum(state)
    left, right = figure.subplots(1, 2)
    domke = result["paths"]["Domke"]
    momentum_path(Quadratic([state["lambda"], 1.0]), {"Domke's step": domke}, ax=left)
    risk_curves({f"rate {result['rate']:.3g} per step": result["risks"]["Domke"]}, ax=right)


def _two_losses(figure: Figure, state: State) -> None:
    left, right = figure.subplots(1, 2)
    z, y = np.linspace(-10, 10, 201), int(state["y"])
    losses = {"squared loss": reference.squared_loss, "cross-entropy": reference.cross_entropy}
    descents = reference.two_losses(state).values()
    for (name, loss), rows, colour, line in zip(
        losses.items(), descents, (RED, BLUE), LINES, strict=False
    ):
        left.plot(z, loss(z, y)[0], line, color=colour, label=name)
        left.plot(rows["z"][0], rows["loss"][0], "o", color=colour)
        right.plot(rows["yhat"], line, color=colour, label=name)
    left.set(xlabel="score z", ylabel="loss")
    right.set(xlabel="step", ylabel="prediction", ylim=(-0.03, 1.03))
    left.legend(frameon=False)


def _softmax(figure: Figure, state: State) -> None:
    result = reference.softmax(state)
    axes = figure.subplots(1, 4)
    bars = {"scores z": state["scores"], "yhat": result["yhat"], "yhat - y": result["gradient"]}
    for ax, (title, values) in zip(axes[[0, 1, 3]], bars.items(), strict=True):
        ax.bar(range(4), values, color=BLUE)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_title(title)
    limit = np.abs(result["jacobian"]).max()
    axes[2].imshow(result["jacobian"], cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[2].set_title("Jacobian")


def _step_h(figure: Figure, state: State) -> None:
    result = reference.step_h(state)
    ax = figure.subplots()
    for (name, values), colour, line in zip(
        result["all"].items(), (RED, BLUE, GREEN), LINES, strict=False
    ):
        error = np.maximum(np.abs(values - result["exact"]), 1e-17)
        ax.loglog(reference.STEPS, error, line, color=colour, label=name)
    ax.axvline(state["h"], color="black", linewidth=0.8)
    ax.set(xlabel="step h", ylabel="error of the derivative")
    ax.legend(frameon=False)


def _through_time(figure: Figure, state: State) -> None:
    result = reference.through_time(state)
    ax: Axes = figure.subplots()
    ax.semilogy(result["plain"], color=RED, label=f"plain, spectral radius {state['rho']:g}")
    ax.semilogy(result["carousel"], "--", color=BLUE, label="carousel")
    ax.set(xlabel="steps back in time", ylabel="norm of the error")
    ax.legend(frameon=False)


TITLES = {
    "backward_pass": "A graph with values in its nodes and gradients below them",
    "momentum": "Path of descent with momentum over a bowl, and its risk at each step",
    "two_losses": "Squared loss and cross-entropy, and the prediction after each step of descent",
    "softmax": "Four scores, their probabilities, the Jacobian and the gradient",
    "step_h": "Error of three numerical derivatives against the step h",
    "through_time": "Norm of the error sent back through time, recurrence against the carousel",
}
DRAWN = {
    "backward_pass": _backward_pass,
    "momentum": _momentum,
    "two_losses": _two_losses,
    "softmax": _softmax,
    "step_h": _step_h,
    "through_time": _through_time,
}
