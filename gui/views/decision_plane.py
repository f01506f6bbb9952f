"""Which part of the plane is shown, on which scale of values, with which points. No Qt."""

from collections.abc import Sequence

import numpy as np

from engine.training.snapshot import DecisionMap
from gui.views.axes import Axis
from gui.views.data_markers import MOST_POINTS
from gui.views.model_summary import DataPoints, ModelSummary

PADDING = 0.1
"""Around the points, as a share of their range, where nobody says which plane to show."""


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
    return DataPoints(points.x[chosen], points.targets[chosen], points.parts[chosen])
