"""One optimizer step over the flat vectors, in blocks that stay in the processor's cache."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from engine.arrays import Array, even_slices
from engine.network import Network
from engine.optimizers import Optimizer
from engine.training.parallelism import MOST_PARTS, cores
from engine.training.parameter_blocks import Share, SparsePart
from engine.training.regularization import soft_threshold
from engine.training.worker_pool import Team

BLOCK_LENGTH = 131_072
"""Numbers a block: its few arrays stay in the second-level cache or near it, and its calls cost little.
Measured for Adam on 110,000 to 5,800,000 parameters: halves of it take up to 7 % longer, quarters 15 %."""

BLOCKS_WORTH_SHARING = 4
"""From so many on, the blocks are worked on at the same time also where batches are not split: for Adam, that
saves the better part of a millisecond, and waiting for one another takes some hundredths."""


class Updater:
    """Applies an optimizer to a network and notes how far each layer's parameters moved.

    `change_squares` and `weight_squares` hold, for each trained layer, the sum of squares of the last change
    (of optimizer and L1, before max-norm) and of the parameters before it; infinite where a square is beyond
    the largest number.

    Parameters stay finite: a step that would make one infinite or NaN is taken back as a whole. The slots
    have taken part in it by then, so the optimizer starts anew: slots at zero, no steps taken.
    """

    def __init__(self, optimizer: Optimizer, network: Network) -> None:
        self.optimizer, self._network = optimizer, network
        self.slots = {name: np.zeros_like(network.parameters) for name in optimizer.slots}
        self.steps = 0
        """Steps taken by this optimizer; bias corrections count them."""
        self._trained = len(network.trained_layers)
        self.change_squares = [0.0] * self._trained
        self.weight_squares = [0.0] * self._trained
        size = network.parameters.size
        blocks = 1 if optimizer.whole else max(-(-size // BLOCK_LENGTH), 1)
        self._length = max(-(-size // blocks), 1)
        self._starts = range(0, size, self._length)
        # With one block, nothing is written before all of it is known to be finite, unless by a search.
        needed = len(self._starts) > 1 or optimizer.whole
        self._before = np.empty_like(network.parameters) if needed else None
        self._moves = False
        self.at_rest = ""
        """Why the last search found no length but 0, as a clause; empty where it did."""
        self._sparse: Sequence[tuple[int, int, float]] = ()
        self._team, self._shares = Team(1), [self._share_of(self._starts)]

    def share(self, team: Team) -> None:
        """From now on, the members of a team work on the blocks at the same time, each on its own.

        It changes no result: blocks have nothing to do with one another. A team of one, of a run that does
        not split its batches, gets help if there are many blocks.
        """
        blocks = len(self._starts)
        if team.size > blocks:
            team = Team(1)
        elif team.size == 1 and blocks >= BLOCKS_WORTH_SHARING:
            size = min(cores(), blocks // 2, MOST_PARTS)
            team = self._team if self._team.size == size else Team(size)
        self._team = team
        if len(self._shares) != self._team.size:
            places = even_slices(len(self._starts), self._team.size)
            self._shares = [self._share_of(self._starts[place]) for place in places]
            self.shrink(self._sparse)

    def dismiss(self) -> None:
        """End the threads that work on the blocks; the next step starts new ones."""
        self._team.dismiss()

    def _share_of(self, starts: range) -> Share:
        return Share(self._network, tuple(self.slots.values()), starts, self._length)

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
        for share in self._shares:
            share.begin()
        try:
            if len(self._shares) > 1:
                advance = [partial(self._advance, share, rate) for share in self._shares]
                self._team.run(advance)
            else:
                self._advance(self._shares[0], rate, loss, evaluate)
        except BaseException:  # also Ctrl+C: no half of a step is left
            self._take_back()
            raise
        bad = [share.bad for share in self._shares if share.bad is not None]
        if bad:
            self._take_back()
            return bad[0]
        self._add_up()
        return None

    def _advance(
        self, share: Share, rate: float, loss: float = 0.0, evaluate: Callable[[], float] | None = None
    ) -> None:
        """Change the parameters of these blocks, up to the first in which one would no longer be finite."""
        update, steps, before, found = self.optimizer.update, self.steps, self._before, share.found
        for start, gradient, parameters, slots, change, scratch, parts, sparse in share.blocks:
            update(gradient, parameters, slots, change, scratch, rate, steps)
            if sparse:
                self._shrink(sparse, rate)
            if evaluate is not None and before is not None:
                self._search(before, rate, loss, evaluate, slots, change, scratch)
            total = 0.0
            for layer, part_of_change, part_of_parameters in parts:
                change_square = float(part_of_change.dot(part_of_change))
                weight_square = float(part_of_parameters.dot(part_of_parameters))
                found.append((layer, change_square, weight_square))
                total += change_square + weight_square
            # Numbers whose squares are finite are far from the largest there is, and so is their difference.
            if not math.isfinite(total):
                share.bad = self._first_bad(parts, scratch)
                if share.bad is not None:
                    return
            if before is not None:
                before[start : start + parameters.size] = parameters
                share.written += 1
            np.subtract(parameters, change, parameters)
            if evaluate is not None and self._moves:
                evaluate()  # nothing to be done, where the search has ended there
                self.optimizer.remember(gradient, parameters, slots, self.steps)

    def _add_up(self) -> None:
        """Sum up what was found in the blocks, in their order, whoever worked on them."""
        changes = self.change_squares = [0.0] * self._trained
        weights = self.weight_squares = [0.0] * self._trained
        for share in self._shares:
            for layer, change, weight in share.found:
                changes[layer] += change
                weights[layer] += weight

    def shrink(self, places: Sequence[tuple[int, int, float]]) -> None:
        """From now on, draw these parts of the vectors (start, stop, λ₁) towards 0 at the end of each step.

        A proximal step of gradient descent, w ← sign(w) max(|w| − t, 0), which makes weights exactly 0. How
        far it goes, t, is the optimizer's to say: ρ λ₁ for plain gradient descent (ISTA), and for rules that
        scale a gradient up or down, as much more or less, so that all of them come to rest where loss and
        penalty together are lowest.
        Reference: Parikh & Boyd 2014, Proximal algorithms, section 4.2; for adaptive rules Duchi, Hazan &
        Singer 2011; Yun, Lozano & Yang 2021, Adaptive proximal gradient methods for structured neural
        networks.
        """
        self._sparse = places
        for share in self._shares:
            share.shrink(places)

    def _shrink(self, sparse: Sequence[SparsePart], rate: float) -> None:
        """Make the change of a block one that ends at the shrunk weights; p − (p − 0) is exactly 0."""
        for l1, parameters, slots, change, after, room, scratch in sparse:
            np.subtract(parameters, change, after)
            threshold = self.optimizer.threshold(l1, slots, room, scratch, rate, self.steps)
            soft_threshold(after, threshold, scratch)
            np.subtract(parameters, after, change)

    @staticmethod
    def _first_bad(parts: list[tuple[int, Array, Array]], scratch: Array) -> int | None:
        """The first layer of a block with a parameter that would no longer be finite."""
        for layer, change, parameters in parts:
            after = scratch[: change.size]
            np.subtract(parameters, change, after)
            if not np.isfinite(after).all():
                return layer
        return None

    def _take_back(self) -> None:
        """Put back the parameters that were written, and start the optimizer anew."""
        if self._before is not None:
            for share in self._shares:
                for block in share.blocks[: share.written]:
                    block.parameters[...] = self._before[block.start : block.start + block.parameters.size]
        self.begin_anew()

    def begin_anew(self) -> None:
        """Let the optimizer forget what it has learned of the gradients."""
        for vector in self.slots.values():
            vector.fill(0.0)
        self.steps = 0

    def _search(
        self,
        start: Array,
        rate: float,
        loss: float,
        evaluate: Callable[[], float],
        slots: tuple[Array, ...],
        change: Array,
        scratch: Array,
    ) -> None:
        """Scale the change to the length that the rule finds; the parameters stay where they are.

        Where it finds none, what it remembers may have led it astray: it starts anew, and is asked once more.
        A step of length 0 is not counted. start : room for the parameters.
        """
        optimizer, gradient, parameters = self.optimizer, self._network.gradients, self._network.parameters
        start[...] = parameters

        def along(length: float) -> tuple[float, float]:
            np.multiply(change, length, scratch)
            np.subtract(start, scratch, parameters)
            return evaluate(), -float(gradient.dot(change))

        length, slope = 0.0, -float(gradient.dot(change))
        self.at_rest = optimizer.rests(gradient, scratch)
        try:
            if not self.at_rest:
                length = optimizer.search(along, loss, slope)
                if not length and rate and self.steps > 1:
                    self.begin_anew()
                    self.steps = 1
                    parameters[...] = start
                    evaluate()
                    optimizer.update(gradient, parameters, slots, change, scratch, rate, self.steps)
                    first, slope = slope, -float(gradient.dot(change))
                    # The same slope is that of the same direction, which has led nowhere.
                    length = optimizer.search(along, loss, slope) if slope != first else 0.0
        finally:
            parameters[...] = start
        self._moves = length != 0
        if self._moves:
            np.multiply(change, length, change)
            return
        change.fill(0.0)
        self.steps -= 1
        if rate and not self.at_rest:
            self.at_rest = "no lower loss was found, not even straight down the gradient"
