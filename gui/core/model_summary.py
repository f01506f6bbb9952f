"""A summary of the model for views: layers, names, shapes and data points. No Qt."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.plane_slice import numeric_columns
from engine.layers import Layer
from engine.layers.bypass import Bypass, in_use
from engine.network import Network, count_parameters
from engine.network_assembly import output_layer
from engine.tasks import Task
from gui.core.messages import Prepared
from gui.kit.plot_parts import Part
from gui.kit.settings_text import summary
from gui.kit.text import tr

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
    affine: bool
    """Whether it is f(x W + b): each unit with a line from each unit before it."""
    elementwise: bool = False
    """Whether each value stays in its place: it has no weights that mix them."""
    skipped: tuple[str, ...] = ()
    """Headings of the layers inside it that a shortcut skips."""


@dataclass(frozen=True, eq=False)
class DataPoints:
    """The examples over the plane of two inputs.

    x : (n, 2), in the inputs' own units. targets : (n,), class index or number.
    parts : (n,), of "training", "validation", "test". indices : (n,), within the part; None: not known.
    nearness : (n,), 0 … 1, how near to the plane they lie where it cuts through more inputs.
    """

    x: NDArray[np.floating]
    targets: NDArray[np.number]
    parts: NDArray[np.str_]
    indices: NDArray[np.intp] | None = None
    nearness: NDArray[np.floating] | None = None

    def take(self, rows: NDArray[np.intp]) -> "DataPoints":
        """Some of them."""
        indices = None if self.indices is None else self.indices[rows]
        nearness = None if self.nearness is None else self.nearness[rows]
        return DataPoints(self.x[rows], self.targets[rows], self.parts[rows], indices, nearness)


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
    task: Task
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    target_name: str = tr("Target")
    targets: tuple[str, ...] = ()
    """The columns that are predicted, one for each output where there are several."""
    input_name: str = tr("Input")
    points: DataPoints | None = None
    plane: tuple[tuple[float, float], tuple[float, float]] | None = None
    axis_names: tuple[str, str] = field(default=("x₁", "x₂"))
    numeric_columns: tuple[str, ...] = ()
    """The input columns of numbers that can be an axis of the decision map."""

    @property
    def inputs(self) -> int:
        """How many numbers the network gets."""
        return int(np.prod(self.input_shape, dtype=np.int64))


def subtitle(layer: Layer, output_shape: Shape = ()) -> str:
    """What matters most of a layer's settings, in a few words, but for what its output shape says."""
    if isinstance(layer, Bypass):
        return tr("disabled")
    return summary(layer, known=output_shape[-1] if output_shape else None)


def with_settings(model: ModelSummary, experiment: Experiment) -> ModelSummary:
    """The same network with the settings that its layers have in an edited experiment.

    For edits in mid-run, which change neither layers nor shapes; where they do, it stays as it was until the
    new network is prepared.
    """
    kinds, edited = [layer.kind for layer in model.layers[:-1]], tuple(map(in_use, experiment.layers))
    if not model.layers or kinds != [layer.kind for layer in edited]:
        return model
    try:
        output = output_layer(experiment, model.layers[-1].output_shape[-1], model.task)
    except UserError:
        # The output does not go with the loss: nothing of it can be drawn that would be true.
        return model
    layers = tuple(
        replace(shown, subtitle=subtitle(layer, shown.output_shape))
        for shown, layer in zip(model.layers, (*edited, output), strict=True)
    )
    return replace(model, layers=layers)


MOST_POINTS = 5000
"""More points than this are thinned out evenly: the map would be covered, and painting slow."""


def summarize(prepared: Prepared) -> ModelSummary:
    """The facts of a prepared experiment that views show."""
    network, dataset = prepared.network, prepared.dataset
    points = _points(prepared)
    names = dataset.feature_names
    return ModelSummary(
        tuple(_layer(network, index) for index in range(len(network.layers))),
        network.input_shape,
        dataset.task,
        names,
        dataset.classes,
        target_name=dataset.target,
        targets=dataset.targets,
        points=points,
        plane=dataset.plane,
        axis_names=(names[0], names[1]) if points is not None else ("x₁", "x₂"),
        numeric_columns=numeric_columns(dataset.preparation),
    )


def _layer(network: Network, index: int) -> LayerSummary:
    layer = network.layers[index]
    return LayerSummary(
        index,
        network.names[index],
        subtitle(layer, network.shapes[index + 1]),
        layer.kind,
        network.shapes[index + 1],
        count_parameters(layer, network.shapes[index]),
        layer.affine() is not None,
        _is_elementwise(network, index),
        tuple(inner.heading for inner in layer.inner_layers),
    )


def _is_elementwise(network: Network, index: int) -> bool:
    layer, before = network.layers[index], network.shapes[index]
    mixing = layer.penalized() & layer.parameter_shapes(before).keys()
    return network.shapes[index + 1] == before and not mixing


def _points(prepared: Prepared) -> DataPoints | None:
    dataset = prepared.dataset
    if dataset.plane is None or dataset.task == "reconstruction" or len(dataset.targets) > 1:
        return None
    places, targets, parts, indices = [], [], [], []
    for name in PARTS:
        part = dataset.part(name)
        values: NDArray[np.number]
        if dataset.task == "regression":
            values = dataset.in_target_units(part.targets)[:, 0]
        elif dataset.task == "binary":
            values = part.targets[:, 0].astype(np.intp)
        else:
            values = part.targets
        places.append(dataset.plane_points(name))
        targets.append(values)
        parts.append(np.full(len(values), name))
        indices.append(np.arange(len(values)))
    joined = (np.concatenate(found) for found in (places, targets, parts, indices))
    points = DataPoints(*joined)
    if len(points.x) <= MOST_POINTS:
        return points
    return points.take(np.linspace(0, len(points.x) - 1, MOST_POINTS).astype(np.intp))
