"""From an Experiment and its task to what is trained: loss, output activation, layers, predictions."""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.activations import AnyActivation
from engine.activations.linear import Linear
from engine.activations.sigmoid import Sigmoid, Softmax
from engine.arrays import Array, CodedColumn
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.layers import Layer
from engine.layers.dense import Dense
from engine.layers.embedding import Embedding
from engine.losses import Loss
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.regression import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import OUTPUT_NAME, layer_names
from engine.tasks import Task

TASK_TITLES: Mapping[Task, str] = {
    "classification": "one of several classes",
    "binary": "yes or no",
    "regression": "a number",
    "reconstruction": "the input itself",
}


def loss_of(experiment: Experiment, task: Task) -> Loss:
    """The loss chosen, or the one that fits the task; raises UserError where the chosen one does not fit."""
    chosen = experiment.training.loss
    if chosen is None:
        automatic: Mapping[Task, Loss] = {
            "classification": SoftmaxCrossEntropy(),
            "binary": BinaryCrossEntropy(),
            "regression": MeanSquaredError(),
            "reconstruction": MeanSquaredError(),
        }
        return automatic[task]
    if task not in chosen.tasks:
        raise UserError(
            "Training, loss",
            expected=f"a loss for {TASK_TITLES[task]}",
            got=chosen.heading.lower(),
            help="Choose “Fits the task”, or change the kind of task in the data panel.",
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
        shares = loss is not None and loss.link == "sigmoid"
        fitting: Mapping[Task, AnyActivation] = {
            "classification": Softmax(),
            "binary": Sigmoid(),
            "regression": Linear(),
            "reconstruction": Sigmoid() if shares else Linear(),
        }
        return fitting[task]
    return Dense.model_validate({"activation": chosen}).activation


def network_layers(
    experiment: Experiment, outputs: int, task: Task, codes: Sequence[CodedColumn] = ()
) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """All layers with the output layer, and their names.

    codes : where in the data's samples codes stand, which an Embedding layer has to know.
    Where the loss applies the output's activation itself (cross-entropy from logits), the network ends in
    logits. Raises UserError where loss and output do not go together, and ShapeError where an Embedding layer
    does not get what it needs.
    """
    layers = fitted_layers(experiment.layers, codes)
    loss, activation = loss_of(experiment, task), head_activation(experiment, task)
    if loss.link is not None and loss.link != activation.kind:
        raise UserError(
            "Output, activation",
            expected=f"{loss.link}, which {loss.heading.lower()} belongs to",
            got=activation.kind,
            help="Set the output's activation to automatic, or choose another loss.",
            place=("head", "activation"),
        )
    head = experiment.head
    output = Dense(
        units=outputs,
        activation=Linear() if loss.link is not None else activation,
        initializer=head.initializer,
        bias_initializer=head.bias_initializer,
        l1=head.l1,
        l2=head.l2,
    )
    return (*layers, output), (*layer_names(layers), OUTPUT_NAME)


def fitted_layers(layers: Sequence[Layer], codes: Sequence[CodedColumn]) -> tuple[Layer, ...]:
    """The layers, of which an Embedding now knows where in the data's samples codes stand.

    Raises ShapeError where it is not the first, or where the data has nothing for it.
    """
    found: list[Layer] = []
    for index, layer in enumerate(layers):
        where, inside = f"Layer {index + 1}, {layer.heading}", _embeds_inside(layer)
        if inside or (index and isinstance(layer, Embedding)):
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
    inner: Sequence[Layer] = getattr(layer, "layers", ())
    return any(isinstance(one, Embedding) or _embeds_inside(one) for one in inner)


def predictions(experiment: Experiment, task: Task, outputs: Array) -> Array:
    """The network's outputs (rows, k) as probabilities or values: the loss's link is applied."""
    return linked(loss_of(experiment, task), outputs)


def linked(loss: Loss, outputs: Array) -> Array:
    """What the loss's link makes of the network's outputs (rows, k); a new array."""
    found = np.empty_like(outputs)
    links: Mapping[str, AnyActivation] = {
        "linear": Linear(),
        "sigmoid": Sigmoid(),
        "softmax": Softmax(),
    }
    links[loss.link or "linear"].forward(outputs, found)
    return found
