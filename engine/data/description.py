"""Describes a table as it will be used: for the data panel, before anything is trained."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from engine.arrays import IntegerEncodedColumn, Shape
from engine.data.checks import findings
from engine.data.checks.finding import Finding, counted
from engine.data.columns.roles import role_in_table
from engine.data.columns.texts import different_texts, encoded, first_texts, usual_order, value_text
from engine.data.dataset import input_columns
from engine.data.encoders.categories import CategoryPreparation, EmbeddingCode, OneHot
from engine.data.encoders.category_inputs import MOST_CATEGORIES, MOST_CODES, category_count
from engine.data.encoders.inputs import codes_of, input_width
from engine.data.preparation_checks import codes_to_reconstruct
from engine.data.settings import DataSettings
from engine.data.splitting.partition import check_roles
from engine.data.table import TEXT_KINDS, Column, Table, Unreadable
from engine.data.task_inference import (
    MOST_CLASSES,
    check_targets,
    inferred_task,
    target_column,
    targets_and_task,
)
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.tasks import Task

MOST_SHOWN = 4
"""Categories that a column's summary names."""

MOST_LISTED = 200
"""Categories that a person would put into an order."""


@dataclass(frozen=True)
class ColumnSummary:
    """One column, and what becomes of it.

    role: one of `engine.data.columns.roles.Role` or, where the input itself is to be learned, "label".
    """

    name: str
    kind: str
    role: str
    missing: int
    distinct: int
    inputs: int
    """Numbers that it gives the network: one per category, per pixel, or one; 0 unless it is an input."""
    summary: str
    """Its values in a few words: a range, the first categories, the size of the images."""
    texts: tuple[str, ...] = ()
    """The categories of a column of texts in their usual order, also those that its source only declares;
    empty where they are more than `MOST_LISTED`.
    """


@dataclass(frozen=True)
class Description:
    """A table as it will be used. What prevents its use is in `problem`; nothing is raised."""

    name: str
    rows: int
    columns: tuple[ColumnSummary, ...]
    target: str | None
    task: Task | None
    inferred_task: Task | None
    """What the target column suggests by itself."""
    classes: tuple[tuple[str, int], ...]
    """Names and rows of the classes; empty for regression and reconstruction."""
    inputs: int
    """Numbers in a sample, all categories counted."""
    input_shape: Shape
    """Of one sample as the network gets it: (inputs,), or that of the images."""
    encoded_columns: tuple[IntegerEncodedColumn, ...]
    """The inputs that are integer-encoded categories."""
    outputs: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """What the source said when it was read."""
    problem: UserError | None
    unreadable: tuple[Unreadable, ...] = ()
    """What was left out when the table was read."""
    further_targets: tuple[str, ...] = ()
    """What is predicted beside the target."""
    published_fraction: float = 0.0
    """Fraction of the rows that are a published test part, or one of its own, whatever the split says."""
    validation_fraction: float = 0.0
    """Fraction of the rows that come from a source of their own for validation."""

    @property
    def headline(self) -> str:
        """For a panel's head: "344 rows · 6 inputs · 3 classes"."""
        used = sum(column.role == "input" for column in self.columns)
        parts = [counted(self.rows, "row"), counted(used, "input column")]
        if self.classes:
            parts.append(counted(len(self.classes), "class", "classes"))
        return " · ".join(parts)


def describe(table: Table, settings: DataSettings, progress: Progress | None = None) -> Description:
    """What is understood of a table with these settings. Takes time for large tables.

    Raises nothing but Cancelled, once `progress` is cancelled; None where nobody watches.
    """
    progress = progress or Progress()
    _count_values(table, progress.part(0.0, 0.4))
    targets: tuple[Column, ...] = ()
    task, suggested, problem = None, None, None
    with suppress(UserError):
        suggested = _suggested(target_column(settings, table))
    try:
        targets, task = targets_and_task(settings, table)
        check_targets(targets, task)
        input_columns(settings, table, targets[0] if targets else None)
        check_roles(settings, table)
    except UserError as error:
        problem = error
    target = targets[0] if targets else None
    if len(targets) > 1 and settings.task is None:
        suggested = task
    progress.report(0.4, "Describing columns")
    steps = progress.part(0.4, 0.6).parts(len(table.columns))
    outputs = target.distinct if target is not None and task == "classification" else len(targets) or 1
    summaries = tuple(
        _summary(column, _role(column, target, settings), settings, outputs, step)
        for column, step in zip(table.columns, steps, strict=True)
    )
    inputs = sum(summary.inputs for summary in summaries)
    problem = problem or _faulty_input(table, summaries, settings, task)
    keeps_test = settings.split.published or table.separate_test
    progress.report(0.6, "Checking the data")
    found = findings(table, settings, target, task, progress.part(0.6, 1.0))
    classes = tuple(_class_counts(target)) if target is not None and _has_classes(target, task) else ()
    return Description(
        name=table.name,
        rows=table.rows,
        columns=summaries,
        target=None if target is None else target.name,
        further_targets=tuple(column.name for column in targets[1:]),
        task=task,
        inferred_task=suggested,
        classes=classes,
        inputs=inputs,
        input_shape=_input_shape(table, summaries),
        encoded_columns=_encoded_columns(table, summaries, settings),
        outputs=_outputs(task, inputs, len(classes), len(targets)),
        findings=found,
        notes=table.notes,
        problem=problem,
        unreadable=table.unreadable,
        published_fraction=table.test_rows / max(table.rows, 1) if keeps_test else 0.0,
        validation_fraction=table.validation_rows / max(table.rows, 1),
    )


