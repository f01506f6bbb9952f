"""What the drawing of a network consists of: columns of units or blocks, and gates between them. No Qt.

A layer without parameters that keeps the number of values (dropout, activation, flatten) is a gate on the way
from one column to the next, because it has no units of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from engine.arrays import Array, Shape
from engine.insight.run_queries import LayerParameters
from gui.core.model_summary import ModelSummary

MOST_UNITS = 24
"""Units in a column up to which they are drawn one by one."""
MOST_EDGES = 1200
"""Weights up to which each is drawn as an edge; beyond, they merge into a grey nobody can read."""


@dataclass(frozen=True)
class Stage:
    """The input or one layer, as it is drawn. `layer` is its index in the network, None for the input."""

    layer: int | None
    name: str
    subtitle: str
    shape: Shape
    parameters: int
    labels: tuple[str, ...] = ()
    """Names of the units, where they have some: features at the input, classes at the output."""
    gates: tuple["Stage", ...] = ()
    """Layers without units that follow before the next column."""

    @property
    def units(self) -> int:
        return math.prod(self.shape)

    def unit_name(self, unit: int) -> str:
        """A unit as tooltips call it: "x₁", "Dense 1, unit 3", "Output, A"."""
        if self.layer is None:
            return self.labels[unit] if self.labels else f"{self.name} {unit + 1}"
        return f"{self.name}, {self.labels[unit] if self.labels else f'unit {unit + 1}'}"


@dataclass(frozen=True)
class Plan:
    """Columns from the input to the output. `unitwise`: units and edges are drawn, otherwise blocks."""

    columns: tuple[Stage, ...]
    unitwise: bool

    @property
    def layers(self) -> tuple[int, ...]:
        """Indices of the layers in drawing order, gates included."""
        stages = (stage for column in self.columns for stage in (column, *column.gates))
        return tuple(stage.layer for stage in stages if stage.layer is not None)


def plan_of(model: ModelSummary) -> Plan:
    """How the model is drawn: unit by unit while it is small, as blocks when it is large."""
    names = model.feature_names if len(model.feature_names) == model.inputs else ()
    columns = [Stage(None, model.input_name, "", model.input_shape, 0, names)]
    simple = True
    for layer in model.layers:
        stage = Stage(layer.index, layer.name, layer.subtitle, layer.output_shape, layer.parameters)
        before = columns[-1]
        if layer.parameters == 0 and stage.units == before.units:
            columns[-1] = replace(before, gates=(*before.gates, stage))
        else:
            simple = simple and layer.affine and len(layer.output_shape) == 1
            columns.append(stage)
    if model.layers:
        columns[-1] = replace(columns[-1], labels=_output_labels(model, columns[-1].units))
    edges = sum(one.units * other.units for one, other in pairwise(columns))
    few = all(stage.units <= MOST_UNITS for stage in columns) and edges <= MOST_EDGES
    return Plan(tuple(columns), unitwise=simple and few)


def _output_labels(model: ModelSummary, units: int) -> tuple[str, ...]:
    if model.task == "reconstruction":
        return model.feature_names if len(model.feature_names) == units else ()
    if model.task in ("regression", "multilabel"):
        return model.targets if len(model.targets) == units else ()
    if model.task == "binary" and units == 1 and len(model.class_names) == 2:
        return model.class_names[1:]
    return model.class_names if len(model.class_names) == units else ()


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


def values_of(parameters: Sequence[LayerParameters], maps: Mapping[int, Array]) -> LiveValues:
    """What was asked of a run, by layer."""
    return LiveValues(
        {found.layer: found.weight for found in parameters},
        {found.layer: found.bias for found in parameters if found.bias is not None},
        maps,
    )
