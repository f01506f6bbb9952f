"""Loss and gradient of all training examples, for optimizers that look at several points before a step."""

import numpy as np

from engine.arrays import Array
from engine.losses import Loss
from engine.network import Network
from engine.training.generators import generator_state, restore_generator


class WholeGradient:
    """Goes through all examples in chunks and sums up their gradients, always in the same order.

    inputs, targets : (n, …), the training part. chunk : rows at a time, which changes no result but by
    rounding and by batch statistics. generator : of the dropout; within one step every evaluation draws the
    same numbers from it, or a line search would compare two networks.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        inputs: Array,
        targets: Array,
        chunk: int,
        generator: np.random.Generator,
    ) -> None:
        self._network, self._loss = network, loss
        self._inputs, self._targets = inputs, targets
        self._generator = generator
        self._drawn_from = generator_state(generator)
        chunk = min(chunk, len(inputs))
        self._chunk = chunk
        self._workspaces = network.workspaces(chunk, generator)
        self._dy = np.empty((chunk, *network.output_shape), network.dtype)
        self._scratch = {
            name: np.empty((chunk, *shape), network.dtype)
            for name, shape in loss.buffers(network.output_shape).items()
        }
        self._sum = np.empty_like(network.gradients)

    def begin_step(self) -> None:
        """From here on, dropout is drawn anew, and the same in each evaluation."""
        self._drawn_from = generator_state(self._generator)

    def evaluate(self) -> float:
        """The loss at the network's parameters; its gradients are overwritten."""
        restore_generator(self._generator, self._drawn_from)
        network, total, total_weight = self._network, 0.0, 0.0
        self._sum.fill(0.0)
        for start in range(0, len(self._inputs), self._chunk):
            x, target = self._inputs[start : start + self._chunk], self._targets[start : start + self._chunk]
            rows, weight = len(x), self._loss.weight(target)
            workspaces, dy = self._workspaces.rows(rows), self._dy[:rows]
            scratch = {name: array[:rows] for name, array in self._scratch.items()}
            output = network.forward(x, workspaces, True)
            total += weight * self._loss.forward(output, target, scratch)
            total_weight += weight
            self._loss.backward(output, target, dy, scratch)
            network.backward(dy, workspaces)
            np.multiply(network.gradients, weight, network.gradients)
            np.add(self._sum, network.gradients, self._sum)
        np.multiply(self._sum, 1 / total_weight, network.gradients)
        return total / total_weight
