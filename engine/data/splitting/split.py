"""Splits rows into training, validation and test: at random, stratified by class, by groups, or in order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.encoded_texts import count_indices
from engine.data.splitting.groups import assign_groups
from engine.data.splitting.settings import Split
from engine.progress import Progress

Rows = NDArray[np.intp]
Integers = NDArray[np.intp]
Assigned = NDArray[np.int8]

FREE, TRAINING, VALIDATION, TEST = -1, 0, 1, 2
MOST_STRATA, SMALLEST_STRATUM = 10, 10


@dataclass(frozen=True)
class Parts:
    """Row indices of each part: in random order, or in that of the table."""

    training: Rows
    validation: Rows
    test: Rows


def bin_into_strata(values: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Numbers (rows,) binned into up to ten strata of equal size, by rank, for a regression."""
    count = int(np.clip(len(values) // SMALLEST_STRATUM, 1, MOST_STRATA))
    ranks: NDArray[np.intp] = np.empty(len(values), np.intp)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks * count // max(len(values), 1)


def split_rows(
    split: Split,
    strata: Integers,
    classes: bool,
    published: int = 0,
    progress: Progress | None = None,
    *,
    fixed: Assigned | None = None,
    groups: Integers | None = None,
    times: NDArray[np.floating[Any]] | None = None,
) -> Parts:
    """Split rows into three parts.

    strata : (rows,) the class indices of the rows, or their strata for a regression.
    classes : whether strata are classes.
    published : how many rows at the end are the test part that the data was published with.
    fixed : (rows,) the part of the rows for which it is known, FREE for all others. Validation and test take
    no other rows where some are known to be theirs; else they get their fractions of all rows.
    groups : (rows,) indices of what must not be divided: rows of one index get to one part.
    times : (rows,) by which the rows are in order: the earliest for training, the last for test. Rows of the
    same time get to one part.
    progress : raises Cancelled between two calls on all rows, once it is cancelled.

    Validation and test get their fractions, rounded. With stratification they get them of each group, and the
    rounding goes to the strata with the largest remainders. Every class has at least one row in training,
    whatever the fractions, unless times forbid it. Otherwise, an ordered split depends neither on classes nor
    on the seed.
    """
    progress = progress or Progress()
    if published:
        fixed = np.full(len(strata), FREE, np.int8) if fixed is None else fixed.copy()
        fixed[len(strata) - published :] = TEST
    if fixed is None:
        return _split_free(split, strata, classes, len(strata), progress, groups, times)
    free = np.flatnonzero((fixed == FREE) | (fixed == TRAINING))
    known = {part: np.flatnonzero(fixed == part) for part in (VALIDATION, TEST)}
    found = _split_free(
        _Fractions(split, not len(known[VALIDATION]), not len(known[TEST])),
        strata[free],
        classes,
        len(strata),
        progress,
        None if groups is None else groups[free],
        None if times is None else times[free],
    )
    return Parts(
        free[found.training],
        np.concatenate([free[found.validation], known[VALIDATION]]),
        np.concatenate([free[found.test], known[TEST]]),
    )


class _Fractions:
    """The settings of a split in which some parts take no rows."""

    def __init__(self, split: Split, validation: bool, test: bool) -> None:
        self.validation = split.validation if validation else 0.0
        self.test = split.test if test else 0.0
        self.stratified, self.in_order, self.seed = split.stratified, split.in_order, split.seed


def _split_free(
    split: Split | _Fractions,
    known: Integers,
    classes: bool,
    total: int,
    progress: Progress,
    groups: Integers | None,
    times: NDArray[np.floating[Any]] | None,
) -> Parts:
    """Split rows of which nothing is known. total : of these the fractions are, as is said to people."""
    rows = len(known)
    sequence = _sequence(split.in_order, groups, times)
    ordered = split.in_order or sequence is not None
    strata = known if split.stratified and not ordered else np.zeros(rows, np.intp)
    counts = np.bincount(strata, minlength=1)
    # In this order: without a published part the fraction is unchanged, to the last bit.
    factor = total / max(rows, 1)
    if sequence is not None:
        order = np.argsort(sequence, kind="stable")
        part = _in_sequence(sequence[order], split.validation * factor, split.test * factor)[
            np.argsort(order)
        ]
        progress.check()
        parts = part[order]
        return Parts(*(order[parts == one] for one in (TRAINING, VALIDATION, TEST)))
    if groups is not None:
        order = np.random.default_rng(split.seed).permutation(rows)
        fractions = (split.validation * factor, split.test * factor)
        part = assign_groups(groups, strata, fractions, split.seed, progress).astype(np.int8)
        if classes:
            _keep_one_of_each(part, known, progress, groups)
        parts = part[order]
        return Parts(*(order[parts == one] for one in (TRAINING, VALIDATION, TEST)))
    validation = _quota(counts, split.validation * factor, counts - 1)
    test = _quota(counts, split.test * factor, counts - 1 - validation)
    if split.in_order:
        order = np.arange(rows)
        held = (int(validation.sum()), int(test.sum()))
        part = np.repeat(np.array([TRAINING, VALIDATION, TEST], np.int8), (rows - sum(held), *held))
    else:
        order = np.random.default_rng(split.seed).permutation(rows)
        part = _at_random(order, strata, validation, test, progress)
    if classes:
        _keep_one_of_each(part, known, progress)
    progress.check()
    parts = part[order]
    progress.check()
    return Parts(order[parts == TRAINING], order[parts == VALIDATION], order[parts == TEST])


def _sequence(
    in_order: bool, groups: Integers | None, times: NDArray[np.floating[Any]] | None
) -> NDArray[np.floating[Any]] | None:
    """By what the rows are in sequence, rows of one value undivided: their times, or places in the table.

    A group comes where its first row does. None where rows are not in order, or all can be divided.
    """
    if groups is None:
        return times
    if times is None:
        if not in_order:
            return None
        times = np.arange(len(groups), dtype=np.float64)
    first = np.full(int(groups.max(initial=-1)) + 1, np.inf)
    np.minimum.at(first, groups, times)
    # Groups that begin at the same time are one; so they stay in one part each.
    return first[groups]


def _in_sequence(ordered: NDArray[np.floating[Any]], validation: float, test: float) -> Assigned:
    """The part of each row, of times in ascending order: cut between two times, as near as that allows."""
    rows = len(ordered)
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, rows) if rows else np.zeros(1, np.intp)
    held = min(np.floor(rows * test + 0.5), rows)
    first = _nearest(ends, rows - held - np.floor(rows * validation + 0.5) if validation else rows - held)
    second = max(_nearest(ends, rows - held), first)
    return np.repeat(np.array([TRAINING, VALIDATION, TEST], np.int8), (first, second - first, rows - second))


def _nearest(ends: NDArray[np.intp], place: float) -> int:
    """The end of a run of equal times that is nearest to a place; never before the first."""
    return int(ends[np.abs(ends - place).argmin()])


def _at_random(
    order: Rows, strata: Integers, validation: Integers, test: Integers, progress: Progress
) -> Assigned:
    """The part of each row: of each stratum, the first rows in random order are held out."""
    progress.check()
    # Rows of one class side by side, in random order within the class.
    # In the smallest type that holds them, NumPy sorts them by radix, three times as fast.
    small = strata[order].astype(np.min_scalar_type(int(strata.max(initial=0))))
    progress.check()
    by_class = order[np.argsort(small, kind="stable")]
    progress.check()
    part = np.full(len(strata), TRAINING, np.int8)
    start = 0
    # Group by group: an array for the rank of each row would take more memory than all else here.
    for rows, first, second in zip(np.bincount(strata, minlength=1), validation, test, strict=True):
        part[by_class[start : start + first]] = VALIDATION
        part[by_class[start + first : start + first + second]] = TEST
        start += rows
        progress.check()
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


def _keep_one_of_each(
    part: Assigned, classes: NDArray[np.intp], progress: Progress, groups: Integers | None = None
) -> None:
    """Move a row, or the group that it is in, into training for each class that has none there."""
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
    moved = first_rows[missing]
    if groups is None:
        part[moved] = TRAINING
    else:
        part[np.isin(groups, groups[moved])] = TRAINING