def _count_values(table: Table, progress: Progress) -> None:
    """Have each column count its values, which takes most of the time, and keep the counts."""
    progress.report(0.0, "Counting values")
    for column, step in zip(table.columns, progress.parts(len(table.columns)), strict=True):
        step.report(0.0)
        if column.missing < column.rows:
            step.check()
            _ = column.distinct


def _suggested(target: Column) -> Task | None:
    return None if target.kind == "image" else inferred_task(target)


def _role(column: Column, target: Column | None, settings: DataSettings) -> str:
    role = role_in_table(settings, column, None if target is None else target.name)
    return "label" if role == "target" and settings.task == "reconstruction" else role


def _summary(
    column: Column, role: str, settings: DataSettings, outputs: int, progress: Progress
) -> ColumnSummary:
    progress.check()
    inputs = 0
    if role == "input":
        chosen = settings.column(column.name)
        # What does not suit the column is told as the problem.
        with suppress(UserError):
            inputs = input_width(column, settings.missing, settings.categories, chosen, outputs)
    words = _in_words(column, progress)
    listed = column.holds_texts and max(column.distinct, len(column.levels)) <= MOST_LISTED
    texts = tuple(usual_order(column)) if listed else ()
    return ColumnSummary(
        column.name, column.kind, role, column.missing, column.distinct, inputs, words, texts
    )


def _input_shape(table: Table, summaries: tuple[ColumnSummary, ...]) -> Shape:
    for summary in summaries:
        if summary.role == "input" and summary.kind == "image":
            return table.column(summary.name).cell_shape
    return (sum(summary.inputs for summary in summaries),)


def _encoded_columns(
    table: Table, summaries: tuple[ColumnSummary, ...], settings: DataSettings
) -> tuple[IntegerEncodedColumn, ...]:
    found, position = [], 0
    for summary in summaries:
        if summary.role == "input" and summary.kind in TEXT_KINDS and summary.distinct:
            chosen = settings.column(summary.name)
            codes = codes_of(table.column(summary.name), settings.missing, settings.categories, chosen)
            if codes:
                found.append(IntegerEncodedColumn(position, codes))
        position += summary.inputs
    return tuple(found)


def _in_words(column: Column, progress: Progress) -> str:
    if column.kind == "image":
        return " × ".join(map(str, column.cell_shape))
    if column.missing == column.rows:
        return "no finite value" if column.infinite else "no values"
    if column.kind == "number":
        lowest, highest = float(np.nanmin(column.values)), float(np.nanmax(column.values))
        words = f"{lowest:.6g} … {highest:.6g}" if lowest < highest else value_text(lowest)
        return f"{words}, {column.infinite:,} infinite" if column.infinite else words
    shown = ", ".join(first_texts(column, MOST_SHOWN, progress))
    return shown if column.distinct <= MOST_SHOWN else f"{shown}, …"


def _faulty_input(
    table: Table, summaries: tuple[ColumnSummary, ...], settings: DataSettings, task: Task | None
) -> UserError | None:
    """The error that fitting the inputs would raise."""
    for summary in summaries:
        if summary.role != "input" or summary.kind == "image":
            continue
        column = table.column(summary.name)
        if summary.missing == table.rows:
            return _unfit(summary.name, "at least one value", "none")
        chosen = settings.column(column.name)
        try:
            preparation = chosen.preparation_of(column, settings.scaling, settings.categories)
            imputation = chosen.imputation_of(column, settings.missing)
        except UserError as error:
            return error
        if not isinstance(preparation, CategoryPreparation):
            continue
        coded = isinstance(preparation, EmbeddingCode)
        most = MOST_CATEGORIES if isinstance(preparation, OneHot) else MOST_CODES
        count = summary.distinct
        if preparation.pools and count > most:
            count = category_count(column, imputation, preparation.rare_rows, preparation.rare_fraction)
        if count > most:
            return _unfit(summary.name, f"at most {most:,} different texts", f"{count:,}")
        if coded and task == "reconstruction":
            return codes_to_reconstruct(summary.name)
    return None


def _unfit(column: str, expected: str, got: str) -> UserError:
    return UserError(f"Column “{excerpt(column)}”", expected=expected, got=got, help="Ignore this column.")


def _has_classes(target: Column, task: Task | None) -> bool:
    if target.kind == "image" or target.distinct > MOST_CLASSES:
        return False
    return task in ("classification", "binary")


def _class_counts(target: Column) -> Iterator[tuple[str, int]]:
    counts = encoded(target).tally()
    yield from ((name, counts[name]) for name in different_texts(target))


def _outputs(task: Task | None, inputs: int, classes: int, targets: int) -> int:
    if task == "reconstruction":
        return inputs
    return classes if task == "classification" else max(targets, 1)
