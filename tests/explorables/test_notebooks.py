"""The pictures of the ladders, on a notebook in which some rungs are wrong and others not done."""

import ast
from pathlib import Path

import pytest

from autograder.authoring.source import read_source
from mlpkit.explorables import Explorable

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def picture(name, cell_id, wrong=(), not_done=()):
    """What the experiment cell shows when the functions ``wrong`` return twice the right value."""
    names: dict = {}
    for cell in read_source(SOLUTIONS / name / f"{name}.py").cells:
        role, tags = cell.metadata.get("nbgrader", {}), cell.metadata.get("tags", ())
        if cell.cell_type != "code" or role.get("grade"):
            continue
        if "experiment" not in tags:
            exec(compile(cell.source, cell.id, "exec"), names)
        if cell.id == cell_id:
            break
    for function in wrong:
        right = names[function]
        names[function] = lambda *given, right=right: doubled(right(*given))
    for function in not_done:
        names[function] = stub
    *body, last = ast.parse(cell.source).body
    exec(compile(ast.Module(body, []), cell.id, "exec"), names)
    shown = eval(compile(ast.Expression(last.value), cell.id, "eval"), names)
    assert isinstance(shown, Explorable)
    return shown.state["wrong"]


def doubled(value):
    return tuple(2 * part for part in value) if isinstance(value, tuple) else 2 * value


def stub(*given):
    raise NotImplementedError


# Each function of a ladder, and the wires that are its own.
LADDERS = {
    ("02_momentum", "drag_the_boxes"): {
        "dL_df": "f[", "dL_dc": "f[", "dL_dV": "f[", "dL_dh": "h[", "dL_ds": "s[", "dL_db": "s[",
        "dL_dW": "s[",
    },
    ("04_deep_mlp", "drag_the_network"): {
        "dL_dz": "z[", "output_gradients": "z[", "dL_db": "s[", "dL_dW": "s[",
    },
}  # fmt: skip
CASES = [(place, rung) for place, reds in LADDERS.items() for rung in reds]


@pytest.mark.parametrize("place", LADDERS)
def test_a_right_ladder_has_no_red_wire(place):
    assert picture(*place) == {}


@pytest.mark.parametrize(("place", "rung"), CASES)
def test_the_wires_of_the_one_wrong_rung_are_red_with_nothing_else_done(place, rung):
    reds = LADDERS[place]
    red = picture(*place, wrong=[rung], not_done=reds.keys() - {rung})
    assert red and all(address.startswith(reds[rung]) for address in red)
    assert red == picture(*place, wrong=[rung]), "the others done: the same wires"
