"""Checks for rows and columns that are there twice."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.checked_table import TRAINING, UNUSED, CheckedTable
from engine.data.checks.finding import Finding, counted, first_row_numbers, ignoring, leaving_out
from engine.data.columns.encoded_texts import MISSING, count_indices
from engine.data.columns.texts import listed, value_indices
from engine.data.columns.types import FEWEST_ROWS
from engine.data.table import Column
from engine.progress import blocks

Hashes = NDArray[np.uint64]

LEAKED = 0.02
"""Of the rows held out, a fraction of which more are also in training spoils the scores."""

COMBINATIONS = 10
"""Where the columns can take fewer combinations of values than this many times the rows, rows repeat by
chance."""

DEPENDENCE = 5
"""Rows are equal by chance this many times as often as in columns that do not depend on each other."""

CORRELATED = 0.9999
"""Two columns of numbers that correlate more than this are one, in two units."""

WORK = 5e9
"""Multiplications that the comparison of all columns of numbers may take; what is alike is then compared in
more rows."""

MOST_CATEGORIES, ROWS_PER_VALUE = 100, 5
"""Of columns whose values are compared one to one: different ones at most, and rows of each at least."""


def duplicate_rows(checked: CheckedTable) -> Iterator[Finding]:
    """Rows that are equal in all inputs: with the same target, in several parts, or with another class."""
    if checked.rows < 2 or not checked.inputs or not _can_differ(checked):
        return
    inputs = _hashes(checked, list(checked.inputs))
    ordered = np.sort(inputs)
    if not (ordered[1:] == ordered[:-1]).any():
        return
    target = checked.predicted
    rows = inputs if target is None else _mixed(inputs, target, checked)
    yield from _same_rows(checked, rows)
    if target is not None and checked.classifies:
        yield from _contradictions(checked, inputs)


def _same_rows(checked: CheckedTable, hashes: Hashes) -> Iterator[Finding]:
    order, first = _grouped(hashes)
    repeats = order[~first]
    if not len(repeats) or _by_chance(checked, len(repeats)):
        return
    again = checked.original(np.sort(repeats))
    parts = checked.part_of_rows
    in_training = np.zeros(len(hashes), bool)
    # Of each group of equal rows, whether any of them is in training.
    group = np.cumsum(first) - 1
    trained = np.zeros(int(group[-1]) + 1, bool)
    trained[group[parts[order] == TRAINING]] = True
    in_training[order] = trained[group]
    held_out = (parts != TRAINING) & (parts != UNUSED)
    leaked = int((in_training & held_out).sum())
    share = leaked / max(int(held_out.sum()), 1)
    severe = leaked > 1 and share > LEAKED
    twice = (
        "1 row is the same as an earlier one"
        if len(again) == 1
        else (f"{len(again):,} rows are the same as an earlier one, in all columns used")
    )
    across = (
        f"; {counted(leaked, 'row')} of validation and test ({share:.1%}) {'is' if leaked == 1 else 'are'} "
        "in training too, where the model has seen the answer"
        if leaked
        else ""
    )
    yield Finding(
        "duplicate_rows",
        f"{twice}{across}.",
        title="Duplicate rows",
        severity="warning" if severe else "hint",
        rows=first_row_numbers(again),
        count=len(again),
        remedies=leaving_out(again),
    )


def _contradictions(checked: CheckedTable, inputs: Hashes) -> Iterator[Finding]:
    classes = checked.classes
    known = np.flatnonzero(classes != MISSING)
    order, first = _grouped(inputs[known])
    order = known[order]
    starts = np.flatnonzero(first)
    if not len(starts):
        return
    own = classes[order]
    differs = np.maximum.reduceat(own, starts) != np.minimum.reduceat(own, starts)
    member = np.repeat(differs, np.diff(np.append(starts, len(order))))
    rows = np.sort(order[member])
    if not len(rows) or _by_chance(checked, len(rows) - int(differs.sum())):
        return
    original = checked.original(rows)
    target = checked.predicted
    name = target.name if target is not None else ""
    yield Finding(
        "contradictory_rows",
        f"{len(rows):,} rows have the same inputs as another one, but another class of “{name}”, in "
        f"{counted(int(differs.sum()), 'group')}: no model can be right on all of them.",
        (name,),
        "Same inputs, other class",
        "hint",
        first_row_numbers(original),
        len(rows),
        leaving_out(original),
    )


def _grouped(hashes: Hashes) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The rows with equal ones side by side, each group in rising order; and which begin a group."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    first = np.ones(len(order), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order, first


def _hashes(checked: CheckedTable, columns: list[Column]) -> Hashes:
    """(rows,) 64 bits of all values of a row: rows of two million differ in them if they differ at all."""
    hashes = np.zeros(checked.rows, np.uint64)
    for column in columns:
        hashes = _mixed(hashes, column, checked)
    return hashes


def _mixed(hashes: Hashes, column: Column, checked: CheckedTable) -> Hashes:
    """The hashes of rows that have one column more. Steps of splitmix64, Steele, Lea & Flood 2014."""
    mixed = np.empty_like(hashes)
    for block in blocks(len(hashes), checked.here):
        if column.holds_texts:
            bits = column.texts.indices[block].astype(np.int64)
        else:
            bits = _bits(column.values[block])
        one = hashes[block] * np.uint64(0x9E3779B97F4A7C15) + bits.view(np.uint64)
        one ^= one >> np.uint64(30)
        one *= np.uint64(0xBF58476D1CE4E5B9)
        one ^= one >> np.uint64(27)
        one *= np.uint64(0x94D049BB133111EB)
        one ^= one >> np.uint64(31)
        mixed[block] = one
    return mixed


def _bits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Equal numbers by equal bits: 0 and −0, and all that is missing."""
    plain = np.where(np.isnan(values), np.nan, values + 0.0)
    return plain.view(np.int64)


