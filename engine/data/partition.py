"""Which rows of a table go to which part: by the split, without those that have no target or are left out."""

import numpy as np
from numpy.typing import NDArray

from engine.data.column_text import encoded, in_order, listed
from engine.data.settings import DataSettings
from engine.data.split import Parts, Rows, split_rows, strata
from engine.data.table import Column, Table
from engine.data.task_inference import MOST_INTEGER_CLASSES, Targets, inferred_task, rows_with_targets
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.tasks import Task


def partition(
    settings: DataSettings,
    table: Table,
    targets: Targets,
    task: Task,
    notes: list[str],
    progress: Progress,
) -> Parts:
    """The rows of the table for each part. What is left out is added to the notes.

    targets : the columns that are predicted; of labels for reconstruction. Raises UserError, and Cancelled.
    """
    target = targets[0] if targets else None
    present = rows_with_targets(() if task == "reconstruction" else targets, table.rows, notes)
    present = without_left_out(settings, present, notes)
    published = int((present >= table.rows - table.test_rows).sum()) if settings.split.published else 0
    groups = _groups(None if target is None else target.take(present), task, len(present))
    progress.check()
    parts = split_rows(settings.split, groups, task in ("classification", "binary"), published, progress)
    # A single example can be learned by heart, as textbooks do.
    if len(parts.training) < (1 if len(present) == 1 and target is not None else 2):
        raise UserError(
            f"Target “{excerpt(target.name)}”" if target is not None else "Data",
            expected="at least 2 rows to train on",
            got=str(len(parts.training)),
            help="Choose a table with more rows, or smaller shares for validation and test.",
        )
    if published and target is not None and task in ("classification", "binary"):
        _check_classes_of_test(target, present[parts.training], present[parts.test])
    for name, fraction, rows in (
        ("validation", settings.split.validation, parts.validation),
        ("test", settings.split.test, parts.test),
    ):
        if fraction and not len(rows):
            notes.append(f"There are too few rows for a {name} part.")
    return Parts(present[parts.training], present[parts.validation], present[parts.test])


def without_left_out(settings: DataSettings, present: Rows, notes: list[str]) -> Rows:
    """These rows without those that a person left out."""
    if not settings.left_out:
        return present
    used = present[~np.isin(present, settings.left_out)]
    rows = len(present) - len(used)
    if rows:
        left_out = "1 row is" if rows == 1 else f"{rows:,} rows are"
        notes.append(f"{left_out} left out, as chosen.")
    return used


def _check_classes_of_test(target: Column, training: Rows, test: Rows) -> None:
    """A published test part may have classes without training examples."""
    texts = encoded(target)
    unknown = in_order(texts.take(test).tally().keys() - texts.take(training).tally().keys())
    if unknown:
        raise UserError(
            f"Target “{excerpt(target.name)}”",
            expected="rows of every class to train on",
            got=f"{listed(unknown, 3)} in the published test part alone",
            help="Switch off the published test part in the data panel, so that rows of every class are "
            "dealt to training, or take these rows out.",
        )


def _groups(target: Column | None, task: Task, rows: int) -> NDArray[np.intp]:
    """For each row the index of its class or stratum; 0 where there is nothing to stratify by."""
    if target is None or target.kind == "image":
        return np.zeros(rows, np.intp)
    labels = task == "reconstruction"
    if task == "regression" or (labels and inferred_task(target) == "regression"):
        return strata(target.values)
    # Labels, unlike classes, need not repeat: with names as groups, no row could be held out.
    if labels and target.distinct > MOST_INTEGER_CLASSES:
        return np.zeros(rows, np.intp)
    texts = encoded(target)
    names = in_order(texts.tally())
    indices: dict[str | None, int] = {name: index for index, name in enumerate(names)}
    return texts.mapped(indices, unknown=len(names))
