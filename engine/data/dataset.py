"""A dataset: prepared arrays for training, validation and test, and everything that belongs to them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, Targets
from engine.data.column_text import listed, texts_of
from engine.data.input_encoders import NumberInput
from engine.data.partition import partition
from engine.data.preparation import Preparation
from engine.data.roles import role_in_table
from engine.data.settings import DataSettings
from engine.data.split import Rows
from engine.data.table import Column, Table
from engine.data.task_inference import (
    check_targets,
    targets_and_task,
)
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.tasks import Task

Range = tuple[float, float]

PLANE_MARGIN = 0.1
"""How far the plane of two inputs extends beyond the points, as a fraction of their range."""


@dataclass(frozen=True)
class Part:
    """Prepared arrays of some rows; read-only."""

    inputs: Array
    """(rows, *input_shape)"""
    targets: Targets
    """(rows, outputs), or class indices (rows,)."""
    rows: Rows
    """Which rows of the table these are, from 0."""

    @property
    def rows_count(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Dataset:
    """The prepared data that a network is trained and evaluated on."""

    name: str
    preparation: Preparation
    training: Part
    validation: Part
    test: Part
    label: Column | None
    """For reconstruction: a column that labels the rows of the table, for display only."""
    plane: tuple[Range, Range] | None
    """Where there are exactly two inputs, both numbers: the ranges of x₁ and x₂ in their own units."""
    fingerprint: str
    """Of the table, not of its preparation."""
    notes: tuple[str, ...]
    """What was done to the rows, in sentences."""

    @property
    def task(self) -> Task:
        return self.preparation.task

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, (no, yes) for yes or no, empty for a number and for reconstruction."""
        return self.preparation.classes

    @property
    def target(self) -> str:
        """Names of the columns that are predicted; "input" where the samples are reconstructed."""
        return ", ".join(self.targets) or "input"

    @property
    def targets(self) -> tuple[str, ...]:
        """Each column that is predicted, in the order of the outputs; none for reconstruction."""
        return self.preparation.target.columns

    @property
    def outputs(self) -> int:
        """Outputs of the network: one per class, one, or as many as a sample has numbers."""
        return self.preparation.outputs

    @property
    def input_shape(self) -> Shape:
        return self.preparation.input_shape

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """What each number of a flattened sample is."""
        return self.preparation.feature_names

    @cached_property
    def rows_digest(self) -> str:
        """SHA-256 of the row indices of each part, to compare splits."""
        digest = hashlib.sha256()
        for part in (self.training, self.validation, self.test):
            digest.update(np.asarray(part.rows, dtype="<i8").tobytes())
        return digest.hexdigest()

    def part(self, name: str) -> Part:
        """The part "training", "validation" or "test"; KeyError for any other name."""
        return {"training": self.training, "validation": self.validation, "test": self.test}[name]

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Outputs or targets (…, outputs) as the targets' own numbers (regression); else unchanged."""
        return self.preparation.in_target_units(outputs)

    def label_texts(self, rows: Rows) -> tuple[str, ...]:
        """The labels of these rows of the table, "" where none is known."""
        if self.label is None:
            return ("",) * len(rows)
        return tuple(text or "" for text in texts_of(self.label.take(rows)))

    def plane_inputs(self, points: NDArray[np.floating[Any]]) -> Array:
        """Network inputs for points (points, 2) given in the inputs' own units; only where `plane` is set."""
        return self.preparation.inputs_of_numbers(points, self.training.inputs.dtype.type)

    def plane_points(self, part: str) -> NDArray[np.float64]:
        """The samples of a part as points (rows, 2) in the inputs' own units; only where `plane` is set."""
        return self.preparation.numbers_of_inputs(self.part(part).inputs)


def prepare(
    settings: DataSettings,
    table: Table,
    dtype: type[np.floating[Any]] = np.float32,
    progress: Progress | None = None,
) -> Dataset:
    """Split a table, fit the preparation on the training part alone, and apply it to all parts.

    Raises UserError where target, task and columns do not allow it, and Cancelled once `progress` is
    cancelled; None where nobody watches.
    """
    progress = progress or Progress()
    progress.report(0.0, "Splitting rows")
    targets, task = targets_and_task(settings, table)
    check_targets(targets, task)
    column = targets[0] if targets else None
    # What only labels the samples is not needed in any of them.
    label, targets = (column, ()) if task == "reconstruction" else (None, targets)
    inputs = input_columns(settings, table, column)
    notes: list[str] = []
    parts = partition(settings, table, targets if label is None else (label,), task, notes, progress)
    used = Table(table.name, (*inputs, *targets))
    progress.report(0.1, "Fitting the preparation")
    preparation = Preparation.fit(
        used.take(parts.training),
        tuple(column.name for column in inputs),
        targets[0].name if targets else "",
        task,
        settings.scaling,
        settings.missing,
        settings.categories,
        progress.part(0.1, 0.3),
        tuple(target.name for target in targets[1:]),
    )
    progress.report(0.3, "Preparing inputs")
    training = _part(preparation, used, parts.training, dtype, progress.part(0.3, 0.6))
    validation = _part(preparation, used, parts.validation, dtype, progress.part(0.6, 0.7))
    test = _part(preparation, used, parts.test, dtype, progress.part(0.7, 0.8))
    progress.report(0.8, "Computing the fingerprint of the data")
    return Dataset(
        table.name,
        preparation,
        training=training,
        validation=validation,
        test=test,
        label=label,
        plane=_plane(preparation, used, settings.source.plane),
        fingerprint=table.compute_fingerprint(progress.part(0.8, 1.0)),
        notes=tuple(notes),
    )


def input_columns(settings: DataSettings, table: Table, target: Column | None) -> tuple[Column, ...]:
    """The columns that are inputs: neither target nor ignored. Raises UserError where they cannot be used."""
    predicted = None if target is None else target.name
    columns = tuple(
        column for column in table.columns if role_in_table(settings, column, predicted) == "input"
    )
    if not columns:
        raise UserError(
            table.name,
            expected="at least one input column" + (" beside the target" if target is not None else ""),
            got=f"only “{excerpt(target.name)}”"
            if target and not settings.ignored
            else "none that is not ignored",
            help="Use more columns." if settings.ignored else "Choose a table with more columns.",
        )
    images = [column.name for column in columns if column.kind == "image"]
    if images and len(columns) > 1:
        others = [column.name for column in columns if column.name != images[0]]
        raise UserError(
            f"{table.name}, column “{excerpt(images[0])}”",
            expected="images as the only input",
            got=f"{listed(others)} beside them",
            help="Ignore either the images or the other columns.",
        )
    return columns


def _part(
    preparation: Preparation, table: Table, rows: Rows, dtype: type[np.floating[Any]], progress: Progress
) -> Part:
    inputs, targets = preparation.examples(table.take(rows), dtype, progress)
    inputs.flags.writeable = targets.flags.writeable = False
    return Part(inputs, targets, rows)


def _plane(
    preparation: Preparation, table: Table, fixed: tuple[Range, Range] | None
) -> tuple[Range, Range] | None:
    fitted = preparation.inputs
    if len(fitted) != 2 or not all(isinstance(one, NumberInput) for one in fitted):
        return None
    x, y = fixed or (_range(table.column(one.column)) for one in fitted)
    return x, y


def _range(column: Column) -> Range:
    lowest, highest = float(np.nanmin(column.values)), float(np.nanmax(column.values))
    margin = PLANE_MARGIN * (highest - lowest) or 1.0
    return lowest - margin, highest + margin
