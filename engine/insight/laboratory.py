"""The laboratory: what edits of a unit or a layer would do to the scores, tried on a copy of the network."""

import copy
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data import Dataset
from engine.data.dataset import Part
from engine.data.stored_arrays import rows_of
from engine.errors import UserError
from engine.insight.query import Query
from engine.insight.run_queries import DecisionMap, DecisionMapQuery
from engine.insight.unit_edits import scale_weights, shift_bias, switch_off
from engine.layers.embedding import Embedding
from engine.metrics import Metric
from engine.model import Model
from engine.network import Network
from engine.training.parameter_edits import Edit, ParameterEdit, PruneSmallest, apply_edits
from engine.training.resources import limited_to
from engine.training.scoring import Scores, Scoring, recorded_metrics
from engine.training.trainer import Trainer

PartName = Literal["training", "validation"]

MOST_ROWS, FEWEST_ROWS = 2000, 64
"""Of each part that are scored: evenly spaced ones where there are more."""
MULTIPLICATIONS = 200_000_000
"""Of all forward passes through one part: more rows of small networks, fewer of large ones."""


@dataclass(frozen=True)
class LaboratoryChanges:
    """What is tried on a network.

    layer, unit : which unit; None for none of them. bias_shift : added to its bias. weight_scale : what all
    weights that lead to it are multiplied by. off : nothing behind it gets anything of it.
    pruned : share of the weights of the layer, the smallest, that become 0.
    input_noise : standard deviation of normal noise on the prepared inputs, always the same noise.
    temperature : what the outputs before softmax or sigmoid are divided by.
    """

    layer: int
    unit: int | None = None
    bias_shift: float = 0.0
    weight_scale: float = 1.0
    off: bool = False
    pruned: float = 0.0
    input_noise: float = 0.0
    temperature: float = 1.0

    def edits(self, network: Network) -> tuple[Edit, ...]:
        """The edits among them, which can be made in the run too; raises UserError where one is not possible.

        Noise and temperature belong to no weight.
        """
        found: list[Edit] = []
        if self.unit is not None and self.bias_shift:
            found.append(shift_bias(network, self.layer, self.unit, self.bias_shift))
        if self.unit is not None and self.weight_scale != 1.0:
            found.append(scale_weights(network, self.layer, self.unit, self.weight_scale))
        if self.pruned:
            found.append(PruneSmallest(self.layer, self.pruned))
        if self.unit is not None and self.off:
            found += switch_off(network, self.layer, self.unit)
        return tuple(found)


@dataclass(frozen=True)
class PartEffect:
    """Loss and the first metric of the task on one part of the data, before and after.

    rows : how many were scored, of `total`.
    """

    part: PartName
    rows: int
    total: int
    loss: tuple[float, float]
    score: tuple[float, float]


@dataclass(frozen=True, eq=False)
class LaboratoryResult:
    """What changes would do.

    parts : validation first; training alone where there is no validation. metric : what `score` is.
    changed : how many of the scored rows of the first part are classified differently; None for numbers and
    reconstruction. moved : for numbers, by how much the predictions change in the mean, in their own units.
    maps : the decision map before and after, where there is one.
    """

    parts: tuple[PartEffect, ...]
    metric: Metric
    changed: int | None = None
    moved: float | None = None
    maps: tuple[DecisionMap, DecisionMap] | None = None


@dataclass(frozen=True)
class LaboratoryQuery(Query[LaboratoryResult | None]):
    """What changes would do to the network in use; the run is not touched. None where it has no such unit.

    side : points along each side of the decision maps; 0 for none.
    """

    changes: LaboratoryChanges
    side: int = 0

    def answer(self, trainer: Trainer) -> LaboratoryResult | None:
        units = [shape[-1] if shape else 0 for shape in trainer.network.shapes[1:]]
        layer, unit = self.changes.layer, self.changes.unit
        if layer >= len(units) or (unit is not None and unit >= units[layer]):
            return None
        if self.changes.input_noise and (reason := reason_against_noise(trainer)):
            raise UserError("Noise", expected="inputs that are measured", got=reason)
        changed = changed_model(trainer, self.changes)
        limit = rows_scored(trainer.network)
        metric = recorded_metrics(trainer.experiment, trainer.dataset.task)[0]
        names: tuple[PartName, ...] = ("validation", "training")
        parts: list[PartEffect] = []
        difference: tuple[int | None, float | None] = (None, None)
        with limited_to(1):
            for name in names:
                if not trainer.dataset.part(name).rows_count:
                    continue
                data = sampled(trainer.dataset, name, limit)
                noisy = with_noise(data, name, self.changes.input_noise)
                before = _scores(trainer.model, data, name, metric)
                after = _scores(changed, noisy, name, metric)
                scores = before.metrics[metric.name], after.metrics[metric.name]
                total = trainer.dataset.part(name).rows_count
                loss = before.loss, after.loss
                if not parts:
                    difference = _difference(trainer.model, changed, data, noisy, name)
                parts.append(PartEffect(name, before.rows, total, loss, scores))
            return LaboratoryResult(tuple(parts), metric, *difference, self._maps(trainer, changed))

    def _maps(self, trainer: Trainer, changed: Model) -> tuple[DecisionMap, DecisionMap] | None:
        if not self.side:
            return None
        shadow = copy.copy(trainer)
        shadow.model, shadow.weights = changed, copy.copy(trainer.weights)
        shadow.weights.in_use = changed.network
        query = DecisionMapQuery(self.side)
        before, after = query.answer(trainer), query.answer(shadow)
        return None if before is None or after is None else (before, after)


