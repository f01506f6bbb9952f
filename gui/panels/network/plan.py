"""What the drawing of a network consists of: columns of units or blocks, and gates between them. No Qt.

A layer without weights that keeps the number of values (dropout, activation, flatten, batch normalization)
is a gate on the way from one column to the next, because it has no units of its own. Dense layers and inputs
that are a list of numbers are drawn as units: all of them up to `MOST_UNITS`, of more the `STRONGEST`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape
from engine.insight.connections import LayerConnections, Shown
from gui.core.model_summary import LayerSummary, ModelSummary
from gui.kit.text import tr

MOST_UNITS = 24
"""Units of a column up to which all are drawn."""
STRONGEST = 12
"""How many are drawn of more units than that."""
HYSTERESIS = 1.5
"""A unit gives way to one that is stronger by this factor: the drawing must not flicker while it learns."""


@dataclass(frozen=True)
class Stage:
    """The input or one layer, as it is drawn. `layer` is its index in the network, None for the input."""

    layer: int | None
    name: str
    subtitle: str
    shape: Shape
    parameters: int
    labels: tuple[str, ...] = ()
    """Names of all units, where they have some: features at the input, classes at the output."""
    gates: tuple["Stage", ...] = ()
    """Layers without units that follow before the next column."""
    shown: tuple[int, ...] = ()
    """Indices of the units that are drawn, in order; empty: it is drawn as a block."""
    skipped: tuple[str, ...] = ()
    """Headings of the layers inside it that a shortcut skips."""

    @property
    def units(self) -> int:
        return math.prod(self.shape)

    @property
    def hidden(self) -> int:
        """How many units are folded."""
        return self.units - len(self.shown) if self.shown else 0

    def label(self, unit: int) -> str:
        """The name of a unit of the column or class; empty where it has none."""
        return self.labels[unit] if self.labels else ""

    def unit_name(self, unit: int) -> str:
        """A unit as tooltips call it: "x₁", "Dense 1, unit 3", "Output, A"."""
        if self.layer is None:
            return self.labels[unit] if self.labels else f"{self.name} {unit + 1}"
        return f"{self.name}, {self.labels[unit] if self.labels else f'unit {unit + 1}'}"


@dataclass(frozen=True)
class Plan:
    """Columns from the input to the output."""

    columns: tuple[Stage, ...]

    @property
    def layers(self) -> tuple[int, ...]:
        """Indices of the layers in drawing order, gates included."""
        stages = (stage for column in self.columns for stage in (column, *column.gates))
        return tuple(stage.layer for stage in stages if stage.layer is not None)

    @property
    def folded(self) -> bool:
        """Whether some units are not drawn."""
        return any(stage.hidden for stage in self.columns)

    @property
    def shown(self) -> tuple[Shown, ...]:
        """What is to be known of the weights into the columns that are drawn as units."""
        found = []
        for before, stage in pairwise(self.columns):
            if stage.layer is None or not stage.shown:
                continue
            inputs = None if image_of_inputs(before) else before.shown
            units = None if not stage.hidden else stage.shown
            if before.shown and not before.hidden:
                inputs = None
            found.append(Shown(stage.layer, inputs, units, bool(before.hidden or stage.hidden)))
        return tuple(found)

    def showing(self, other: "Plan") -> "Plan":
        """The same with the units that are drawn of the same network in another plan."""
        shown = {stage.layer: stage.shown for stage in other.columns if stage.hidden}
        columns = (replace(stage, shown=shown.get(stage.layer, stage.shown)) for stage in self.columns)
        return replace(self, columns=tuple(columns))

    def with_strongest(self, connections: Mapping[int, LayerConnections], first: bool) -> "Plan":
        """The same with the strongest units of each folded column: those with the largest norm of the weights
        that leave them, or where these are not known (a block follows, or nothing) of those that enter them.

        first : nothing was known before, so that no unit has to be displaced.
        """
        columns = list(self.columns)
        for place, stage in enumerate(columns):
            if not stage.hidden:
                continue
            strengths = self._strengths(place, connections)
            if strengths is not None and len(strengths) == stage.units:
                shown = strongest(strengths, () if first else stage.shown)
                columns[place] = replace(stage, shown=shown)
        return replace(self, columns=tuple(columns))

    def _strengths(self, place: int, connections: Mapping[int, LayerConnections]) -> Array | None:
        following = self.columns[place + 1].layer if place + 1 < len(self.columns) else None
        if following is not None and (after := connections.get(following)) is not None:
            return after.outgoing
        own = self.columns[place].layer
        return found.incoming if own is not None and (found := connections.get(own)) is not None else None


def strongest(strengths: Array, shown: Sequence[int]) -> tuple[int, ...]:
    """Indices of the strongest units in rising order; those that are shown stay unless clearly surpassed."""
    values: NDArray[np.float64] = np.nan_to_num(np.asarray(strengths, np.float64))
    ranked = [int(unit) for unit in np.argsort(-values, kind="stable")]
    if not shown:
        return tuple(sorted(ranked[:STRONGEST]))
    chosen = sorted(shown, key=lambda unit: values[unit])
    others = [unit for unit in ranked if unit not in set(shown)]
    for place, other in enumerate(others[: len(chosen)]):
        if values[other] <= HYSTERESIS * values[chosen[place]]:
            break
        chosen[place] = other
    return tuple(sorted(chosen))


def image_of_inputs(stage: Stage) -> bool:
    """Whether the weights of a unit behind it can be looked at as a picture: the input is an image."""
    return stage.layer is None and len(stage.shape) == 3


def plan_of(model: ModelSummary) -> Plan:
    """How the model is drawn; of folded columns the first units, as long as no weights are known."""
    names = model.feature_names if len(model.feature_names) == model.inputs else ()
    listed = len(model.input_shape) == 1
    columns = [
        Stage(None, model.input_name, "", model.input_shape, 0, names, shown=_first(model.inputs, listed))
    ]
    for layer in model.layers:
        stage = Stage(layer.index, layer.name, layer.subtitle, layer.output_shape, layer.parameters)
        before = columns[-1]
        if _is_gate(layer, stage, before):
            columns[-1] = replace(before, gates=(*before.gates, stage))
        else:
            units = layer.affine and len(layer.output_shape) == 1
            shown = _first(stage.units, units)
            columns.append(replace(stage, shown=shown, skipped=layer.skipped))
    if model.layers:
        columns[-1] = replace(columns[-1], labels=_output_labels(model, columns[-1].units))
    return Plan(tuple(columns))


def _is_gate(layer: LayerSummary, stage: Stage, before: Stage) -> bool:
    if layer.skipped or layer.affine:
        return False
    return layer.elementwise or (layer.parameters == 0 and stage.units == before.units)


def _first(units: int, drawn: bool) -> tuple[int, ...]:
    return tuple(range(units if units <= MOST_UNITS else STRONGEST)) if drawn else ()


def _output_labels(model: ModelSummary, units: int) -> tuple[str, ...]:
    if model.task == "reconstruction":
        # Where the pixels of an image are, is no name that helps beside a unit.
        named = len(model.feature_names) == units and len(model.input_shape) == 1
        return model.feature_names if named else ()
    if model.task in ("regression", "multilabel"):
        names = model.targets or (model.target_name,)
        return names if len(names) == units else ()
    if model.task == "binary" and units == 1 and len(model.class_names) == 2:
        return model.class_names[1:]
    return model.class_names if len(model.class_names) == units else ()


def rule_text() -> str:
    """Which units of a large layer are drawn, in a sentence."""
    return tr(
        "Of a layer of more than {most} units the {count} strongest are drawn: those whose outgoing weights "
        "have the largest norm.",
        most=MOST_UNITS,
        count=STRONGEST,
    )
