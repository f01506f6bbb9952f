"""Groups of rows that stay in one part: which row is in which, and how they are assigned to parts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import value_indices
from engine.data.table import Column
from engine.errors import UserError, excerpt
from engine.progress import Progress

Rows = NDArray[np.intp]

MOST_WEIGHED = 5_000
"""So many groups, the largest, are placed one by one. Smaller ones are so many that any place in a random
order cuts them closely enough, and a loop over a million of them would take seconds."""


def group_indices(column: Column) -> NDArray[np.intp]:
    """For each row the index of its group, (rows,), from 0; a row without a value is a group of its own."""
    if column.kind == "image":
        raise UserError(
            f"Column “{excerpt(column.name)}”",
            expected="numbers or text, to keep rows of one value together",
            got="images",
            help="Choose another column for the groups.",
            place=("data", "group"),
        )
    indices = value_indices(column, Progress()).astype(np.intp)
    missing = indices == MISSING
    indices[missing] = int(indices.max(initial=-1)) + 1 + np.arange(missing.sum())
    return indices


def rows_in_several_parts(column: Column, parts: Sequence[Rows]) -> Rows:
    """The rows of the table, in ascending order, whose value in a column occurs in another part, too.

    parts : the rows of training, validation and test, such as the `rows` of each `Part` of a `Dataset`.
    Rows without a value, and rows that are in no part, are not among them.
    """
    indices = value_indices(column, Progress())
    seen = np.zeros((len(parts), int(indices.max(initial=-1)) + 1), bool)
    for number, rows in enumerate(parts):
        values = indices[rows]
        seen[number, values[values != MISSING]] = True
    divided = np.append(seen.sum(axis=0) > 1, False)
    used = np.sort(np.concatenate(parts))
    leaking: Rows = used[divided[indices[used]]]
    return leaking


def assign_groups(
    groups: NDArray[np.intp],
    strata: NDArray[np.intp],
    fractions: Sequence[float],
    seed: int,
    progress: Progress,
    fill_all: bool = False,
) -> NDArray[np.intp]:
    """The part of each row: (rows,), rows of one group in one part.

    groups : (rows,) indices of the groups. strata : (rows,) class or stratum indices, 0 for all where
    nothing is stratified. fractions : of the rows for parts 1, 2, …; part 0 gets the rest.
    fill_all : whether every part is to have a group, where there are as many, whatever the fractions.

    Groups come by size, the largest first, equal ones in random order. Each goes to the part whose missing
    rows of the classes it fills best, among the parts in which it has room; where it has room in none, to the
    part that misses most rows. So no part has more rows above or below its fraction than the largest group.
    Part 0 gets a group in any case.
    Reference: scikit-learn, StratifiedGroupKFold, which orders by the variance of the classes and has parts
    of one size.
    """
    rows = len(groups)
    if not rows:
        return np.zeros(0, np.intp)
    held = np.minimum(np.floor(rows * np.asarray(fractions) + 0.5), rows)
    wanted = np.concatenate([[rows - held.sum()], held])
    count, classes = int(groups.max()) + 1, int(strata.max()) + 1
    pairs, numbers = np.unique(groups * classes + strata, return_counts=True)
    sizes = np.bincount(groups, minlength=count)
    progress.check()
    shuffled = np.random.default_rng(seed).permutation(count)
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    totals = np.bincount(strata, minlength=classes)
    # What each part misses of each class. A class counts by its rarity, as its fractions are to be met, too.
    missing = np.outer(wanted / rows, totals)
    weights = 1.0 / np.maximum(totals, 1) ** 2
    starts = np.searchsorted(pairs, np.arange(count) * classes)
    ends = np.append(starts[1:], len(pairs))
    places = np.zeros(count, np.intp)
    room = wanted.astype(float)
    empty = set(range(len(wanted))) if fill_all else set()
    for step, group in enumerate(order[:MOST_WEIGHED].tolist()):
        if step % 512 == 0:
            progress.check()
        found = slice(starts[group], ends[group])
        columns, have = pairs[found] % classes, numbers[found]
        fit = missing[:, columns] @ (weights[columns] * have)
        if len(empty) >= count - step:
            place = max(empty, key=lambda one: fit[one])
        else:
            place = _place(room, int(sizes[group]), fit, step)
        empty.discard(place)
        places[group] = place
        room[place] -= sizes[group]
        missing[place, columns] -= have
    _fill(places, order[MOST_WEIGHED:], sizes, room)
    return places[groups]


def _place(room: NDArray[np.float64], size: int, fit: NDArray[np.float64], step: int) -> int:
    """The part for a group of so many rows. room : rows that parts still miss; fit : how well it fits."""
    if step == 0 and room[0] < size:
        return 0
    fitting = np.flatnonzero(room >= size)
    return int(room.argmax()) if not len(fitting) else int(fitting[fit[fitting].argmax()])


def _fill(
    places: NDArray[np.intp], groups: NDArray[np.intp], sizes: NDArray[np.intp], room: NDArray[np.float64]
) -> None:
    """Cut many small groups, in their order, where the parts' room ends."""
    # By size they are in order, and in random order within a size: each size is cut by itself.
    for size in np.unique(sizes[groups]).tolist():
        same = groups[sizes[groups] == size]
        left = room.clip(0.0)
        counts = np.floor(len(same) * left / max(left.sum(), 1.0)).astype(np.intp)
        for _ in range(len(same) - int(counts.sum())):
            counts[int((room - counts * size).argmax())] += 1
        places[same] = np.repeat(np.arange(len(room)), counts)
        room -= counts * size
