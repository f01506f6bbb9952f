"""Splits rows into training, validation and test: at random, stratified by class, or in order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.encoded_texts import count_indices
from engine.data.settings import Split
from engine.progress import Progress

Rows = NDArray[np.intp]
Groups = NDArray[np.intp]

TRAINING, VALIDATION, TEST = 0, 1, 2
MOST_STRATA, SMALLEST_STRATUM = 10, 10


@dataclass(frozen=True)
class Parts:
    """Row indices of each part: in random order, or in that of the table."""

    training: Rows
    validation: Rows
    test: Rows


def strata(values: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Numbers (rows,) binned into up to ten strata of equal size, by rank, for a regression."""
    count = int(np.clip(len(values) // SMALLEST_STRATUM, 1, MOST_STRATA))
    ranks: NDArray[np.intp] = np.empty(len(values), np.intp)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks * count // max(len(values), 1)


def split_rows(
    split: Split, groups: Groups, classes: bool, published: int = 0, progress: Progress | None = None
) -> Parts:
    """Split rows into three parts.

    groups : (rows,) the class indices of the rows, or their strata for a regression.
    classes : whether groups are classes.
    published : how many rows at the end are the test part that the data was published with. The fraction of
    validation is still one of all rows.
    progress : raises Cancelled between two calls on all rows, once it is cancelled.

    Validation and test get their fractions, rounded. With stratification they get them of each group, and the
    rounding goes to the groups with the largest remainders. Every class has at least one row in training,
    whatever the fractions. Otherwise, an ordered split depends neither on classes nor on the seed.
    """
    progress = progress or Progress()
    rows = len(groups) - published
    known = groups[:rows]
    groups = known if split.stratified and not split.in_order else np.zeros(rows, np.intp)
    counts = np.bincount(groups, minlength=1)
    # In this order: without a published part the fraction is unchanged, to the last bit.
    fraction = split.validation * ((rows + published) / max(rows, 1))
    validation = _quota(counts, fraction, counts - 1)
    test = _quota(counts, 0.0 if published else split.test, counts - 1 - validation)
    if split.in_order:
        order = np.arange(rows)
        held = (int(validation.sum()), int(test.sum()))
        part = np.repeat((TRAINING, VALIDATION, TEST), (rows - sum(held), *held))
    else:
        order = np.random.default_rng(split.seed).permutation(rows)
        part = _at_random(order, groups, validation, test, progress)
    if classes:
        _keep_one_of_each(part, known, progress)
    progress.check()
    parts = part[order]
    last = np.arange(rows, rows + published)
    progress.check()
    return Parts(
        order[parts == TRAINING],
        order[parts == VALIDATION],
        np.concatenate([order[parts == TEST], last]),
    )


def _at_random(order: Rows, groups: Groups, validation: Groups, test: Groups, progress: Progress) -> Groups:
    """The part of each row: of each group, the first rows in random order are held out."""
    progress.check()
    # Rows of one class side by side, in random order within the class.
    # In the smallest type that holds them, NumPy sorts them by radix, three times as fast.
    small = groups[order].astype(np.min_scalar_type(int(groups.max(initial=0))))
    progress.check()
    by_class = order[np.argsort(small, kind="stable")]
    progress.check()
    counts = np.bincount(groups, minlength=1)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.arange(len(groups)) - starts
    progress.check()
    group = groups[by_class]
    part = np.full(len(groups), TRAINING)
    held = validation[group]
    progress.check()
    part[by_class[rank < held]] = VALIDATION
    progress.check()
    part[by_class[(rank >= held) & (rank < held + test[group])]] = TEST
    return part


def _quota(counts: NDArray[np.intp], fraction: float, limit: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many rows of each group a part gets: its fraction, by largest remainders, at most `limit`."""
    limit = np.maximum(limit, 0)
    exact = counts * fraction
    quota: NDArray[np.intp] = np.minimum(np.floor(exact).astype(np.intp), limit)
    wanted = int(np.floor(counts.sum() * fraction + 0.5))
    for index in np.argsort(quota - exact, kind="stable"):
        if quota.sum() >= wanted:
            break
        if quota[index] < limit[index] and exact[index] > quota[index]:
            quota[index] += 1
    return quota


def _keep_one_of_each(part: NDArray[np.intp], classes: NDArray[np.intp], progress: Progress) -> None:
    """Move a row into training for each class that has none there, without stratification."""
    count = int(classes.max(initial=-1)) + 1
    progress.check()
    trained = count_indices(classes[part == TRAINING], count)
    progress.check()
    missing = (count_indices(classes, count) > 0) & (trained == 0)
    if not missing.any():
        return
    first_rows = np.empty(count, np.intp)
    # From the last row to the first, so that of each class the first one stays.
    first_rows[classes[::-1]] = np.arange(len(classes))[::-1]
    part[first_rows[missing]] = TRAINING
