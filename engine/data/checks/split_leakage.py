"""Split leakage: rows of the same group, or of the same time, that a random split puts in several parts."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.checked_table import TRAINING, UNUSED, CheckedTable
from engine.data.checks.finding import Finding
from engine.data.checks.identifiers import is_identifier_name, is_whole
from engine.data.checks.remedies import SplitByGroup, SplitInOrder
from engine.data.columns.encoded_texts import MISSING, Indices, count_indices
from engine.data.columns.roles import role_of
from engine.data.columns.texts import holds_dates, listed, value_indices
from engine.data.columns.types import FEWEST_ROWS
from engine.data.splitting.partition import table_names_parts
from engine.data.table import TEXT_KINDS, Column

FEWEST_GROUPS, SMALLEST_GROUP, LARGEST_GROUP = 10, 2, 100
"""Values of a column that names groups, and how many rows each of them has on average."""

TOGETHER = 0.95
"""Fraction of the groups within which a column has one value, so that it belongs to the group."""

AGREEING = 0.7
"""Where two rows agree in a column with a larger probability, that all of a group agree says nothing."""

GROUP_NAME = re.compile(
    r"(patient|subject|person|customer|client|user|session|household|family|device|machine|sensor|batch|lot|"
    r"participant|animal|speaker|author|school|student|hospital)",
    re.IGNORECASE,
)

TIME_NAME = re.compile(r"(date|time|stamp|year|month|day|datum|zeit|jahr)", re.IGNORECASE)

FEWEST_TIMES = 30
"""Different times in a column that orders the rows."""

ORDERED = 0.99
"""Fraction of the rows that are no earlier than the one before."""

MOST_COMPARED = 2_000
"""So many rows, evenly spread, tell whether the times rise."""


def groups(checked: CheckedTable) -> Iterator[Finding]:
    """Columns that name whom or what several rows are of, while rows of one are in several parts."""
    settings = checked.settings
    if settings.group is not None or settings.time is not None or settings.split.in_order:
        return
    for column in _beside_target(checked) if checked.rows >= FEWEST_ROWS else ():
        checked.progress.check()
        if column.kind not in ("category", "code", "number"):
            continue
        present = column.rows - column.missing
        if column.distinct < FEWEST_GROUPS or not (
            SMALLEST_GROUP * column.distinct <= present <= LARGEST_GROUP * column.distinct
        ):
            continue
        named = is_identifier_name(column.name) or bool(GROUP_NAME.search(column.name))
        if not named and column.kind == "number":
            continue
        if column.kind == "number" and not is_whole(column):
            continue
        indices = value_indices(column, checked.here)
        belonging = _belonging(checked, column, indices)
        if not named and len(belonging) < 2:
            continue
        yield from _spread(checked, column, indices, belonging)


def _spread(
    checked: CheckedTable, column: Column, indices: Indices, belonging: Sequence[str]
) -> Iterator[Finding]:
    parts = checked.part_of_rows
    count = int(indices.max()) + 1
    trained = count_indices(indices[parts == TRAINING], count) > 0
    held = (parts != TRAINING) & (parts != UNUSED)
    held_out = count_indices(indices[held], count) > 0
    both, of = int((trained & held_out).sum()), int((trained | held_out).sum())
    if not both:
        return
    rows = int((held & (indices != MISSING) & trained[indices]).sum())
    change = "changes" if len(belonging) == 1 else "change"
    together = f" {listed(belonging, 3)} hardly {change} within one value." if belonging else ""
    yield Finding(
        "group_leakage",
        f"{both:,} of {of:,} values of “{column.name}” are in training and in validation or test, with "
        f"{rows:,} rows held out: a model can know them again instead of learning.{together} Keep the rows "
        "of one value in the same part.",
        (column.name,),
        "Groups in several parts",
        "serious" if belonging else "warning",
        count=rows,
        # Parts that are named stay as they are.
        remedies=() if table_names_parts(checked.settings) else (SplitByGroup(column.name),),
    )


def _beside_target(checked: CheckedTable) -> Iterator[Column]:
    """Columns that are inputs or ignored: not predicted, and not what guides the split or the weights."""
    target = None if checked.target is None else checked.target.name
    for column in checked.table.columns:
        if role_of(checked.settings, column.name, target) in ("input", "ignored"):
            yield column


def _belonging(checked: CheckedTable, group: Column, indices: Indices) -> list[str]:
    """Columns with one value within nearly every group, though there are fewer of them than groups."""
    found = []
    known = np.flatnonzero(indices != MISSING)
    order = known[np.argsort(indices[known], kind="stable")]
    starts = np.flatnonzero(np.diff(indices[order], prepend=-2))
    for column in islice(_beside_target(checked), 200):
        checked.progress.check()
        if column is group or column.kind == "image" or column.distinct < 2:
            continue
        if column.distinct >= group.distinct or column.missing > column.rows / 2:
            continue
        values = column.texts.indices if column.holds_texts else np.nan_to_num(column.values)
        own = values[order]
        _, times = np.unique(own, return_counts=True)
        if ((times / len(own)) ** 2).sum() > AGREEING:
            continue
        same = np.maximum.reduceat(own, starts) == np.minimum.reduceat(own, starts)
        if same.mean() >= TOGETHER:
            found.append(column.name)
    return found


def time_order(checked: CheckedTable) -> Iterator[Finding]:
    """A column of times that rise with the rows, while rows are assigned to parts at random."""
    settings = checked.settings
    if settings.split.in_order or settings.time is not None or table_names_parts(settings):
        return
    for column in _beside_target(checked) if checked.rows >= FEWEST_TIMES else ():
        if column.kind in ("image", "boolean"):
            continue
        if column.distinct < FEWEST_TIMES or column.missing > 0.1 * column.rows:
            continue
        if column.kind in TEXT_KINDS and not holds_dates(column):
            continue
        if column.kind == "number" and not TIME_NAME.search(column.name):
            continue
        if _rises(column):
            yield Finding(
                "time_leakage",
                f"“{column.name}” rises with the rows, but rows are split at random: the model is checked on "
                "times that lie between those it has learned. If it is to predict what comes later, split in "
                "order: training takes the first rows, test the last ones.",
                (column.name,),
                "Ordered in time",
                "warning",
                remedies=(SplitInOrder(),),
            )
            return


def _rises(column: Column) -> bool:
    rows = np.unique(np.linspace(0, column.rows - 1, MOST_COMPARED).astype(np.intp))
    part = column.take(rows)
    if not part.holds_texts:
        values = part.values[~np.isnan(part.values)]
        return bool(np.mean(np.diff(values) >= 0) >= ORDERED) and len(values) > 1 and values[-1] > values[0]
    texts = [text for text in part.texts.decoded(part.texts.indices).tolist() if text is not None]
    return any(_mostly_rising(keys) for keys in _time_keys(texts))


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _time_keys(texts: Sequence[str]) -> Iterator[NDArray[np.float64]]:
    """What the texts are ordered by as times: with the year first, the day first, or the month first."""
    numbers = []
    for text in texts:
        lower = text.lower()
        for month, name in enumerate(MONTHS, 1):
            lower = re.sub(rf"{name}[a-z]*\.?", f" {month} ", lower)
        numbers.append([int(digits) for digits in re.findall(r"\d+", lower)[:6]])
    for year, month, day in ((0, 1, 2), (2, 1, 0), (2, 0, 1)):
        keys = [
            (((one[year] * 13 + one[month]) * 32 + one[day]) * 86400.0 + _seconds(one[3:]))
            for one in numbers
            if len(one) >= 3
        ]
        yield np.array(keys)


def _seconds(time: Sequence[int]) -> float:
    hours, minutes, seconds = (*time, 0, 0, 0)[:3]
    return min(hours * 3600.0 + minutes * 60 + seconds, 86399.0)


def _mostly_rising(keys: NDArray[np.float64]) -> bool:
    if len(keys) < FEWEST_TIMES:
        return False
    return bool(np.mean(np.diff(keys) >= 0) >= ORDERED and keys[-1] > keys[0])