def _can_differ(checked: CheckedTable) -> bool:
    """Whether there are many more combinations of values than rows, so that equal rows mean something."""
    possible = 1.0
    for column in checked.inputs:
        possible *= max(column.distinct, 1)
        if possible > COMBINATIONS * checked.rows:
            return True
    return False


def _by_chance(checked: CheckedTable, found: int) -> bool:
    """Whether columns with these values would have as many equal rows as were found.

    Independent columns would have as many equal pairs as `agree` says; real ones, which depend on each
    other, some times as many, give or take three standard deviations, and one for good measure.
    """
    agree = checked.rows**2 / 2
    for column in checked.inputs:
        checked.progress.check()
        indices = value_indices(column, checked.here)
        counts = count_indices(indices[indices != MISSING], int(indices.max(initial=0)) + 1)
        agree *= float(((counts / max(checked.rows, 1)) ** 2).sum()) + (column.missing / checked.rows) ** 2
        expected = DEPENDENCE * agree
        if found > 1 + expected + 3 * expected**0.5:
            return False
    return True


def duplicate_columns(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs that say the same as another one, in another unit or by other names."""
    groups = [*_same_numbers(checked), *_same_categories(checked)]
    if not groups:
        return
    groups.sort(key=lambda names: [one.name for one in checked.inputs].index(names[0]))
    more = tuple(name for names in groups for name in names[1:])
    if len(groups) == 1:
        sentence = f"{listed(groups[0])} say the same, in other units or words: one of them is enough."
    else:
        shown = "; ".join(listed(names, 4) for names in groups[:4])
        rest = f"; and {len(groups) - 4:,} groups more" if len(groups) > 4 else ""
        sentence = (
            f"Columns that say the same, in other units or words: {shown}{rest}. One of each is enough."
        )
    yield Finding(
        "duplicate_columns",
        sentence,
        tuple(name for names in groups for name in names),
        "Say the same",
        "hint",
        remedies=ignoring(*more),
    )


def _same_numbers(checked: CheckedTable) -> list[list[str]]:
    count = len(checked.numbers)
    enough = checked.present >= FEWEST_ROWS if count else np.zeros(0, bool)
    if enough.sum() < 2:
        return []
    values = checked.sampled
    rows = int(np.clip(WORK / (2 * count**2), FEWEST_ROWS, len(values)))
    values = values[np.linspace(0, len(values) - 1, rows).astype(np.intp)]
    with np.errstate(all="ignore"):
        known = ~np.isnan(values)
        means = np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        centred = np.where(known, values - means, 0.0)
        norms = np.linalg.norm(centred, axis=0)
        usable = enough & (norms > 1e-9 * np.abs(means) * rows**0.5) & (norms > 0)
        unit = (centred / np.where(usable, norms, 1)).astype(np.float32)
    unit[:, ~usable] = 0
    taken: NDArray[np.bool_] = np.zeros(count, bool)
    groups = []
    for start in range(0, count, 512):
        checked.progress.check()
        alike = np.abs(unit[:, start : start + 512].T @ unit[:, start:]) > CORRELATED
        for number in np.flatnonzero(alike.sum(axis=1) > 1):
            if taken[start + number]:
                continue
            others = start + np.flatnonzero(alike[number])
            same = [
                int(other)
                for other in others
                if not taken[other] and _same_number(checked, int(other), start + int(number))
            ]
            if len(same) > 1:
                taken[same] = True
                groups.append([checked.numbers[one].name for one in sorted(same)])
    return groups


def _same_number(checked: CheckedTable, one: int, other: int) -> bool:
    """Whether two columns correlate in all sampled rows, and are missing in the same ones."""
    x, y = checked.sampled[:, one], checked.sampled[:, other]
    if one == other:
        return True
    known = ~np.isnan(x)
    if (known == np.isnan(y)).any():
        return False
    with np.errstate(all="ignore"):
        return bool(abs(np.corrcoef(x[known], y[known])[0, 1]) > CORRELATED)


def _same_categories(checked: CheckedTable) -> list[list[str]]:
    """Columns of few values that translate into one another."""
    alike: dict[tuple[int, ...], list[tuple[str, NDArray[np.int32]]]] = {}
    for column in checked.inputs:
        if not 2 <= column.distinct <= min(MOST_CATEGORIES, column.rows / ROWS_PER_VALUE):
            continue
        # Two columns of numbers are compared above.
        indices = value_indices(column, checked.here)
        counts = count_indices(indices, int(indices.max()) + 1)
        # Of the same numbers of rows: else they cannot translate.
        key = (column.missing, *sorted(counts[counts > 0].tolist()))
        alike.setdefault(key, []).append((column.name, indices))
    numbers = {column.name for column in checked.numbers}
    groups = []
    for candidates in alike.values():
        while len(candidates) > 1:
            checked.progress.check()
            (name, own), *rest = candidates
            same = [one for one, indices in rest if _translate(own, indices)]
            # Two columns of numbers may rise and fall otherwise.
            if same and not {name, *same} <= numbers:
                groups.append([name, *same])
            candidates = [one for one in rest if one[0] not in same]
    return groups


def _translate(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    if not ((one == MISSING) == (other == MISSING)).all():
        return False
    head = np.unique(np.stack([one[:1000], other[:1000]]), axis=1)
    if len(np.unique(head[0])) != head.shape[1] or len(np.unique(head[1])) != head.shape[1]:
        return False
    present = one != MISSING
    first, second = one[present].astype(np.int64), other[present].astype(np.int64)
    pairs = np.unique(first * (int(second.max()) + 1) + second)
    return len(pairs) == len(np.unique(first)) == len(np.unique(second))
