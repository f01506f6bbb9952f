"""Which rows a trace computes, and the numbers that are set by hand in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import Array, Targets
from engine.data import Dataset
from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.trace.derivation import Place
from engine.insight.trace.trace import Mode, Override, TracedSample
from engine.losses import Loss
from engine.losses.base import are_class_indices, in_precision
from engine.network import Network

FixedOutputs = dict[int, list[tuple[tuple[int, ...], float]]]
"""For each layer the outputs that are set by hand: place and value."""


class Traceable(Protocol):
    """What a trace needs of a run: a Trainer has it, and so has `TracedModel`."""

    @property
    def network(self) -> Network: ...
    @property
    def loss(self) -> Loss: ...
    @property
    def dataset(self) -> Dataset: ...
    @property
    def experiment(self) -> Experiment: ...
    @property
    def step(self) -> int: ...


@dataclass(frozen=True, eq=False)
class TracedModel:
    """A network with its loss and data, where there is no trainer."""

    network: Network
    loss: Loss
    dataset: Dataset
    experiment: Experiment
    step: int = 0


class Batch(NamedTuple):
    """The rows that are computed, and which of them is the sample."""

    inputs: Array
    targets: Targets
    weights: Array | None
    row: int


# --- the sample ------------------------------------------------------------------------------------------


def batch_of(run: Traceable, sample: TracedSample, mode: Mode) -> Batch:
    """The sample in float64, alone or with the rows that are computed with it."""
    part = run.dataset.part(sample.part)
    count = part.rows_count
    if sample.values is None and not 0 <= sample.index < count:
        raise UserError(
            "Inspector, sample",
            expected=f"a number of 1 … {count:,} of the {sample.part} part",
            got=str(sample.index + 1),
            help="Choose another sample or another part of the data.",
        )
    coupled = mode == "training" and any(layer.couples_batch for layer in run.network.layers)
    rows = min(run.experiment.training.batch_size, count) if coupled else 1
    typed = not 0 <= sample.index < count
    start = 0 if typed else min(sample.index // rows * rows, count - rows)
    span = slice(start, start + rows)
    inputs = np.array(part.inputs[span], np.float64)
    targets = np.array(in_precision(part.targets[span], np.float64))
    weights = None if part.weights is None else np.array(part.weights[span], np.float64)
    row = 0 if typed else sample.index - start
    if sample.values is not None:
        inputs[row] = _shaped(sample.values, run.network.input_shape, "inputs")
        if weights is not None:
            weights[row] = 1.0
    if sample.targets is not None:
        if are_class_indices(targets):
            targets[row] = int(sample.targets[0])
        else:
            targets[row] = _shaped(sample.targets, targets.shape[1:], "targets")
    elif run.dataset.task == "reconstruction" and sample.values is not None:
        targets[row] = inputs[row].reshape(targets.shape[1:])
    return Batch(inputs, targets, weights, row)


def _shaped(values: Sequence[float], shape: tuple[int, ...], what: str) -> Array:
    expected = int(np.prod(shape))
    if len(values) != expected:
        raise UserError(
            f"Inspector, {what} of the sample",
            expected=f"{expected:,} numbers",
            got=f"{len(values):,}",
            help="Give one number for each of them.",
        )
    return np.array(values, np.float64).reshape(shape)


# --- numbers set by hand ---------------------------------------------------------------------------------


def apply_overrides(network: Network, batch: Batch, overrides: Sequence[Override]) -> None:
    """Write the inputs and parameters that are set by hand."""
    for one in overrides:
        place = one.place
        if place.quantity == "parameter" and 0 <= place.layer < len(network.layers):
            views = network.parameter_views[place.layer]
            if place.name not in views:
                raise _no_number(place)
            _write(views[place.name], place, one.value)
        elif _of_input(place):
            _write(batch.inputs[batch.row], place, one.value)
        elif place.quantity not in ("output", "input") or place.layer >= len(network.layers):
            raise _no_number(place)


def _of_input(place: Place) -> bool:
    return place.layer <= 0 if place.quantity == "input" else place.layer < 0 and place.quantity == "output"


def fixed_outputs(network: Network, overrides: Sequence[Override]) -> FixedOutputs:
    """The outputs that are set by hand, by layer; the input of a layer is the output of the one before."""
    found: FixedOutputs = {}
    for one in overrides:
        place = one.place
        if place.quantity in ("output", "input") and not _of_input(place):
            layer = place.layer - (place.quantity == "input")
            _check(network.shapes[layer + 1], place)
            found.setdefault(layer, []).append((place.index, one.value))
    return found


def _write(array: Array, place: Place, value: float) -> None:
    _check(array.shape, place)
    array[place.index] = value


def _check(shape: tuple[int, ...], place: Place) -> None:
    if len(place.index) != len(shape) or not all(
        0 <= index < size for index, size in zip(place.index, shape, strict=True)
    ):
        raise _no_number(place)


def _no_number(place: Place) -> UserError:
    return UserError(
        "Inspector",
        expected="a number of this network",
        got=f"{place.name or place.quantity} {list(place.index)} of layer {place.layer + 1}",
        help="The network may have changed: choose the number again.",
    )