def changed_model(trainer: Trainer, changes: LaboratoryChanges) -> Model:
    """A model with a copy of the network in use, in which the changes are made; raises UserError."""
    network = trainer.network.copy_with_shared_gradients()
    apply_edits(network, changes.edits(network))
    if changes.temperature != 1.0:
        reason = reason_against_temperature(trainer)
        if reason:
            raise UserError("Temperature", expected="an output with softmax or sigmoid", got=reason)
        last = len(network.layers) - 1
        # The output layer is linear: its softmax or sigmoid belongs to the loss.
        names = network.parameter_views[last]
        cooler = [ParameterEdit(last, name, (), "multiply", 1 / changes.temperature) for name in names]
        apply_edits(network, cooler)
    return Model.of(trainer.experiment, trainer.model.preparation, network, trainer.loss)


def reason_against_temperature(trainer: Trainer) -> str:
    """Why the output has no temperature; empty where it has one."""
    return "" if trainer.loss.inverse_link in ("softmax", "sigmoid") else "one without"


def reason_against_noise(trainer: Trainer) -> str:
    """Why no noise can be added to the inputs; empty where it can."""
    coded = any(isinstance(layer, Embedding) for layer in trainer.network.layers)
    return "codes of categories" if coded else ""


def rows_scored(network: Network) -> int:
    """How many rows of each part are scored at most, of a network of this size."""
    stages = zip(network.layers, network.shapes, strict=False)
    cost = sum(layer.multiplications(before) for layer, before in stages)
    return int(np.clip(MULTIPLICATIONS // max(cost, 1), FEWEST_ROWS, MOST_ROWS))


def sampled(dataset: Dataset, name: str, limit: int) -> Dataset:
    """The dataset with at most `limit` evenly spaced rows of one part."""
    part = dataset.part(name)
    if part.rows_count <= limit:
        return dataset
    rows: NDArray[np.intp] = np.linspace(0, part.rows_count - 1, limit).astype(np.intp)
    weights = None if part.weights is None else part.weights[rows]
    return _with_part(
        dataset, name, Part(rows_of(part.inputs, rows), part.targets[rows], part.rows[rows], weights)
    )


def with_noise(dataset: Dataset, name: str, deviation: float) -> Dataset:
    """The dataset with normal noise on the inputs of one part; targets stay."""
    part = dataset.part(name)
    if not deviation:
        return dataset
    noise = np.random.default_rng(0).normal(0.0, deviation, part.inputs.shape)
    measured = np.issubdtype(part.inputs.dtype, np.floating)
    inputs = (part.inputs + noise).astype(part.inputs.dtype if measured else np.float32)
    return _with_part(dataset, name, replace(part, inputs=inputs))


def _with_part(dataset: Dataset, name: str, part: Part) -> Dataset:
    return replace(dataset, validation=part) if name == "validation" else replace(dataset, training=part)


def _scores(model: Model, dataset: Dataset, name: str, metric: Metric) -> Scores:
    scoring = Scoring(model.evaluator, model.experiment, dataset, name, metrics=(metric,), samples=False)
    for _ in scoring:
        pass
    if scoring.result is None:
        raise ValueError(f"there is no {name} data")
    return scoring.result


def _difference(
    model: Model, changed: Model, dataset: Dataset, noisy: Dataset, name: str
) -> tuple[int | None, float | None]:
    """How many rows are classified differently, and by how much numbers move in the mean."""
    if dataset.task == "reconstruction":
        return None, None
    with np.errstate(all="ignore"):
        before, after = model.outputs(dataset.part(name).inputs), changed.outputs(noisy.part(name).inputs)
        if dataset.task == "regression":
            return None, float(
                np.abs(dataset.in_target_units(after) - dataset.in_target_units(before)).mean()
            )
    if dataset.task == "classification":
        return int((before.argmax(axis=1) != after.argmax(axis=1)).sum()), None
    return int(((before > 0.5) != (after > 0.5)).any(axis=1).sum()), None
