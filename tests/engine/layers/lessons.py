"""A task is learned from endless fresh examples, as the tests of single kinds of layers need it."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.layers import Layer
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.optimizers.adam import Adam
from engine.training.gradient import BatchGradient
from engine.training.updater import Updater

Task = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
"""From a generator and a number of examples to inputs and class numbers."""


def accuracy_after(
    layers: Sequence[Layer], task: Task, steps: int, rate: float, batch: int = 32, seed: int = 1
) -> float:
    """Share of 500 new examples that are told right after some steps of Adam."""
    draws = np.random.default_rng(seed)
    inputs, _ = task(draws, 1)
    network = Network(layers, inputs.shape[1:])
    network.initialize(draws)
    gradient = BatchGradient(network, SoftmaxCrossEntropy(), batch, draws)
    updater = Updater(Adam(learning_rate=rate), network)
    classes = np.eye(network.output_shape[0], dtype=np.float32)
    for _ in range(steps):
        inputs, labels = task(draws, batch)
        gradient.evaluate(inputs, classes[labels])
        updater.apply(rate)
    inputs, labels = task(draws, 500)
    outputs = network.forward(inputs, network.workspaces(500).rows(500))
    return float((outputs.argmax(axis=1) == labels).mean())
