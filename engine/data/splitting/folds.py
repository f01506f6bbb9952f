"""Folds for cross-validation: each row is tested once a repeat, by a model that was not trained on it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.settings import DataSettings
from engine.data.splitting.groups import assign_groups
from engine.data.splitting.named_parts import LEFT_OUT
from engine.data.splitting.partition import RowFacts, check_parts, row_facts
from engine.data.splitting.split import FREE, TEST, TRAINING, Assigned, Parts, Rows, split_rows
from engine.data.table import Table
from engine.data.task_inference import targets_and_task
from engine.errors import UserError
from engine.progress import Progress

MOST_FOLDS, MOST_REPEATS = 1000, 100
NO_FOLD = -1
"""Of a row that is never tested: it is always trained on, or the data names its part."""


@dataclass(frozen=True)
class Fold:
    """One split of the table. repeat, number : from 0."""

    repeat: int
    number: int
    parts: Parts


def folds(
    settings: DataSettings, table: Table, count: int, repeats: int = 1, progress: Progress | None = None
) -> Iterator[Fold]:
    """Split a table `count` times in each repeat; the test parts of a repeat have no row in common.

    Each fold's test part is one of `count` equal parts of the rows; of the others, validation gets its
    fraction of all rows, and training the rest. Folds are stratified, and keep groups whole, as the split of
    the settings does. Every repeat draws other folds, from the next seed. Where rows are in order, by time or
    in the table, nothing is drawn: each fold is tested on the rows that follow those that it is trained on,
    and the rows before the first fold are never tested.
    Rows that the data has for the test are no part of any fold, rows for validation are so in each.

    Raises UserError where there are too few rows or groups, or a class is only in rows of one test part.
    Reference: scikit-learn, RepeatedStratifiedKFold, StratifiedGroupKFold and TimeSeriesSplit.
    """
    progress = progress or Progress()
    for name, value, most in (("folds", count, MOST_FOLDS), ("repeats", repeats, MOST_REPEATS)):
        least = 2 if name == "folds" else 1
        if not least <= value <= most:
            raise UserError(
                name.capitalize(),
                expected=f"a whole number from {least} to {most:,}",
                got=str(value),
                help="Five or ten folds are usual." if name == "folds" else "One repeat is usual.",
            )
    targets, task = targets_and_task(settings, table)
    facts = row_facts(settings, table, targets, task, [])
    for repeat in range(1 if in_sequence(settings) else repeats):
        progress.check()
        split = settings.split.replace(seed=(settings.split.seed + repeat) % 2**32, test=0.0)
        indices = _indices(settings, facts, count, split.seed, progress)
        for number in range(count):
            fixed = _fixed(settings, facts, indices, number)
            used = np.flatnonzero(fixed != LEFT_OUT)
            if not (fixed == TEST).any():
                raise UserError(
                    "Folds",
                    expected=f"rows for a test in each of {count:,} folds",
                    got=f"none for fold {number + 1:,}, as its rows are the only ones of their class",
                    help="Choose fewer folds.",
                )
            found = split_rows(
                split,
                facts.strata[used],
                facts.classes,
                progress=progress,
                fixed=fixed[used],
                groups=None if facts.groups is None else facts.groups[used],
                times=None if facts.times is None else facts.times[used],
            )
            rows = facts.present[used]
            parts = Parts(rows[found.training], rows[found.validation], rows[found.test])
            check_parts(settings, targets, task, facts, parts)
            yield Fold(repeat, number, parts)


def in_sequence(settings: DataSettings) -> bool:
    """Whether folds follow one another in order; repeats of them would all be the same."""
    return settings.time is not None or settings.split.in_order


def _fixed(settings: DataSettings, facts: RowFacts, indices: NDArray[np.intp], number: int) -> Assigned:
    """The part of each row, as far as a fold decides it; LEFT_OUT where the row is not used."""
    fixed: Assigned = np.full(len(indices), FREE, np.int8)
    if facts.fixed is not None:
        fixed = np.where(facts.fixed == TRAINING, FREE, facts.fixed).astype(np.int8)
        fixed[fixed == TEST] = LEFT_OUT
    if in_sequence(settings):
        # The first block is trained on alone, so the fold of this number is the block after it.
        fixed[indices > number + 1] = LEFT_OUT
        fixed[indices == number + 1] = TEST
    else:
        fixed[indices == number] = TEST
    return fixed


def _indices(
    settings: DataSettings, facts: RowFacts, count: int, seed: int, progress: Progress
) -> NDArray[np.intp]:
    """The fold of each row, NO_FOLD where it is in none; in sequence, one of count + 1 blocks."""
    free = np.arange(len(facts.present))
    if facts.fixed is not None:
        free = np.flatnonzero((facts.fixed == FREE) | (facts.fixed == TRAINING))
    indices = np.full(len(facts.present), NO_FOLD, np.intp)
    strata = facts.strata[free] if settings.split.stratified else np.zeros(len(free), np.intp)
    groups = None if facts.groups is None else facts.groups[free]
    if in_sequence(settings):
        times = None if facts.times is None else facts.times[free]
        indices[free] = _blocks(times, groups, len(free), count)
        return indices
    units = len(free) if groups is None else len(np.unique(groups))
    if units < count:
        raise UserError(
            "Folds",
            expected=f"at least {count:,} {'rows' if groups is None else 'groups'}, one for each fold",
            got=f"{units:,}",
            help="Choose fewer folds.",
        )
    if groups is None:
        indices[free] = _stratified(strata, count, seed)
    else:
        equal = np.unique(groups, return_inverse=True)[1]
        indices[free] = assign_groups(equal, strata, [1 / count] * (count - 1), seed, progress, True)
    if facts.classes:
        _always_train_on_rare_classes(indices, free, facts.strata[free], groups)
    return indices


def _stratified(strata: NDArray[np.intp], count: int, seed: int) -> NDArray[np.intp]:
    """Rows of one stratum go to the folds in turn, in random order; so sizes differ by one row at most."""
    order = np.random.default_rng(seed).permutation(len(strata))
    by_stratum = order[np.argsort(strata[order], kind="stable")]
    found: NDArray[np.intp] = np.empty(len(strata), np.intp)
    found[by_stratum] = np.arange(len(strata)) % count
    return found


def _blocks(
    times: NDArray[np.float64] | None, groups: NDArray[np.intp] | None, rows: int, count: int
) -> NDArray[np.intp]:
    """Count + 1 blocks of about the same size, in order; rows of one time or group are in one block."""
    keys = np.arange(rows, dtype=np.float64) if times is None else times
    if groups is not None:
        first = np.full(int(groups.max(initial=-1)) + 1, np.inf)
        np.minimum.at(first, groups, keys)
        keys = first[groups]
    different, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    if len(different) <= count:
        raise UserError(
            "Folds",
            expected=f"at least {count + 1:,} different times for {count:,} folds in order",
            got=f"{len(different):,}",
            help="Choose fewer folds.",
        )
    middles = np.cumsum(sizes) - sizes / 2
    numbers = np.arange(1, count + 1)
    cuts = np.searchsorted(middles, rows * numbers / (count + 1))
    # Each block begins at least one time behind the one before, and leaves a time for each that follows.
    cuts = np.maximum.accumulate(np.maximum(cuts - numbers, 0)) + numbers
    cuts = np.minimum(cuts, len(different) - 1 - count + numbers)
    found: NDArray[np.intp] = np.searchsorted(cuts, place, side="right")
    return found


def _always_train_on_rare_classes(
    indices: NDArray[np.intp], free: Rows, classes: NDArray[np.intp], groups: NDArray[np.intp] | None
) -> None:
    """Take rows out of the folds whose class is in one fold alone: no model could be trained for them."""
    own = indices[free]
    for one in np.unique(classes).tolist():
        rows = classes == one
        if len(np.unique(own[rows])) == 1:
            together = rows if groups is None else np.isin(groups, groups[rows])
            indices[free[together]] = NO_FOLD
