"""One optimizer step over the flat vectors, in blocks that stay in the processor's cache."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from engine.arrays import Array
from engine.network import Network
from engine.optimizers import Optimizer
from engine.optimizers.lbfgs import LBFGS

BLOCK_LENGTH = 32_768
"""Numbers a block: with gradient, parameters and two moments it fits a 1-MB second-level cache."""


class Updater:
    """Applies an optimizer to a network and notes how far each layer's parameters moved.

    `change_squares` and `weight_squares` hold, for each trained layer, the sum of squares of the last change
    and of the parameters before it; infinite where a square is beyond the largest number.

    Parameters stay finite: a step that would make one infinite or NaN is taken back as a whole. The slots
    have taken part in it by then, so the optimizer starts anew: slots at zero, no steps taken.
    """

    def __init__(self, optimizer: Optimizer, network: Network) -> None:
        self.optimizer, self._network = optimizer, network
        self.slots = {name: np.zeros_like(network.parameters) for name in optimizer.slots}
        self.steps = 0
        """Steps taken by this optimizer; bias corrections count them."""
        layers = network.layer_slices()
        self.change_squares = [0.0] * len(layers)
        self.weight_squares = [0.0] * len(layers)
        longest = network.parameters.size if optimizer.whole else BLOCK_LENGTH
        length = min(longest, max(network.parameters.size, 1))
        self._change = np.empty(length, network.dtype)
        self._scratch = np.empty(length, network.dtype)
        self._blocks = [
            self._block(network, layers, start, min(start + length, network.parameters.size))
            for start in range(0, network.parameters.size, length)
        ]
        # With one block, nothing is written before all of it is known to be finite.
        self._before = np.empty_like(network.parameters) if len(self._blocks) > 1 else None

    def apply(
        self, rate: float, loss: float = 0.0, evaluate: Callable[[], float] | None = None
    ) -> int | None:
        """Change the parameters by one step at this learning rate.

        Returns None, or where a parameter would no longer be finite, the layer it is in, by its place among
        the trained ones; the parameters are then as they were.
        loss : at the parameters as they are. evaluate : overwrites the network's gradients by those at its
        parameters and returns the loss; wanted by optimizers that search for the length of a step.
        """
        self.steps += 1
        change_squares = self.change_squares = [0.0] * len(self.change_squares)
        weight_squares = self.weight_squares = [0.0] * len(self.weight_squares)
        update, steps, before, start = self.optimizer.update, self.steps, self._before, 0
        for gradient, parameters, slots, change, scratch, parts in self._blocks:
            update(gradient, parameters, slots, change, scratch, rate, steps)
            if evaluate is not None and isinstance(self.optimizer, LBFGS):
                self._search(self.optimizer, loss, evaluate)
            total = 0.0
            for layer, part_of_change, part_of_parameters in parts:
                change_square = float(part_of_change.dot(part_of_change))
                weight_square = float(part_of_parameters.dot(part_of_parameters))
                change_squares[layer] += change_square
                weight_squares[layer] += weight_square
                total += change_square + weight_square
            # Numbers whose squares are finite are far from the largest there is, and so is their difference.
            if not math.isfinite(total):
                bad = self._first_bad(parts, scratch)
                if bad is not None:
                    self._take_back(start)
                    return bad
            if before is not None:
                stop = start + parameters.size
                before[start:stop] = parameters
                start = stop
            np.subtract(parameters, change, parameters)
        return None

    @staticmethod
    def _first_bad(parts: list[tuple[int, Array, Array]], scratch: Array) -> int | None:
        """The first layer of a block with a parameter that would no longer be finite."""
        for layer, change, parameters in parts:
            after = scratch[: change.size]
            np.subtract(parameters, change, after)
            if not np.isfinite(after).all():
                return layer
        return None

    def _take_back(self, stop: int) -> None:
        """Put back the parameters below `stop`, and start the optimizer anew."""
        if self._before is not None:
            self._network.parameters[:stop] = self._before[:stop]
        for vector in self.slots.values():
            vector.fill(0.0)
        self.steps = 0

    def _search(self, optimizer: LBFGS, loss: float, evaluate: Callable[[], float]) -> None:
        """Scale the change to the length that a line search finds; the parameters stay where they are."""
        network, change, scratch = self._network, self._change, self._scratch
        start = network.parameters.copy()

        def along(length: float) -> tuple[float, float]:
            np.multiply(change, length, scratch)
            np.subtract(start, scratch, network.parameters)
            return evaluate(), -float(network.gradients.dot(change))

        length = optimizer.search(along, loss, -float(network.gradients.dot(change)))
        network.parameters[...] = start
        np.multiply(change, length, change)

    def _block(
        self, network: Network, layers: Mapping[int, slice], start: int, stop: int
    ) -> tuple[Array, Array, tuple[Array, ...], Array, Array, list[tuple[int, Array, Array]]]:
        """Views of one block, and of the part that each layer has in it."""
        change = self._change[: stop - start]
        parts = []
        for number, place in enumerate(layers.values()):
            low, high = max(place.start, start), min(place.stop, stop)
            if low < high:
                parts.append((number, change[low - start : high - start], network.parameters[low:high]))
        return (
            network.gradients[start:stop],
            network.parameters[start:stop],
            tuple(vector[start:stop] for vector in self.slots.values()),
            change,
            self._scratch[: stop - start],
            parts,
        )
