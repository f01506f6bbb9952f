"""Edits of parameters between two steps of a run: a weight, a unit, a layer. All of them are made or none.

A run may have more than one set of weights (see `Weights`): those in use, which may be an average or the best
ones; those in use once training goes on; and those that training goes on from. An edit is made in each of
them, so that what a person has set is what is seen, saved and trained on. The best weights so far that early
stopping keeps are a record of an earlier epoch, and stay. Optimizer, generators and running statistics stay,
too: the next step begins at the edited point with the momenta of before.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.errors import UserError
from engine.network import Network

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

Index = tuple[int | slice | EllipsisType, ...] | NDArray[np.bool_]
"""A part of an array: positions and slices of its axes, () for all of it; or a mask of its shape."""

Change = Literal["set", "add", "multiply"]
Views = Sequence[Mapping[str, Array]]
"""For each layer its parameters by name."""

CHANGES: Mapping[Change, Callable[[Array, Any], Any]] = {
    "set": lambda old, value: value,
    "add": np.add,
    "multiply": np.multiply,
}


@dataclass(frozen=True, eq=False)
class Region:
    """A part of an array, and what it is to hold in each set of weights."""

    layer: int
    name: str
    index: Index
    values: tuple[Array, ...]


class Edit(ABC):
    """An edit of the parameters of a network."""

    @abstractmethod
    def regions(self, network: Network, sets: Sequence[Views]) -> list[Region]:
        """What is to be written. sets : the views of all sets of weights, those in use first."""

    @abstractmethod
    def text(self, network: Network) -> str:
        """What it does, in a few words, for the history: "Set Dense 1 weight 2,3 to 0.5"."""


@dataclass(frozen=True, eq=False)
class ParameterEdit(Edit):
    """Sets, shifts or scales a part of one array.

    layer : index in the network. name : of the array. index : see `Index`.
    change : what is done with the values there. values : a number, or an array of the part's shape.
    """

    layer: int
    name: str
    index: Index = ()
    change: Change = "set"
    values: Array | float = 0.0

    def regions(self, network: Network, sets: Sequence[Views]) -> list[Region]:
        change, dtype = CHANGES[self.change], network.dtype
        found = []
        for views in sets:
            try:
                old = views[self.layer][self.name][self.index]
                with np.errstate(all="ignore"):  # what overflows is refused in a sentence
                    new = np.broadcast_to(change(old, np.asarray(self.values, dtype)), np.shape(old))
            except (KeyError, IndexError, ValueError) as error:
                raise ValueError(f"no such part of a parameter: {self.layer}, {self.name}: {error}") from None
            found.append(np.array(new, dtype))
        return [Region(self.layer, self.name, self.index, tuple(found))]

    def text(self, network: Network) -> str:
        size = network.parameter_views[self.layer][self.name][self.index].size
        what = f"{network.names[self.layer]} {self.name}"
        place = _place(self.index)
        if size > 1:
            what = f"{size} numbers of {what}" if place is None else f"{what} {place}".rstrip()
        elif place:
            what = f"{what} {place}"
        if self.change == "set" and np.ndim(self.values):
            return f"Set {what}"
        amount = f"{float(np.asarray(self.values).ravel()[0]):.4g}".replace("-", "−")
        return {
            "set": f"Set {what} to {amount}",
            "add": f"Shifted {what} by {amount}",
            "multiply": f"Scaled {what} by {amount}",
        }[self.change]


@dataclass(frozen=True, eq=False)
class PruneSmallest(Edit):
    """Sets the smallest share of a layer's weights to 0, by magnitude, of those in use; biases stay.

    fraction : of the weights, 0 to 1. Of several equal ones at the limit, the first go.
    """

    layer: int
    fraction: float

    def regions(self, network: Network, sets: Sequence[Views]) -> list[Region]:
        return [
            Region(self.layer, name, mask, tuple(np.zeros(int(mask.sum()), network.dtype) for _ in sets))
            for name, mask in smallest(network, sets[0], self.layer, self.fraction).items()
        ]

    def text(self, network: Network) -> str:
        return f"Pruned {100 * self.fraction:.4g} % of {network.names[self.layer]}"


def smallest(network: Network, views: Views, layer: int, fraction: float) -> dict[str, NDArray[np.bool_]]:
    """Masks of the smallest share of a layer's weights, by name of the array."""
    arrays = {name: views[layer][name] for name in _weight_names(network, layer)}
    if not arrays:
        return {}
    magnitudes = np.abs(np.concatenate([array.ravel() for array in arrays.values()]))
    count = min(round(fraction * magnitudes.size), magnitudes.size)
    chosen = np.zeros(magnitudes.size, np.bool_)
    if count:
        # Not by sorting, which takes most of a second for four million weights.
        limit = np.partition(magnitudes, count - 1)[count - 1]
        np.less(magnitudes, limit, chosen)
        equal = np.flatnonzero(magnitudes == limit)
        chosen[equal[: count - int(chosen.sum())]] = True
    ends = np.cumsum([array.size for array in arrays.values()])[:-1]
    pieces = np.split(chosen, ends)
    return {name: piece.reshape(arrays[name].shape) for name, piece in zip(arrays, pieces, strict=True)}


