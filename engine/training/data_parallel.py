"""The gradient of one batch, whose parts are worked on by the members of a team at the same time."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np

from engine.arrays import Array, Targets, even_slices
from engine.losses import Loss
from engine.network import Network
from engine.training.gradient import BatchGradient
from engine.training.rng import EarlyDraws, RowDraws
from engine.training.sharded_dense import Backward, shared_layers
from engine.training.worker_pool import Team

FEWEST_ROWS = 2
"""Rows of a part; smaller batches stay in one piece."""


class Gradient(Protocol):
    """What a step needs of whoever finds the gradient of a batch, as one piece or in parts."""

    @property
    def parts(self) -> list[BatchGradient]:
        """For each part of a batch, what finds its gradient."""

    def evaluate(self, x: Array, target: Targets) -> tuple[float, float]:
        """Overwrite the network's gradients; loss of the batch, and what it counts in a mean over several."""

    def begin(self, rows: int) -> None:
        """Let the layers draw for the next batch, of so many rows; `evaluate` does so itself."""

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch, of that size, is not finite."""

    def squares(self) -> list[float]:
        """Squared norm of each trained layer's gradient, as the last `evaluate` has left it."""


class Member:
    """One of those who work on a batch, as its layers see the others."""

    def __init__(self, team: Team, number: int) -> None:
        self._team, self._number = team, number
        self.first = number == 0
        self.rows = 0
        self.start = 0
        """The first row of its own part."""
        self.alone = False
        """True for a batch that is too small to be split."""

    def add_up(self, array: Array) -> None:
        if not self.alone:
            self._team.meeting.add_up(self._number, array)


class SplitGradient:
    """Like BatchGradient, with a batch in as many parts as the team has members.

    All share the network's parameters and have gradients of their own, which are added in the order of the
    parts; those of wide dense layers they share out, see SharedDense. So the result depends on the number of
    parts, by rounding, but not on who is done first. What is drawn for a row is the same in any number of
    parts, unless the parts draw as in early files, see EarlyDraws.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        capacity: int,
        generator: np.random.Generator,
        team: Team,
        by_row: bool = True,
    ) -> None:
        self._network, self._loss, self._team = network, loss, team
        self._random = any(layer.random for layer in network.layers)
        self._members = [Member(team, number) for number in range(team.size)]
        # The first part also takes the batches that are too small to be split.
        largest = max(-(-capacity // team.size), min(capacity, FEWEST_ROWS * team.size - 1))
        kind = RowDraws if by_row else EarlyDraws
        self._draws: RowDraws | EarlyDraws = kind(generator, team.size)
        self._shared = shared_layers(network, team.size, capacity)
        self._parts = [
            BatchGradient(
                network, loss, largest, generator, gradients, member, self._backward_of(member), draws
            )
            for draws, gradients, member in zip(
                self._draws.parts,
                [network.gradients, *(_untouched(network.gradients) for _ in self._members[1:])],
                self._members,
                strict=True,
            )
        ]
        self._layer_gradients = [
            (index, network.gradients[place]) for index, place in network.layer_slices().items()
        ]
        self._sums = [
            tuple(part.gradients[place] for part in self.parts) for place in self._places_to_add_up()
        ]
        """For each stretch of the gradients that is added up, it in all parts."""
        self._losses = [0.0] * team.size
        self._last_rows = [0] * team.size

    @property
    def parts(self) -> list[BatchGradient]:
        """For each member, what finds the gradient of its part of a batch."""
        return self._parts

    def evaluate(self, x: Array, target: Targets) -> tuple[float, float]:
        """Loss of the batch, and what the batch counts in a mean over several."""
        rows, size = len(x), self._team.size
        places = self._places(rows)
        split = len(places) > 1
        for member in self._members:
            member.rows, member.alone = rows, not split
        if not split:
            self._last_rows = [rows]
            self._members[0].start = 0
            self.begin(rows)
            found = self.parts[0].evaluate(x, target)
            for number in range(size):
                self._finish(number, rows)
            return found
        self._last_rows = [place.stop - place.start for place in places]
        for member, place in zip(self._members, places, strict=True):
            member.start = place.start
        weights = [self._loss.weight(target[place], self._network.dtype) for place in places]
        total = sum(weights)
        self.begin(rows)
        self._team.run(
            [
                partial(self._work, number, x[place], target[place], weight / total, rows)
                for number, (place, weight) in enumerate(zip(places, weights, strict=True))
            ]
        )
        for first, *others in self._sums:
            for other in others:
                np.add(first, other, first)
        return sum(self._losses), total

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch is not finite."""
        found = [part.first_bad_output(own) for part, own in zip(self.parts, self._last_rows, strict=False)]
        named = [name for name in found if name is not None]
        return min(named, key=self._network.names.index, default=None)

    def squares(self) -> list[float]:
        """Squared norms of the gradients of the trained layers, as the last batch has left them."""
        return [
            self._shared[index].square if index in self._shared else float(gradient.dot(gradient))
            for index, gradient in self._layer_gradients
        ]

    def _finish(self, member: int, rows: int) -> None:
        """One member's share of what is shared out, when all have done their parts."""
        for shared in self._shared.values():
            shared.finish(member, rows)

    def _backward_of(self, member: Member) -> dict[int, Backward]:
        """The member's backward passes through the layers whose gradients are shared out."""
        return {index: shared.backward_from(lambda: member.start) for index, shared in self._shared.items()}

    def _places_to_add_up(self) -> list[slice]:
        """The stretches of the flat vector between the layers that are shared out."""
        start, places = 0, []
        for index, place in self._network.layer_slices().items():
            if index in self._shared:
                places.append(slice(start, place.start))
                start = place.stop
        places.append(slice(start, self._network.gradients.size))
        return [place for place in places if place.start < place.stop]

    def _work(self, number: int, x: Array, target: Targets, share: float, rows: int) -> None:
        loss, _ = self.parts[number].evaluate(x, target, share)
        self._losses[number] = loss * share
        if self._shared:
            self._team.meeting.wait(number)
            self._finish(number, rows)

    def begin(self, rows: int) -> None:
        """Let the layers of all parts draw for the next batch, of so many rows."""
        if self._random:
            self._draws.begin(self._places(rows))

    def _places(self, rows: int) -> list[slice]:
        """Which rows of a batch each part has; all of them the first, where they are few."""
        size = self._team.size
        return even_slices(rows, size if rows >= FEWEST_ROWS * size else 1)


def _untouched(like: Array) -> Array:
    """Zeros that take memory only where they are written: what is shared out never is."""
    return np.zeros(like.shape, like.dtype)


def squares_of_changed(gradient: Gradient) -> Callable[[], list[float]]:
    """Like its `squares`, of a network's gradients as they are now: `evaluate` has not left them so."""
    # What is noted of shared layers is of the batch; the first part writes to the network's own gradients.
    return gradient.parts[0].squares


def gradient_of_batches(
    network: Network,
    loss: Loss,
    capacity: int,
    generator: np.random.Generator,
    team: Team,
    by_row: bool = True,
) -> Gradient:
    """What finds the gradients of batches of up to `capacity` rows: alone, or as a team of more than one.

    by_row : False to draw as runs in early files do.
    """
    if team.size > 1:
        return SplitGradient(network, loss, capacity, generator, team, by_row)
    return BatchGradient(network, loss, capacity, generator, draws=None if by_row else generator)
