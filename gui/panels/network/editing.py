"""Opens the small window in which weights are typed, at what is chosen in the drawing of the network."""

import numpy as np
from PySide6.QtCore import QPoint

from gui.core.model_summary import ModelSummary
from gui.core.weight_edits import WeightEdits
from gui.panels.network.drawing import NetworkDrawing, Picked


def open_editor(canvas: NetworkDrawing, edits: WeightEdits, model: ModelSummary, picked: Picked) -> None:
    """The weight of an edge; of a unit its bias, and all its weights where all of them are drawn."""
    layout, values = canvas.geometry_now, canvas.values
    if layout is None or picked.unit is None or edits.reason_against:
        return
    place = layout.place_of_unit(picked.layer, picked.unit)
    if place is None or place[0] == 0:
        return
    column, target = layout.columns[place[0] - 1].stage, layout.columns[place[0]].stage
    weight, bias = values.weights.get(picked.layer), values.biases.get(picked.layer)
    at = place[1]
    # Only what is drawn is known of the arrays: the number that is typed stands in each place of these.
    if picked.weight is not None:
        edge = layout.edge_of(picked.layer, *picked.weight)
        if edge is None or weight is None or weight.shape != (len(column.shown), len(target.shown)):
            return
        point = layout.edges[edge[0]].paths[edge[1]].pointAtPercent(0.5)
        where = canvas.mapToGlobal(canvas.on_widget(point).toPoint())
        array = np.broadcast_to(weight.flat[edge[1]], (column.units, target.units))
        edits.open_editor(canvas, where, model, picked.layer, "weight", picked.weight, array)
        return
    rect = canvas.viewport.transform.mapRect(layout.columns[place[0]].units[at])
    where = canvas.mapToGlobal(rect.bottomRight().toPoint() + QPoint(4, 4))
    biases = np.broadcast_to(bias[at], (target.units,)) if bias is not None else None
    if weight is not None and not column.hidden and len(weight) == column.units:
        weights = np.broadcast_to(weight[:, at : at + 1], (column.units, target.units))
        edits.open_unit_editor(canvas, where, model, picked.layer, picked.unit, weights, biases)
    elif biases is not None:
        edits.open_editor(canvas, where, model, picked.layer, "bias", (picked.unit,), biases)
