"""From an Experiment and its task to what is trained: loss, output activation, layers, predictions."""

from collections.abc import Mapping

import numpy as np

from engine.activations import AnyActivation
from engine.activations.linear import Linear
from engine.activations.sigmoid import Sigmoid
from engine.activations.softmax import Softmax
from engine.arrays import Array
from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers import Layer
from engine.layers.dense import Dense
from engine.losses import Loss
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.mean_squared_error import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import OUTPUT_NAME, layer_names
from engine.settings import Task

TASK_TITLES: Mapping[Task, str] = {
    "classification": "one of several classes",
    "binary": "yes or no",
    "regression": "a number",
}


def loss_of(experiment: Experiment, task: Task) -> Loss:
    """The loss chosen, or the one that fits the task; raises UserError where the chosen one does not fit."""
    chosen = experiment.training.loss
    if chosen is None:
        automatic: Mapping[Task, Loss] = {
            "classification": SoftmaxCrossEntropy(),
            "binary": BinaryCrossEntropy(),
            "regression": MeanSquaredError(),
        }
        return automatic[task]
    if task not in chosen.tasks:
        raise UserError(
            "Training, loss",
            expected=f"a loss for {TASK_TITLES[task]}",
            got=chosen.heading.lower(),
            help="Choose “Fits the task”, or change the kind of task in the data panel.",
        )
    return chosen


def head_activation(experiment: Experiment, task: Task) -> AnyActivation:
    """The activation of the output: chosen, or fitting the task (classes → softmax, yes or no → sigmoid)."""
    chosen = experiment.head.activation
    if chosen == "automatic":
        fitting: Mapping[Task, AnyActivation] = {
            "classification": Softmax(),
            "binary": Sigmoid(),
            "regression": Linear(),
        }
        return fitting[task]
    return Dense.model_validate({"activation": chosen}).activation


def network_layers(
    experiment: Experiment, outputs: int, task: Task
) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """All layers with the output layer, and their names.

    Where the loss applies the output's activation itself (cross-entropy from logits), the network ends in
    logits. Raises UserError where loss and output do not go together.
    """
    loss, activation = loss_of(experiment, task), head_activation(experiment, task)
    if loss.link is not None and loss.link != activation.kind:
        raise UserError(
            "Output, activation",
            expected=f"{loss.link}, which {loss.heading.lower()} belongs to",
            got=activation.kind,
            help="Set the output's activation to automatic, or choose another loss.",
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
    return (*experiment.layers, output), (*layer_names(experiment.layers), OUTPUT_NAME)


def predictions(experiment: Experiment, task: Task, outputs: Array) -> Array:
    """The network's outputs (rows, k) as probabilities or values: the loss's link is applied."""
    loss = loss_of(experiment, task)
    linked = np.empty_like(outputs)
    links: Mapping[str, AnyActivation] = {
        "linear": Linear(),
        "sigmoid": Sigmoid(),
        "softmax": Softmax(),
    }
    links[loss.link or "linear"].forward(outputs, linked)
    return linked
