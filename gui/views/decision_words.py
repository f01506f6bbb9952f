"""What the decision map says of one place, in words."""

import numpy as np
from numpy.typing import NDArray

from gui.views.model_summary import ModelSummary
from gui.views.numbers import number, percent

MOST_CLASSES = 3


def reading(
    model: ModelSummary, place: tuple[float, float], values: NDArray[np.floating] | None
) -> list[str]:
    """Lines: the place; the prediction, most probable class first. values : (k,), None before training."""
    (x_name, y_name), (x, y) = model.axis_names, place
    lines = [f"{x_name} {number(x)}, {y_name} {number(y)}"]
    if values is None:
        return lines
    if model.task == "regression":
        return [*lines, f"{model.target_name} {number(float(values[0]))}"]
    shares = np.array([1 - values[0], values[0]]) if len(values) == 1 else values
    names = [name_of_class(model, index) for index in range(len(shares))]
    order = np.argsort(-shares, kind="stable")[:MOST_CLASSES]
    return [*lines, *(f"{names[index]} {percent(float(shares[index]))}" for index in order)]


def name_of_class(model: ModelSummary, index: int) -> str:
    """The name of a class, or its number where the names do not reach."""
    return model.class_names[index] if index < len(model.class_names) else f"class {index + 1}"


def reason_for_no_map(model: ModelSummary) -> str:
    """A sentence where the experiment has no plane to show; empty where it has one."""
    if model.task == "reconstruction":
        return "The decision map shows what is predicted; this network reconstructs its inputs."
    if model.inputs != 2:
        return f"The decision map needs exactly two inputs; this experiment has {model.inputs}."
    if model.points is None and model.plane is None:
        return "The decision map needs two columns of numbers; these two inputs come from something else."
    return ""
