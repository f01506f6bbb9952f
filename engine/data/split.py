"""Deals rows out to training, validation and test: by seed, and by class where there are classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.settings import Split

Rows = NDArray[np.intp]

TRAINING, VALIDATION, TEST = 0, 1, 2


@dataclass(frozen=True)
class Parts:
    """Row numbers of each part, in the order they were dealt, which is random."""

    training: Rows
    validation: Rows
    test: Rows


def deal(split: Split, rows: int, classes: NDArray[np.intp] | None) -> Parts:
    """Deal `rows` rows; `classes` (rows,) are class numbers, None for regression.

    Validation and test get their shares, rounded. With stratification they get them of each class, and what
    rounding leaves goes to the classes with the largest remainders. Every class keeps at least one row in
    training, whatever the shares: a class with a single row is trained on.
    """
    generator = np.random.default_rng(split.seed)
    order = generator.permutation(rows)
    groups = np.zeros(rows, np.intp) if classes is None or not split.stratified else classes
    counts = np.bincount(groups, minlength=1)
    validation = _quota(counts, split.validation, counts - 1)
    test = _quota(counts, split.test, counts - 1 - validation)
    # Rows of one class side by side, in random order within the class.
    by_class = order[np.argsort(groups[order], kind="stable")]
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    place = np.arange(rows) - starts
    class_of_place = groups[by_class]
    part = np.full(rows, TRAINING)
    held = validation[class_of_place]
    part[by_class[place < held]] = VALIDATION
    part[by_class[(place >= held) & (place < held + test[class_of_place])]] = TEST
    if classes is not None:
        _keep_one_of_each(part, classes)
    dealt = part[order]
    return Parts(order[dealt == TRAINING], order[dealt == VALIDATION], order[dealt == TEST])


def _quota(counts: NDArray[np.intp], share: float, room: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many rows of each class a part gets: its share, by largest remainders, never more than `room`."""
    room = np.maximum(room, 0)
    exact = counts * share
    quota: NDArray[np.intp] = np.minimum(np.floor(exact).astype(np.intp), room)
    wanted = int(np.floor(counts.sum() * share + 0.5))
    for index in np.argsort(quota - exact, kind="stable"):
        if quota.sum() >= wanted:
            break
        if quota[index] < room[index] and exact[index] > quota[index]:
            quota[index] += 1
    return quota


def _keep_one_of_each(part: NDArray[np.intp], classes: NDArray[np.intp]) -> None:
    """Move a row into training for each class that dealing without stratification left out of it."""
    for missing in np.setdiff1d(classes, classes[part == TRAINING]):
        part[np.flatnonzero(classes == missing)[0]] = TRAINING