def _weight_names(network: Network, layer: int) -> list[str]:
    """The arrays of weights of a layer, and of the layers inside it, as L1 and L2 tell them apart."""
    return sorted(network.layers[layer].penalized() & network.parameter_views[layer].keys())


@dataclass(frozen=True, eq=False)
class RestoreParameters(Edit):
    """Puts back what stood in a region, in each set of weights: undoes an edit."""

    region: Region

    def regions(self, network: Network, sets: Sequence[Views]) -> list[Region]:
        return [self.region]

    def text(self, network: Network) -> str:
        return f"Put back {network.names[self.region.layer]} {self.region.name}"


def _place(index: Index) -> str | None:
    """The position of a part, counted from 1, as "2,3"; None where it has no such name."""
    if not isinstance(index, tuple):
        return None
    whole = slice(None)
    if all(isinstance(one, int) for one in index):
        return ",".join(str(one + 1) for one in index if isinstance(one, int))
    if index[:-1] in ((Ellipsis,), (whole,)) and isinstance(index[-1], int):
        return f"of unit {index[-1] + 1}"
    return None


def edit_parameters(trainer: "Trainer", edits: Sequence[Edit], text: str = "") -> tuple[Edit, ...]:
    """Make edits one after the other, all or none, and add a mark to the history, called `text` if given.

    Returns the edits that put back what stood there. Raises UserError where a number would not be finite,
    ValueError where there is no such part of a parameter. While an epoch is being scored, it is scored again.
    """
    network, weights = trainer.network, trainer.weights
    undo = apply_edits(
        network, edits, [weights.trained.views(vectors.parameters) for vectors in weights.sets]
    )
    if undo:
        trainer.edits += 1
        if trainer.stepper is not None:
            # It was found of the weights before.
            trainer.stepper.convergence_reason = ""
        words = text or "; ".join(edit.text(network) for edit in edits)
        trainer.history.mark(trainer.step, trainer.position, words)
    return undo


def apply_edits(
    network: Network, edits: Sequence[Edit], sets: Sequence[Views] | None = None
) -> tuple[Edit, ...]:
    """Make edits in some sets of weights, those of the network alone if left out; as `edit_parameters`."""
    sets = [network.parameter_views] if sets is None else sets
    undo: list[Edit] = []
    try:
        for edit in edits:
            for region in edit.regions(network, sets):
                _check(network, region)
                old = tuple(np.array(views[region.layer][region.name][region.index]) for views in sets)
                undo.insert(0, RestoreParameters(replace(region, values=old)))
                _write(region, sets)
    except BaseException:
        for one in undo:
            for region in one.regions(network, sets):
                _write(region, sets)
        raise
    return tuple(undo)


def _write(region: Region, sets: Sequence[Views]) -> None:
    # Sets may be the same arrays. Where they were not when a region was read, the last value is the one that
    # training goes on from.
    for views, values in zip(sets, region.values, strict=True):
        views[region.layer][region.name][region.index] = values


def _check(network: Network, region: Region) -> None:
    if all(bool(np.isfinite(values).all()) for values in region.values):
        return
    place = _place(region.index) or ""
    raise UserError(
        f"{network.names[region.layer]}, {region.name} {place}".rstrip(),
        expected=f"numbers up to {np.finfo(network.dtype).max:.3g} in size",
        got="one beyond them" if not _has_nan(region) else "one that is no number",
        help="Choose a smaller number; nothing was changed.",
    )


def _has_nan(region: Region) -> bool:
    return any(math.isnan(float(np.sum(values))) and bool(np.isnan(values).any()) for values in region.values)
