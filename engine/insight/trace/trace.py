"""The arrays of a traced sample, layer by layer, in float64."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Place
from engine.insight.trace.stage import Pass

PartName = Literal["training", "validation", "test"]
Mode = Literal["evaluation", "training"]
"""Evaluation: as predictions are made, without dropout and with running statistics. Training: as in a step,
with masks drawn; in a batch, by its statistics, where a layer couples the rows of a batch."""


@dataclass(frozen=True)
class TracedSample:
    """Which sample is traced.

    part, index : one of the data set; index within its part. values : numbers in place of its inputs, in
    prepared units and flattened; None: its own. targets : the same for its targets.
    """

    part: PartName = "training"
    index: int = 0
    values: tuple[float, ...] | None = None
    targets: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Override:
    """A number that is set by hand ("what if this unit were off?"): of an input, an output or a parameter."""

    place: Place
    value: float


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer of a traced sample; all arrays are read-only and without the batch axis.

    x, y : input and output. z : the pre-activation, None where the layer has none.
    dx, dz, dy : gradients of the loss with respect to these.
    parameters, gradients : by name, in the parameters' shapes. In a batch, the gradients of its mean loss.
    details : further arrays of the layer's kind by name (`mask`, `mean`, `attention_weights`).
    """

    index: int
    name: str
    kind: str
    x: Array
    y: Array
    dx: Array
    dy: Array
    z: Array | None = None
    dz: Array | None = None
    parameters: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, Array] = field(default_factory=dict)
    details: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Trace:
    """One sample on its way through the network and back.

    step : of the run. x : the network's input. target : what is true: a class index, or numbers.
    output : what the network gives; prediction : with the loss's inverse link (probabilities).
    loss : of the sample. overrides : the numbers that were set by hand.
    recorded : what the derivations are made from, with the batch that the sample was computed in.
    """

    step: int
    sample: TracedSample
    mode: Mode
    x: Array
    target: Array
    output: Array
    prediction: Array
    loss: float
    layers: tuple[LayerTrace, ...]
    overrides: tuple[Override, ...] = ()
    recorded: Pass | None = field(default=None, repr=False)

    def number(self, place: Place) -> float:
        """The number at a place; raises KeyError or IndexError where there is none."""
        return float(self.array(place)[place.index])

    def array(self, place: Place) -> Array:
        """The array that a place is in."""
        if place.quantity == "loss":
            return np.array(1.0 if place.gradient else self.loss)
        if place.quantity == "target":
            return self.target
        if place.layer < 0:
            return self.layers[0].dx if place.gradient else self.x
        layer = self.layers[place.layer]
        if place.quantity == "parameter":
            return (layer.gradients if place.gradient else layer.parameters)[place.name]
        if place.quantity == "detail":
            return layer.details[place.name]
        found = {
            "input": (layer.x, layer.dx),
            "pre_activation": (layer.z, layer.dz),
            "output": (layer.y, layer.dy),
        }[place.quantity][place.gradient]
        if found is None:
            raise KeyError(place.quantity)
        return found
