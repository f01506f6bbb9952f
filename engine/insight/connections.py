"""What a drawing of the network asks of a run: weights and gradients between the units that it shows, and how
strong units are; of one sample or one batch, what the units answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.insight.query import Query
from engine.insight.run_queries import frozen
from engine.training.trainer import Trainer

Indices = tuple[int, ...]


@dataclass(frozen=True)
class Shown:
    """What is drawn of a layer of the form f(x W + b).

    layer : index in the network. inputs, units : which rows and columns of W; None for all of them.
    strengths : whether the norms of all rows and columns are wanted too.
    """

    layer: int
    inputs: Indices | None = None
    units: Indices | None = None
    strengths: bool = False


@dataclass(frozen=True, eq=False)
class LayerConnections:
    """Weights, biases and their gradients at the last step, of what is shown of a layer; read-only.

    weight, gradient : (inputs shown, units shown). bias, bias_gradient : (units shown,), None without biases.
    incoming : (units,) the Euclidean norm of each unit's weights, outgoing : (inputs,) that of each input's;
    None where they were not asked for. deviation, largest : standard deviation and largest magnitude of all
    weights of the layer.
    """

    shown: Shown
    weight: Array
    gradient: Array
    bias: Array | None
    bias_gradient: Array | None
    incoming: Array | None
    outgoing: Array | None
    deviation: float
    largest: float


@dataclass(frozen=True)
class ConnectionsQuery(Query[Mapping[int, LayerConnections]]):
    """By index of the layer; one that is not there, or has no such matrix of weights, has no answer."""

    shown: tuple[Shown, ...]

    def answer(self, trainer: Trainer) -> Mapping[int, LayerConnections]:
        network = trainer.network
        found = {}
        for shown in self.shown:
            # What is asked of a network that was edited meanwhile may not be there any longer.
            if shown.layer >= len(network.layers):
                continue
            values, slopes = network.parameter_views[shown.layer], network.gradient_views[shown.layer]
            if "weight" in values and _fits(shown, values["weight"]):
                found[shown.layer] = _connections(shown, values, slopes)
        return found


def _fits(shown: Shown, weight: Array) -> bool:
    if weight.ndim != 2:
        return False
    wanted = (max(shown.inputs or (-1,)), max(shown.units or (-1,)))
    return all(index < length for index, length in zip(wanted, weight.shape, strict=True))


def _connections(shown: Shown, values: Mapping[str, Array], slopes: Mapping[str, Array]) -> LayerConnections:
    weight = values["weight"]
    biased = "bias" in values
    with np.errstate(all="ignore"):
        # Not np.std, which makes a copy of the size of the weights.
        mean, square = float(weight.mean()), float(np.vdot(weight, weight)) / max(weight.size, 1)
        largest = float(max(weight.max(), -weight.min())) if weight.size else 0.0
        incoming = np.sqrt(np.einsum("ij,ij->j", weight, weight)) if shown.strengths else None
        outgoing = np.sqrt(np.einsum("ij,ij->i", weight, weight)) if shown.strengths else None
        deviation = float(np.sqrt(max(square - mean**2, 0.0))) if np.isfinite(square) else float("nan")
    return LayerConnections(
        shown,
        _part(weight, shown),
        _part(slopes["weight"], shown),
        frozen(_units(values["bias"], shown)) if biased else None,
        frozen(_units(slopes["bias"], shown)) if biased else None,
        None if incoming is None else frozen(incoming),
        None if outgoing is None else frozen(outgoing),
        deviation,
        largest,
    )


def _part(matrix: Array, shown: Shown) -> Array:
    """A copy of the rows and columns that are shown."""
    rows = matrix if shown.inputs is None else matrix[list(shown.inputs)]
    return frozen(rows if shown.units is None else rows[:, list(shown.units)])


def _units(vector: Array, shown: Shown) -> Array:
    return vector if shown.units is None else vector[list(shown.units)]


# --- what units answer ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitOutputsQuery(Query[Mapping[int, Array]]):
    """What units answer to some samples, by index of the layer: (samples, units), the input as layer −1.

    part, rows : which samples; those that the part does not have are left out. layers : with rank-1 outputs.
    around : rows beyond the end begin from the start again, so that numbers drawn at random are samples.
    """

    part: Literal["training", "validation", "test"]
    rows: Indices
    layers: Indices
    around: bool = False

    def answer(self, trainer: Trainer) -> Mapping[int, Array]:
        inputs, network = trainer.dataset.part(self.part).inputs, trainer.network
        rows = [row % max(len(inputs), 1) for row in self.rows if self.around or row < len(inputs)]
        x = inputs[rows]
        outputs = {
            layer: np.empty((len(rows), *network.shapes[layer + 1]), network.dtype)
            for layer in self.layers
            if layer < len(network.layers)
        }
        with np.errstate(all="ignore"):
            trainer.evaluator.all_activations(x, outputs)
        found = {layer: frozen(values) for layer, values in outputs.items()}
        if x.ndim == 2:
            found[-1] = frozen(x)
        return found
