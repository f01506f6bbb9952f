"""Checks a table before training on it: what is found says with numbers what it is, and what can be done.

A check is a function of the examined table that yields findings; a new one is a function in the module of
its family and a line here. Each judges all columns at once, and says the same of several columns once.
"""

from collections.abc import Callable, Iterator

import numpy as np

from engine.data.checks import (
    columns,
    duplicates,
    identifiers,
    nearly_numbers,
    precision,
    split_leakage,
    target,
    target_leakage,
    units,
    values,
)
from engine.data.checks.examined import Examined
from engine.data.checks.finding import SEVERITIES, Finding
from engine.data.columns.roles import role_in_table
from engine.data.settings import DataSettings
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task

Check = Callable[[Examined], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    target_leakage.gives_away,
    split_leakage.groups,
    split_leakage.time_order,
    columns.empty,
    columns.constant,
    nearly_numbers.nearly_numbers,
    identifiers.row_number,
    identifiers.dates,
    identifiers.identifier,
    identifiers.many_categories,
    columns.mostly_missing,
    columns.infinite,
    target.missing_target,
    target.rare_classes,
    target.imbalance,
    target.few_rows,
    values.sentinels,
    units.mixed_units,
    values.outliers,
    duplicates.duplicate_rows,
    duplicates.duplicate_columns,
    identifiers.code_numbers,
    precision.float32,
    columns.nearly_constant,
    values.skew,
    columns.unknown_columns,
)
"""In the order in which findings of the same severity stand."""


def findings(
    table: Table,
    settings: DataSettings,
    target: Column | None,
    task: Task | None,
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """All findings, the most serious first. target : for reconstruction, what labels the samples.

    Raises Cancelled once `progress` is cancelled.
    """
    progress = progress or Progress()
    kept, used = None, table
    if settings.left_out:
        kept = np.setdiff1d(np.arange(table.rows), np.array(settings.left_out))
        used = table.take(kept)
    named = None if target is None else used.column(target.name)
    inputs = tuple(
        column
        for column in used.columns
        if role_in_table(settings, column, None if target is None else target.name) == "input"
        and column.kind != "image"
    )
    examined = Examined(table, used, kept, settings, named, task, inputs, progress)
    found: list[Finding] = []
    for number, check in enumerate(CHECKS):
        progress.report(number / len(CHECKS))
        # Steps and ranges of numbers near the largest float64 are infinite, which is large enough to compare.
        with np.errstate(over="ignore"):
            found.extend(check(examined))
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))
