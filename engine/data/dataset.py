"""A dataset: prepared arrays for training, validation and test, and everything that belongs to them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, Targets
from engine.data.columns.roles import role_in_table
from engine.data.columns.texts import listed, texts_of
from engine.data.preparation import Preparation
from engine.data.sample_weights import check_weights, sample_weights
from engine.data.settings import DataSettings
from engine.data.splitting.partition import partition
from engine.data.splitting.split import Parts, Rows
from engine.data.table import Column, Table
from engine.data.task_inference import check_targets, targets_and_task
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.tasks import Task

Range = tuple[float, float]
Plane = tuple[Range, Range]

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
    weights: NDArray[np.float64] | None = None
    """(rows,) how much each row counts in the loss and in the scores; None where all count alike."""

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
    parts: Parts | None = None,
) -> Dataset:
    """Split a table, fit the preparation on the training part alone, and apply it to all parts.

    parts : which rows each part has, where that is known already; else it follows from the settings.
    Raises UserError where target, task and columns do not allow it, and Cancelled once `progress` is
    cancelled; None where nobody watches.
    """
    progress = progress or Progress()
    progress.report(0.0, "Splitting rows")
    columns, task = targets_and_task(settings, table)
    check_targets(columns, task)
    column = columns[0] if columns else None
    # What only labels the samples is not needed in any of them.
    label, targets = (column, ()) if task == "reconstruction" else (None, columns)
    inputs = input_columns(settings, table, column)
    notes: list[str] = []
    weights = sample_weights(settings, table)
    if parts is None:
        parts = partition(settings, table, columns, task, notes, progress)
    if weights is not None:
        check_weights(settings, weights[parts.training])
    used = Table(table.name, (*inputs, *targets), decimal=table.decimal)
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
        {column.name: column for column in settings.columns},
        settings.scale_target,
    )
    progress.report(0.3, "Preparing inputs")
    step = progress.part(0.3, 0.6)
    training = _part(preparation, used, parts.training, weights, dtype, step, training=True)
    validation = _part(preparation, used, parts.validation, weights, dtype, progress.part(0.6, 0.7))
    test = _part(preparation, used, parts.test, weights, dtype, progress.part(0.7, 0.8))
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
    columns = tuple(one for one in table.columns if role_in_table(settings, one, predicted) == "input")
    if not columns:
        raise UserError(
            table.name,
            expected="at least one input column" + (" beside the target" if target is not None else ""),
            got="none that is not ignored"
            if settings.ignored or target is None
            else f"only “{excerpt(target.name)}”",
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
    preparation: Preparation,
    table: Table,
    rows: Rows,
    weights: NDArray[np.float64] | None,
    dtype: type[np.floating[Any]],
    progress: Progress,
    training: bool = False,
) -> Part:
    inputs, targets = preparation.examples(table.take(rows), dtype, progress, training)
    inputs.flags.writeable = targets.flags.writeable = False
    return Part(inputs, targets, rows, None if weights is None else weights[rows])


def _plane(preparation: Preparation, table: Table, fixed: Plane | None) -> Plane | None:
    if len(preparation.inputs) != 2 or not preparation.on_plane:
        return None
    first, second = preparation.columns
    return fixed or (_range(table.column(first)), _range(table.column(second)))


def _range(column: Column) -> Range:
    low, high = float(np.nanmin(column.values)), float(np.nanmax(column.values))
    margin = PLANE_MARGIN * (high - low) or 1.0
    return low - margin, high + margin
