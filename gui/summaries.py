"""From what the worker prepared to what the views show: names, shapes, counts and data points."""

import numpy as np

from engine.network import Network, count_parameters
from gui.core.messages import Prepared
from gui.views.model_summary import PARTS, DataPoints, LayerSummary, ModelSummary, subtitle

MOST_POINTS = 5000
"""More points than this are thinned out evenly: the map would be covered, and painting slow."""


def summarize(prepared: Prepared) -> ModelSummary:
    """The facts of a prepared experiment that views show."""
    network, dataset = prepared.network, prepared.dataset
    points = _points(prepared)
    names = dataset.feature_names
    return ModelSummary(
        tuple(_layer(network, index) for index in range(len(network.layers))),
        network.input_shape,
        dataset.task,
        names,
        dataset.classes,
        target_name=dataset.target,
        points=points,
        plane=dataset.plane,
        axis_names=(names[0], names[1]) if points is not None else ("x₁", "x₂"),
    )


def _layer(network: Network, index: int) -> LayerSummary:
    layer = network.layers[index]
    return LayerSummary(
        index,
        network.names[index],
        subtitle(layer, network.shapes[index + 1]),
        layer.kind,
        network.shapes[index + 1],
        count_parameters(layer, network.shapes[index]),
    )


def _points(prepared: Prepared) -> DataPoints | None:
    dataset = prepared.dataset
    if dataset.plane is None or dataset.task == "reconstruction":
        return None
    places, targets, parts = [], [], []
    for name in PARTS:
        part = dataset.part(name)
        if dataset.task == "regression":
            values = dataset.in_target_units(part.targets)[:, 0]
        elif dataset.task == "binary":
            values = part.targets[:, 0].astype(np.intp)
        else:
            values = part.targets
        places.append(dataset.plane_points(name))
        targets.append(values)
        parts.append(np.full(len(values), name))
    x, y, part_names = np.concatenate(places), np.concatenate(targets), np.concatenate(parts)
    if len(x) > MOST_POINTS:
        kept = np.linspace(0, len(x) - 1, MOST_POINTS).astype(np.intp)
        x, y, part_names = x[kept], y[kept], part_names[kept]
    return DataPoints(x, y, part_names)
