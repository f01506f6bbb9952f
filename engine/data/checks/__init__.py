"""Checks a table before training on it: what is found says with numbers what it is, and what can be done.

A check is a function of the checked table that yields findings; a new one is a function in the module of
its family and a line here. Each judges all columns at once, and says the same of several columns once.
"""

from collections.abc import Callable, Iterator

import numpy as np

from engine.data.checks import (
    duplicates,
    empty_and_constant,
    identifiers,
    nearly_numbers,
    number_distributions,
    precision,
    split_leakage,
    target,
    target_leakage,
    units,
)
from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.finding import SEVERITIES, Finding
from engine.data.columns.roles import role_in_table
from engine.data.settings import DataSettings
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task

Check = Callable[[CheckedTable], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    target_leakage.gives_away,
    split_leakage.groups,
    split_leakage.time_order,
    empty_and_constant.empty,
    empty_and_constant.constant,
    nearly_numbers.nearly_numbers,
    identifiers.row_number,
    identifiers.dates,
    identifiers.identifier,
    identifiers.many_categories,
    empty_and_constant.mostly_missing,
    empty_and_constant.infinite,
    target.missing_target,
    target.rare_classes,
    target.imbalance,
    target.few_rows,
    number_distributions.sentinels,
    units.mixed_units,
    number_distributions.outliers,
    duplicates.duplicate_rows,
    duplicates.duplicate_columns,
    identifiers.code_numbers,
    precision.float32,
    empty_and_constant.nearly_constant,
    number_distributions.skew,
    empty_and_constant.unknown_columns,
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
    checked = CheckedTable(table, used, kept, settings, named, task, inputs, progress)
    found: list[Finding] = []
    for number, check in enumerate(CHECKS):
        progress.report(number / len(CHECKS))
        # Steps and ranges of numbers near the largest float64 are infinite, which is large enough to compare.
        with np.errstate(over="ignore"):
            found.extend(check(checked))
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))
