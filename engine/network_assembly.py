"""From an Experiment and its data to what is trained: layers, output layer, loss, and the names of arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from engine.activations import AnyActivation
from engine.activations.rectifiers import Linear
from engine.activations.sigmoid import Sigmoid, Softmax
from engine.arrays import Array, IntegerEncodedColumn, Shape
from engine.data import Preparation
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.layers import Layer
from engine.layers.bypass import Bypass, in_use
from engine.layers.dense import Dense
from engine.layers.embedding import Embedding
from engine.losses import AUTOMATIC_LOSSES, Loss
from engine.network import OUTPUT_NAME, Network, infer_shapes, layer_names
from engine.settings import kind_of
from engine.tasks import TASK_TITLES, Task

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Architecture:
    """The network of an experiment for its data, before any array is made.

    names : of the layers, as they are shown. shapes : of a sample before, between and behind the layers.
    loss : the one chosen, or the one that fits the task; not yet weighted by class.
    """

    layers: tuple[Layer, ...]
    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    loss: Loss
    dtype: type[np.floating[Any]]

    @classmethod
    def of(cls, experiment: Experiment, preparation: Preparation) -> "Architecture":
        """Raises UserError (ShapeError) where layers, loss and data do not fit together."""
        task = preparation.task
        layers, names = network_layers(experiment, preparation.outputs, task, preparation.encoded_columns)
        shapes = infer_shapes(layers, preparation.input_shape, names)
        return cls(layers, names, shapes, loss_of(experiment, task), experiment.dtype)

    @property
    def parameter_shapes(self) -> dict[str, Shape]:
        """The shape of each trained array by its full name, in the order of the flat vector."""
        stages = zip(self.layers, self.shapes, strict=False)
        return full_names(self.names, [layer.parameter_shapes(before) for layer, before in stages])

    @property
    def statistics_shapes(self) -> dict[str, Shape]:
        """The shape of the running statistics of each layer, by its full name."""
        stages = zip(self.layers, self.shapes, strict=False)
        found = [layer.statistics_shapes(before) for layer, before in stages]
        return {name: shape for name, (shape, _) in full_names(self.names, found).items()}

    def build(self) -> Network:
        """The network, whose parameters are all 0."""
        return Network(self.layers, self.shapes[0], self.dtype, self.names)


def full_names(names: Sequence[str], by_layer: Sequence[Mapping[str, Thing]]) -> dict[str, Thing]:
    """What each layer has by name, with the layer's name in front: "Dense 1.weight".

    The layers inside a layer are part of that name, by their numbers from 0: "Residual.0.weight".
    """
    stages = zip(names, by_layer, strict=True)
    return {f"{layer}.{name}": thing for layer, things in stages for name, thing in things.items()}


def parameter_text(name: str) -> str:
    """An array by its full name, in words: “weight” of Dense 1."""
    layer, _, parameter = name.partition(".")
    return f"“{parameter}” of {layer}" if parameter else f"array “{layer}”"


def loss_of(experiment: Experiment, task: Task) -> Loss:
    """The loss chosen, or the automatic one; raises UserError where the chosen one does not fit the task."""
    chosen = experiment.training.loss
    if chosen is None:
        return AUTOMATIC_LOSSES[task]
    if task not in chosen.tasks:
        raise UserError(
            "Training, loss",
            expected=f"a loss for {TASK_TITLES[task]}",
            got=chosen.heading.lower(),
            help="Choose “Automatic”, or change the kind of task in the data panel.",
            place=("training", "loss"),
        )
    return chosen


def head_activation(experiment: Experiment, task: Task) -> AnyActivation:
    """The activation of the output: chosen, or fitting the task (classes → softmax, yes or no → sigmoid).

    For reconstruction it fits the loss: sigmoid for binary cross-entropy, else linear.
    """
    chosen = experiment.head.activation
    if chosen == "automatic":
        loss = experiment.training.loss
        shares = loss is not None and loss.inverse_link == "sigmoid"
        fitting: Mapping[Task, AnyActivation] = {
            "classification": Softmax(),
            "binary": Sigmoid(),
            "multilabel": Sigmoid(),
            "regression": Linear(),
            "reconstruction": Sigmoid() if shares else Linear(),
        }
        return fitting[task]
    return Dense.model_validate({"activation": chosen}).activation


def network_layers(
    experiment: Experiment, outputs: int, task: Task, codes: Sequence[IntegerEncodedColumn] = ()
) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """All layers with the output layer, and their names.

    codes : where in the data's samples codes stand, which an Embedding layer has to know.
    Raises ShapeError where an Embedding layer does not get what it needs, and UserError as `output_layer`.
    """
    layers = fitted_layers(experiment.layers, codes)
    # Named as if all were enabled: disabling one renames no other.
    names = (*layer_names(experiment.layers), OUTPUT_NAME)
    return (*layers, output_layer(experiment, outputs, task)), names


def output_layer(experiment: Experiment, outputs: int, task: Task) -> Dense:
    """The last layer; it ends in logits where the loss applies the activation itself (cross-entropy).

    Raises UserError where loss and output do not go together.
    """
    loss, activation = loss_of(experiment, task), head_activation(experiment, task)
    if loss.inverse_link is not None and loss.inverse_link != activation.kind:
        raise UserError(
            "Output, activation",
            expected=f"{loss.inverse_link}, which {loss.heading.lower()} belongs to",
            got=activation.kind,
            help="Set the output's activation to automatic, or choose another loss.",
            place=("head", "activation"),
        )
    head = experiment.head
    return Dense(
        units=outputs,
        activation=Linear() if loss.inverse_link is not None else activation,
        initializer=head.initializer,
        bias_initializer=head.bias_initializer,
        l1=head.l1,
        l2=head.l2,
    )


def fitted_layers(layers: Sequence[Layer], codes: Sequence[IntegerEncodedColumn]) -> tuple[Layer, ...]:
    """The layers in use, of which an Embedding now knows where in the data's samples codes stand.

    Raises ShapeError where it is not the first, or where the data has nothing for it.
    """
    found: list[Layer] = []
    for index, layer in enumerate(map(in_use, layers)):
        where, inside = f"Layer {index + 1}, {layer.heading}", _embeds_inside(layer)
        first = all(isinstance(one, Bypass) for one in found)
        if inside or (not first and isinstance(layer, Embedding)):
            raise ShapeError(
                f"{where}, {Embedding.heading} inside it" if inside else where,
                expected="codes as they come from the data",
                got="what other layers make of them",
                help="Put the Embedding layer in front of all others.",
                layer_index=index,
                inside=f"{Embedding.heading} inside it" if inside else "",
            )
        if isinstance(layer, Embedding):
            try:
                layer = layer.fitted(codes)
            except ShapeError as error:
                raise error.at(index, where) from None
        found.append(layer)
    return tuple(found)


def _embeds_inside(layer: Layer) -> bool:
    """Whether there is an Embedding among the layers inside this one."""
    return any(isinstance(one, Embedding) or _embeds_inside(one) for one in layer.inner_layers)


def predictions(experiment: Experiment, task: Task, outputs: Array) -> Array:
    """The network's outputs (rows, k) as probabilities or values: the loss's link is applied."""
    return linked(loss_of(experiment, task), outputs)


def linked(loss: Loss, outputs: Array) -> Array:
    """What the loss's link makes of the network's outputs (rows, k); a new array."""
    found = np.empty_like(outputs)
    links = {kind_of(type(link)): link for link in (Linear(), Sigmoid(), Softmax())}
    links[loss.inverse_link or kind_of(Linear)].forward(outputs, found)
    return found
