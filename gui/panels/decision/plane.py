"""The plane of a decision map: its range, data points, predictions as an image, and decision boundaries."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt

from engine.insight.run_queries import DecisionMap
from gui.core.model_summary import DataPoints, ModelSummary
from gui.kit.numbers import count_text, percent_text, reading_text
from gui.kit.plot_parts import MOST_POINTS, Axis
from gui.kit.text import tr

PADDING = 0.1
"""Around the points, as a share of their range, where nobody says which plane to show."""
MOST_CLASSES = 3
NUDGE = 0.02
"""How far an arrow key moves the reading, as a share of the plane."""
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def plane_of(model: ModelSummary | None, decision_map: DecisionMap | None) -> tuple[Axis, Axis]:
    """The plane of the predictions; before there are any, that of the data."""
    if model is None:
        return Axis(-1, 1, ""), Axis(-1, 1, "")
    across, up = model.axis_names
    if decision_map is not None:
        return Axis(*decision_map.x_range, across), Axis(*decision_map.y_range, up)
    if model.plane is not None:
        return Axis(*model.plane[0], across), Axis(*model.plane[1], up)
    if model.points is None or not np.isfinite(model.points.x).any(axis=0).all():
        return Axis(-1, 1, across), Axis(-1, 1, up)
    low, high = np.nanmin(model.points.x, axis=0).tolist(), np.nanmax(model.points.x, axis=0).tolist()
    return Axis.around(low[0], high[0], across, PADDING), Axis.around(low[1], high[1], up, PADDING)


def values_of(model: ModelSummary | None, decision_map: DecisionMap | None) -> Axis:
    """For regression: the scale of values, from the data, else from the predictions."""
    name = model.target_name if model else ""
    values = None
    if model is not None and model.points is not None:
        values = model.points.targets
    elif decision_map is not None:
        values = decision_map.values
    finite = values[np.isfinite(values)] if values is not None else ()
    return Axis.around(float(min(finite)), float(max(finite)), name) if len(finite) else Axis(0, 1, name)


def points_of(model: ModelSummary | None, parts: Sequence[str]) -> DataPoints | None:
    """The points of these parts that have a place; evenly thinned where they are too many to paint."""
    points = model.points if model else None
    if points is None:
        return None
    known = np.isfinite(points.x).all(axis=1) & np.isfinite(points.targets.astype(np.float64))
    chosen = np.flatnonzero(np.isin(points.parts, parts) & known)
    chosen = chosen[:: max(-(-len(chosen) // MOST_POINTS), 1)]
    return points.take(chosen)


def nudged(plot: QRectF, place: QPointF, key: Qt.Key) -> QPointF:
    """Where an arrow key moves the reading, which stays on the plot."""
    x, y = ARROWS[key]
    moved = place + QPointF(x * plot.width(), y * plot.height()) * NUDGE
    return QPointF(
        min(max(moved.x(), plot.left()), plot.right()), min(max(moved.y(), plot.top()), plot.bottom())
    )


def reading(
    model: ModelSummary, place: tuple[float, float], values: NDArray[np.floating] | None
) -> list[str]:
    """Lines: the place; the prediction, most probable class first. values : (k,), None before training."""
    (x_name, y_name), (x, y) = model.axis_names, place
    lines = [f"{x_name} {reading_text(x)}, {y_name} {reading_text(y)}"]
    if values is None:
        return lines
    if model.task == "regression":
        return [*lines, f"{model.target_name} {reading_text(float(values[0]))}"]
    shares = np.array([1 - values[0], values[0]]) if len(values) == 1 else values
    names = [name_of_class(model, index) for index in range(len(shares))]
    order = np.argsort(-shares, kind="stable")[:MOST_CLASSES]
    return [*lines, *(f"{names[index]} {percent_text(float(shares[index]))}" for index in order)]


def name_of_class(model: ModelSummary, index: int) -> str:
    """The name of a class, or its number where the names do not reach."""
    return model.class_names[index] if index < len(model.class_names) else f"class {index + 1}"


def reason_for_no_map(model: ModelSummary) -> str:
    """A sentence where the experiment has no plane to show; empty where it has one."""
    if model.task == "reconstruction":
        return tr("The decision map shows what is predicted; this network reconstructs its inputs.")
    if len(model.targets) > 1:
        return tr("The decision map shows one target; this network predicts several.")
    if is_plane(model) or len(model.numeric_columns) >= 2:
        return ""
    if len(model.input_shape) > 1:
        return tr("The decision map needs two columns of numbers; the input of this network is an image.")
    found = count_text(len(model.numeric_columns)) if model.numeric_columns else tr("none")
    return tr("The decision map needs two columns of numbers; this experiment has {found}.", found=found)


def is_plane(model: ModelSummary) -> bool:
    """Whether the two inputs are all there are, so that the plane is whole."""
    return model.inputs == 2 and (model.points is not None or model.plane is not None)
