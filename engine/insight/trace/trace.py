"""The arrays of a traced sample, layer by layer, in float64."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.arrays import Array
from engine.insight.trace.derivation import Place

PartName = Literal["training", "validation", "test"]
Mode = Literal["evaluation", "training"]
"""Evaluation: as predictions are made, without dropout and with running statistics. Training: as in a step,
with the sample in a batch, masks drawn and the batch's statistics."""


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
