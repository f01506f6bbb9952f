"""Which rows of a table are for training, validation and test, by all that a person has decided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.texts import encoded, in_order, listed
from engine.data.sample_weights import named_column, sample_weights
from engine.data.settings import DataSettings
from engine.data.splitting.groups import group_indices
from engine.data.splitting.named_parts import LEFT_OUT, named_parts
from engine.data.splitting.split import (
    FREE,
    TEST,
    VALIDATION,
    Assigned,
    Integers,
    Parts,
    Rows,
    bin_into_strata,
    split_rows,
)
from engine.data.splitting.times import times_of
from engine.data.table import Column, Table
from engine.data.task_inference import MOST_INTEGER_CLASSES, Targets, inferred_task, rows_with_targets
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.tasks import Task

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class RowFacts:
    """What is known of the rows that can be used, before they are split; arrays have one entry for each.

    present : their indices in the table. strata : class indices, or strata of a number.
    fixed : the part, where a column, a file or the publisher names it; None where nothing does.
    groups, times : None where no column has that role.
    """

    present: Rows
    strata: Integers
    classes: bool
    fixed: Assigned | None
    groups: Integers | None
    times: NDArray[np.float64] | None


def row_facts(
    settings: DataSettings, table: Table, targets: Targets, task: Task, notes: list[str]
) -> RowFacts:
    """What is known of the rows. targets : the columns that are predicted; of labels for reconstruction.

    Raises UserError where a column that has a role is not there, or its values do not suit.
    notes : which rows are left out is added.
    """
    target = targets[0] if targets else None
    usable = np.zeros(table.rows, bool)
    having = rows_with_targets(() if task == "reconstruction" else targets, table.rows, notes)
    usable[without_left_out(settings, having, notes)] = True
    fixed = _fixed(settings, table, notes)
    if fixed is not None:
        usable &= fixed != LEFT_OUT
    times = None
    if settings.time is not None:
        times = times_of(named_column(table, settings.time, "time"))
        usable &= _with_time(settings.time, times, fixed, notes)
    present = np.flatnonzero(usable)
    groups = None
    if settings.group is not None:
        groups = group_indices(named_column(table, settings.group, "group"))[present]
    return RowFacts(
        present,
        _strata(None if target is None else target.take(present), task, len(present)),
        task in ("classification", "binary"),
        None if fixed is None else fixed[present],
        groups,
        None if times is None else times[present],
    )


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


def partition(
    settings: DataSettings,
    table: Table,
    targets: Targets,
    task: Task,
    notes: list[str],
    progress: Progress,
) -> Parts:
    """The rows of the table for each part. What each got is added to the notes, unless it is by fractions."""
    facts = row_facts(settings, table, targets, task, notes)
    progress.check()
    found = split_rows(
        settings.split,
        facts.strata,
        facts.classes,
        progress=progress,
        fixed=facts.fixed,
        groups=facts.groups,
        times=facts.times,
    )
    parts = Parts(*(facts.present[rows] for rows in (found.training, found.validation, found.test)))
    check_parts(settings, targets, task, facts, parts)
    for name, fraction, rows in (
        ("validation", settings.split.validation, parts.validation),
        ("test", settings.split.test, parts.test),
    ):
        if fraction and not len(rows):
            too_few = "rows" if facts.times is None else "different times"
            too_few = too_few if facts.groups is None else "groups"
            notes.append(f"There are too few {too_few} for a {name} part.")
    notes += _in_words(settings, table, facts, found)
    return parts


def check_roles(settings: DataSettings, table: Table) -> None:
    """Raise UserError where the column of a role that guides the split or the weights does not suit it."""
    sample_weights(settings, table)
    if settings.group is not None:
        group_indices(named_column(table, settings.group, "group"))
    if settings.time is not None:
        times_of(named_column(table, settings.time, "time"))
    if settings.part is not None:
        named_parts(named_column(table, settings.part, "part"), settings.split, [])


def check_parts(settings: DataSettings, targets: Targets, task: Task, facts: RowFacts, parts: Parts) -> None:
    """Raise UserError where the training part is too small, or lacks a class that another part has."""
    target = targets[0] if targets else None
    # A single example can be learned by heart, as textbooks do.
    if len(parts.training) < (1 if len(facts.present) == 1 and target is not None else 2):
        raise UserError(
            f"Target “{excerpt(target.name)}”" if target is not None else "Data",
            expected="at least 2 rows to train on",
            got=str(len(parts.training)),
            help="Choose a table with more rows, or smaller shares for validation and test.",
        )
    ordered = facts.times is not None or (settings.split.in_order and facts.groups is not None)
    if target is not None and task in ("classification", "binary") and (facts.fixed is not None or ordered):
        held_out = np.concatenate([parts.validation, parts.test])
        _check_classes(settings, target, parts.training, held_out, ordered)


def _with_time(
    name: str, times: NDArray[np.float64], fixed: Assigned | None, notes: list[str]
) -> NDArray[np.bool_]:
    """Rows with a time, and those that need none, as their part is known already."""
    known: NDArray[np.bool_] = ~np.isnan(times)
    if fixed is not None:
        known |= (fixed == VALIDATION) | (fixed == TEST)
    left_out = int(len(known) - known.sum())
    if left_out:
        rows = "1 row was" if left_out == 1 else f"{left_out:,} rows were"
        notes.append(f"{rows} left out, because “{excerpt(name)}” has no time there.")
    return known


def _fixed(settings: DataSettings, table: Table, notes: list[str]) -> Assigned | None:
    """The part of each row of the table that is known; None where nothing names one."""
    supplied = table.test_rows if settings.split.published or table.separate_test else 0
    if not supplied and not table.validation_rows and settings.part is None:
        return None
    fixed: Assigned = np.full(table.rows, FREE, np.int8)
    end = table.rows - table.test_rows
    if settings.part is not None:
        fixed = named_parts(named_column(table, settings.part, "part"), settings.split, notes)
    fixed[end - table.validation_rows : end] = VALIDATION
    if supplied:
        fixed[end:] = TEST
    return fixed


def table_names_parts(settings: DataSettings) -> bool:
    """Whether a column or files of their own name the parts, so that rows are not all drawn."""
    return any(one is not None for one in (settings.part, settings.validation_source, settings.test_source))


def _check_classes(
    settings: DataSettings, target: Column, training: Rows, held_out: Rows, ordered: bool
) -> None:
    """A part that is not drawn at random may have classes without training examples."""
    texts = encoded(target)
    unknown = in_order(texts.take(held_out).tally().keys() - texts.take(training).tally().keys())
    if not unknown:
        return
    if table_names_parts(settings):
        where, help = "in other parts alone", "Take these rows out, or train on some of them."
    elif ordered:
        where = "in late rows alone"
        help = "Split at random, choose smaller shares for validation and test, or take these rows out."
    else:
        where = "in the published test part alone"
        help = (
            "Switch off the published test part in the data panel, so that rows of every class are "
            "dealt to training, or take these rows out."
        )
    raise UserError(
        f"Target “{excerpt(target.name)}”",
        expected="rows of every class to train on",
        got=f"{listed(unknown, 3)} {where}",
        help=help,
    )


def _strata(target: Column | None, task: Task, rows: int) -> Integers:
    """For each row the index of its class or stratum; 0 where there is nothing to stratify by."""
    if target is None or target.kind == "image":
        return np.zeros(rows, np.intp)
    labels = task == "reconstruction"
    if task == "regression" or (labels and inferred_task(target) == "regression"):
        return bin_into_strata(target.values)
    # Labels, unlike classes, need not repeat: with names as groups, no row could be held out.
    if labels and target.distinct > MOST_INTEGER_CLASSES:
        return np.zeros(rows, np.intp)
    texts = encoded(target)
    names = in_order(texts.tally())
    indices: dict[str | None, int] = {name: index for index, name in enumerate(names)}
    return texts.mapped(indices, unknown=len(names))


def _in_words(settings: DataSettings, table: Table, facts: RowFacts, parts: Parts) -> list[str]:
    """What each part got, in sentences; none where rows are split by fractions alone."""
    found = {
        name: rows
        for name, rows in zip(PARTS, (parts.training, parts.validation, parts.test), strict=True)
        if len(rows)
    }
    words: list[str] = []
    if settings.part is not None or table.validation_rows or table.separate_test:
        counts = ", ".join(f"{len(rows):,} for {name}" for name, rows in found.items())
        words.append(f"Of {len(facts.present):,} rows, {counts}.")
        known = () if facts.fixed is None else np.unique(facts.fixed).tolist()
        drawn = [
            name
            for part, name, share in (
                (VALIDATION, "validation", settings.split.validation),
                (TEST, "test", settings.split.test),
            )
            if part not in known and share and name in found
        ]
        if drawn:
            named = " and ".join(drawn)
            words.append(f"No rows are named for {named}: rows of the others were taken for it.")
    if facts.groups is not None and settings.group is not None:
        counts = ", ".join(
            f"{len(np.unique(facts.groups[rows])):,} for {name} ({len(rows):,} rows)"
            for name, rows in found.items()
        )
        name = excerpt(settings.group)
        # What a column or a file of its own names is not moved for the sake of a group.
        met = np.concatenate([np.unique(facts.groups[rows]) for rows in found.values()])
        divided = int((np.unique(met, return_counts=True)[1] > 1).sum())
        if divided:
            words.append(
                f"{divided:,} of {len(np.unique(met)):,} groups of “{name}” are in several parts, as the "
                f"parts of their rows are given: {counts}."
            )
        else:
            words.append(f"Rows with the same “{name}” are kept together: {counts}.")
    if facts.times is not None and settings.time is not None:
        column, times = table.column(settings.time), facts.times
        ranges = ", ".join(
            f"{name} {_value_at(column, facts.present[rows[times[rows].argmin()]])} to "
            f"{_value_at(column, facts.present[rows[times[rows].argmax()]])}"
            for name, rows in found.items()
            if not np.isnan(times[rows]).any()
        )
        words.append(f"By “{excerpt(settings.time)}”: {ranges}.")
    return words


def _value_at(column: Column, row: np.intp) -> str:
    return excerpt(next(iter(encoded(column.take(np.array([row]))).all_different(Progress())), ""))
