"""What the views need to know of the experiment, as plain facts: layers, names, shapes, points. No Qt."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.assembly import network_layers
from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers import Layer
from gui.entries.summary import summary

TaskName = Literal["classification", "binary", "regression", "reconstruction"]
Part = Literal["training", "validation", "test"]
PARTS: tuple[Part, ...] = ("training", "validation", "test")


@dataclass(frozen=True)
class LayerSummary:
    """One layer as it is shown. `index` is its place in the network, the output layer included."""

    index: int
    name: str
    """"Dense 1"."""
    subtitle: str
    """What matters of its settings in a word or two ("tanh", "20 %"); may be empty."""
    kind: str
    output_shape: Shape
    parameters: int


@dataclass(frozen=True, eq=False)
class DataPoints:
    """The examples over the plane of two inputs.

    x : (n, 2), in the inputs' own units. targets : (n,), class index or number.
    parts : (n,), of "training", "validation", "test".
    """

    x: NDArray[np.floating]
    targets: NDArray[np.number]
    parts: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class ModelSummary:
    """The experiment's network and data, for showing.

    layers : from the first to the output layer. feature_names : one for each number that the network gets.
    class_names : in the order of the class index; empty without classes. points : only where the experiment
    has exactly two inputs. plane : the ranges of those two that the decision map spans, in their own units.
    axis_names : their names as the axes carry them.
    """

    layers: tuple[LayerSummary, ...]
    input_shape: Shape
    task: TaskName
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    target_name: str = "Target"
    input_name: str = "Input"
    points: DataPoints | None = None
    plane: tuple[tuple[float, float], tuple[float, float]] | None = None
    axis_names: tuple[str, str] = field(default=("x₁", "x₂"))

    @property
    def inputs(self) -> int:
        """How many numbers the network gets."""
        return int(np.prod(self.input_shape, dtype=np.int64))


def subtitle(layer: Layer, output_shape: Shape = ()) -> str:
    """What matters most of a layer's settings, in a few words, but for what its output shape says."""
    return summary(layer, known=output_shape[-1] if output_shape else None)


def with_settings(model: ModelSummary, experiment: Experiment) -> ModelSummary:
    """The same network with the settings that its layers have in an edited experiment.

    For edits in mid-run, which change neither layers nor shapes; where they do, it stays as it was until the
    new network is prepared.
    """
    kinds = [layer.kind for layer in model.layers[:-1]]
    if not model.layers or kinds != [layer.kind for layer in experiment.layers]:
        return model
    try:
        output = network_layers(experiment.replace(layers=()), model.layers[-1].output_shape[-1], model.task)[
            0
        ][-1]
    except UserError:
        # The output does not go with the loss: nothing of it can be drawn that would be true.
        return model
    layers = tuple(
        replace(shown, subtitle=subtitle(layer, shown.output_shape))
        for shown, layer in zip(model.layers, (*experiment.layers, output), strict=True)
    )
    return replace(model, layers=layers)
