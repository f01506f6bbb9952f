"""Deals rows out to training, validation and test: by seed, by class where there are classes, or in order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.encoded_texts import count_indices
from engine.data.settings import Split

Rows = NDArray[np.intp]
Groups = NDArray[np.intp]

TRAINING, VALIDATION, TEST = 0, 1, 2
MOST_STRATA, SMALLEST_STRATUM = 10, 10


@dataclass(frozen=True)
class Parts:
    """Row numbers of each part, in the order they were dealt: a random one, or that of the table."""

    training: Rows
    validation: Rows
    test: Rows


def strata(values: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Numbers (rows,) sorted into up to ten groups of equal size, by rank: the classes of a regression."""
    count = int(np.clip(len(values) // SMALLEST_STRATUM, 1, MOST_STRATA))
    ranks: NDArray[np.intp] = np.empty(len(values), np.intp)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks * count // max(len(values), 1)


def deal(split: Split, groups: Groups, classes: bool, published: int = 0) -> Parts:
    """Deal rows; `groups` (rows,) are the numbers of their classes, or of their strata for a regression.

    `published` is how many rows at the end are the test part as the data came. The share of validation
    remains one of all rows.

    Validation and test get their shares, rounded. With stratification they get them of each group, and what
    rounding leaves goes to the groups with the largest remainders. Every class keeps at least one row in
    training, whatever the shares: a class with a single row is trained on. In order, classes and the seed
    have no say otherwise.
    """
    rows = len(groups) - published
    known = groups[:rows]
    groups = known if split.stratified and not split.in_order else np.zeros(rows, np.intp)
    counts = np.bincount(groups, minlength=1)
    # In this order: without a published part the share stays what it is, to the last bit.
    share = split.validation * ((rows + published) / max(rows, 1))
    validation = _quota(counts, share, counts - 1)
    test = _quota(counts, 0.0 if published else split.test, counts - 1 - validation)
    if split.in_order:
        order = np.arange(rows)
        held = (int(validation.sum()), int(test.sum()))
        part = np.repeat((TRAINING, VALIDATION, TEST), (rows - sum(held), *held))
    else:
        order = np.random.default_rng(split.seed).permutation(rows)
        part = _at_random(order, groups, validation, test)
    if classes:
        _keep_one_of_each(part, known)
    dealt = part[order]
    last = np.arange(rows, rows + published)
    return Parts(
        order[dealt == TRAINING],
        order[dealt == VALIDATION],
        np.concatenate([order[dealt == TEST], last]),
    )


def _at_random(order: Rows, groups: Groups, validation: Groups, test: Groups) -> Groups:
    """The part of each row: of every group the first rows in a random order are held out."""
    # Rows of one class side by side, in random order within the class.
    by_class = order[np.argsort(groups[order], kind="stable")]
    counts = np.bincount(groups, minlength=1)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    place = np.arange(len(groups)) - starts
    class_of_place = groups[by_class]
    part = np.full(len(groups), TRAINING)
    held = validation[class_of_place]
    part[by_class[place < held]] = VALIDATION
    part[by_class[(place >= held) & (place < held + test[class_of_place])]] = TEST
    return part


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
    count = int(classes.max(initial=-1)) + 1
    trained = count_indices(classes[part == TRAINING], count)
    for missing in np.flatnonzero((count_indices(classes, count) > 0) & (trained == 0)):
        part[np.flatnonzero(classes == missing)[0]] = TRAINING
