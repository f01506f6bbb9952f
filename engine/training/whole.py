"""Loss and gradient of all training examples, for optimizers that look at several points before a step."""

import numpy as np

from engine.arrays import Array
from engine.network import Network
from engine.training.generators import generator_state, restore_generator
from engine.training.split import Gradient
from engine.training.weighted_sum import WeightedSum


class WholeGradient:
    """Goes through all examples in chunks and sums up their gradients, always in the same order.

    of_chunk : what finds the gradient of so many rows. inputs, targets : (n, …), the training part.
    chunk : rows at a time, which changes no result but by rounding and by batch statistics.
    generator : of the dropout; within one step every evaluation draws the same numbers from it, or a line
    search would compare two networks.
    """

    def __init__(
        self,
        network: Network,
        of_chunk: Gradient,
        inputs: Array,
        targets: Array,
        chunk: int,
        generator: np.random.Generator,
    ) -> None:
        self._of_chunk = of_chunk
        self._inputs, self._targets = inputs, targets
        self._generator = generator
        self._drawn_from = generator_state(generator)
        self._chunk = min(chunk, len(inputs))
        self._sum = WeightedSum(network.gradients)

    def begin_step(self) -> None:
        """From here on, dropout is drawn anew, and the same in each evaluation."""
        self._drawn_from = generator_state(self._generator)

    def evaluate(self) -> tuple[float, float]:
        """The loss at the network's parameters, and what all examples count; overwrites the gradients."""
        restore_generator(self._generator, self._drawn_from)
        self._sum.begin()
        for start in range(0, len(self._inputs), self._chunk):
            rows = slice(start, start + self._chunk)
            self._sum.add(*self._of_chunk.evaluate(self._inputs[rows], self._targets[rows]))
        return self._sum.finish()
