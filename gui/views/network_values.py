"""What a snapshot says of the drawn network, and the scale on which its weights are drawn. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays import Array
from engine.training.snapshot import Snapshot

MOST_WEIGHTS = 20_000
"""Of each layer, for finding the scale: more do not make it truer, only slower."""


@dataclass(frozen=True, eq=False)
class LiveValues:
    """By layer index: weights (inputs, units), biases (units,), maps (units, side, side)."""

    weights: Mapping[int, Array]
    biases: Mapping[int, Array]
    maps: Mapping[int, Array]

    @cached_property
    def scale(self) -> float:
        """The weight that is drawn at full width: robust, so that one outlier does not thin all others."""
        magnitudes = [
            np.abs(weight.ravel()[:: max(weight.size // MOST_WEIGHTS, 1)])
            for weight in self.weights.values()
            if weight.size
        ]
        if not magnitudes:
            return 1.0
        scale = float(np.percentile(np.nan_to_num(np.concatenate(magnitudes)), 98))
        return scale if scale > 0 else 1.0


NOTHING_KNOWN = LiveValues({}, {}, {})


def values_of(snapshot: Snapshot) -> LiveValues:
    """The values of a snapshot, by layer."""
    layers = snapshot.layers
    return LiveValues(
        {layer.index: layer.weight for layer in layers if layer.weight is not None},
        {layer.index: layer.bias for layer in layers if layer.bias is not None},
        {layer.index: layer.neuron_maps for layer in layers if layer.neuron_maps is not None},
    )
