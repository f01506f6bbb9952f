"""What is known of a run by what the drawing of the network shows of it. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.connections import LayerConnections
from gui.panels.network.plan import Plan, image_of_inputs

Quantity = Literal["weight", "gradient"]
"""What the width and colour of an edge says."""

MOST_NUMBERS = 20_000
"""Of each layer, for finding the scale: more do not make it truer, only slower."""
MOST_TEMPLATE = 64
"""Side of the picture of a unit's weights, in pixels; larger ones are thinned."""


@dataclass(frozen=True, eq=False)
class LiveValues:
    """By index of the layer, of the units that are drawn.

    weights, gradients : (inputs shown, units shown). biases, bias_gradients : (units shown,).
    maps : (units shown, side, side) outputs over the plane of two inputs, row 0 the lowest x₂.
    templates : (units shown, height, width) weights from an image, row 0 its upper edge.
    figures : standard deviation and largest magnitude of all weights of the layer.
    """

    weights: Mapping[int, Array] = field(default_factory=dict)
    gradients: Mapping[int, Array] = field(default_factory=dict)
    biases: Mapping[int, Array] = field(default_factory=dict)
    bias_gradients: Mapping[int, Array] = field(default_factory=dict)
    maps: Mapping[int, Array] = field(default_factory=dict)
    templates: Mapping[int, Array] = field(default_factory=dict)
    figures: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    def edges(self, quantity: Quantity) -> Mapping[int, Array]:
        """What edges show."""
        return self.weights if quantity == "weight" else self.gradients

    @cached_property
    def scale(self) -> float:
        """The weight that is drawn at full width: robust, so that one outlier does not thin all others."""
        return _scale_of(self.weights)

    @cached_property
    def gradient_scale(self) -> float:
        """The same of gradients."""
        return _scale_of(self.gradients)

    def scale_of(self, quantity: Quantity) -> float:
        return self.scale if quantity == "weight" else self.gradient_scale


def _scale_of(matrices: Mapping[int, Array]) -> float:
    magnitudes = [
        np.abs(matrix.ravel()[:: max(matrix.size // MOST_NUMBERS, 1)])
        for matrix in matrices.values()
        if matrix.size
    ]
    if not magnitudes:
        return 1.0
    scale = float(np.percentile(np.nan_to_num(np.concatenate(magnitudes)), 98))
    return scale if scale > 0 else 1.0


NOTHING_KNOWN = LiveValues()


def values_of(
    plan: Plan, connections: Mapping[int, LayerConnections], maps: Mapping[int, Array]
) -> LiveValues:
    """What was asked of a run for this plan. maps : of the units shown."""
    before = dict(zip([stage.layer for stage in plan.columns[1:]], plan.columns, strict=False))
    drawn = {layer: found for layer, found in connections.items() if layer in before}
    from_units = {layer: found for layer, found in drawn.items() if before[layer].shown}
    templates = {
        layer: _templates(found.weight, before[layer].shape)
        for layer, found in drawn.items()
        if image_of_inputs(before[layer]) and len(found.weight) == before[layer].units
    }
    return LiveValues(
        {layer: found.weight for layer, found in from_units.items()},
        {layer: found.gradient for layer, found in from_units.items()},
        {layer: found.bias for layer, found in drawn.items() if found.bias is not None},
        {layer: found.bias_gradient for layer, found in drawn.items() if found.bias_gradient is not None},
        maps,
        templates,
        {layer: (found.deviation, found.largest) for layer, found in drawn.items()},
    )


def _templates(weight: Array, shape: tuple[int, ...]) -> NDArray[np.floating]:
    """Weights (pixels, units) as pictures (units, height, width), the mean of the channels."""
    height, width, channels = shape
    pictures = weight.T.reshape(-1, height, width, channels)
    step = max(-(-max(height, width) // MOST_TEMPLATE), 1)
    thin: NDArray[np.floating] = pictures[:, ::step, ::step].mean(axis=3)
    return thin
