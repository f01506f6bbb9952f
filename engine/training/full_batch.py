"""Loss and gradient of all training examples, for optimizers that look at several points before a step."""

import numpy as np

from engine.arrays import Array, Targets
from engine.network import Network
from engine.training.data_parallel import Gradient
from engine.training.gradient import WeightedSum
from engine.training.rng import generator_state, restore_generator

SAME_FUNCTION = frozenset(
    {"optimizer", "schedule", "epochs", "early_stopping", "stop_below", "average", "shuffle"}
)
"""Settings of training that bear on the way down, but not on the function that is made small."""


def makes_another_function(path: tuple[str, ...]) -> bool:
    """Whether to change this setting changes loss, penalty or gradient at the same parameters.

    path : as `engine.settings.differences` has it, of an Experiment. What a rule knows of the slopes of one
    function is worth nothing for another.
    """
    return len(path) > 1 and not (path[0] == "training" and path[1] in SAME_FUNCTION)


class WholeGradient:
    """Goes through all examples in chunks and sums up their gradients, always in the same order.

    A step begins with `start` and may `look` at other points. What layers keep (running means) moves on by
    the pass at its start alone, however many points were looked at. Where the next step starts at the point
    that was looked at last, nothing is gone through again, unless something is drawn at random.

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
        targets: Targets,
        chunk: int,
        generator: np.random.Generator,
    ) -> None:
        self._network, self._of_chunk = network, of_chunk
        self._inputs, self._targets = inputs, targets
        self._generator = generator
        self._drawn_from = generator_state(generator)
        self._chunk = min(chunk, len(inputs))
        self._sum = WeightedSum(network.gradients)
        self._kept, self._kept_there = np.empty_like(network.kept), np.empty_like(network.kept)
        self._point = np.empty_like(network.parameters)
        self._equal = np.empty(network.parameters.shape, np.bool_)
        self._known = False
        """Whether the sum, and what layers would keep, are those of `_point`, looked at in passing."""
        self.random = False
        """Whether the last pass has drawn anything at random: another one finds another loss."""

    def start(self) -> tuple[float, float]:
        """The loss at the network's parameters, and what all examples count; overwrites the gradients.

        From here on, dropout is drawn anew, and the same at each point of this step.
        """
        self._drawn_from = generator_state(self._generator)
        if self._is_known() and not self.random and np.array_equal(self._network.kept, self._kept):
            self._network.kept[...] = self._kept_there
        else:
            self._go_through()
        self._known = False
        self._kept[...] = self._network.kept
        return self._sum.finish()

    def look(self) -> float:
        """The loss at other parameters, in the same step; overwrites the gradients."""
        if not self._is_known():
            self._known = False
            restore_generator(self._generator, self._drawn_from)
            try:
                self._go_through()
                self._kept_there[...] = self._network.kept
            finally:
                self._network.kept[...] = self._kept
            self._point[...] = self._network.parameters
            self._known = True
        loss, _ = self._sum.finish()
        return loss

    def _is_known(self) -> bool:
        if not self._known:
            return False
        np.equal(self._point, self._network.parameters, self._equal)
        return bool(self._equal.all())

    def _go_through(self) -> None:
        self._sum.begin()
        for start in range(0, len(self._inputs), self._chunk):
            rows = slice(start, start + self._chunk)
            self._sum.add(*self._of_chunk.evaluate(self._inputs[rows], self._targets[rows]))
        self.random = not np.array_equal(generator_state(self._generator), self._drawn_from)
