"""From table columns to the network's numbers and back: fitted on the training part, saved with a model."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array, IntegerEncodedColumn, Shape, Targets
from engine.data.columns.settings import ColumnSettings
from engine.data.encoders.base import Categories, Missing, NumericInput, Scaling, TargetValues
from engine.data.encoders.category_inputs import IntegerInput
from engine.data.encoders.inputs import AnyInput, ImageInput, fit_input
from engine.data.encoders.target_encoding import TargetInput
from engine.data.encoders.targets import (
    AnyTarget,
    MulticlassTarget,
    ReconstructionTarget,
    fit_targets,
    target_values,
)
from engine.data.input_arrays import reconstructed, write_inputs
from engine.data.preparation_checks import check_restorable, lacking_columns
from engine.data.stored_arrays import LARGE_BYTES, LARGE_HELD_OUT_BYTES, filled_in_blocks
from engine.data.table import Column, Fitted, Table
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import JSONFault, read, read_json
from engine.tasks import Task

LARGEST_INPUT_BYTES = 2**33


class Preparation(Fitted):
    """Everything that has to be known of the training data to use a model: the inputs and the target.

    The inputs are either one image column, or number, yes/no and category columns side by side.
    """

    unsaved_defaults: ClassVar[frozenset[str]] = frozenset({"decimal"})

    inputs: tuple[AnyInput, ...] = Field(min_length=1)
    target: AnyTarget
    decimal: Literal[".", ","] | None = None
    """The decimal mark that the text of the training table shows; None where it shows none."""

    @model_validator(mode="after")
    def _fit_together(self) -> "Preparation":
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("a different column for each input")
        if len(self.columns) > 1 and any(isinstance(fitted, ImageInput) for fitted in self.inputs):
            raise ValueError("images as the only input")
        if self.encoded_columns and isinstance(self.target, ReconstructionTarget):
            raise ValueError("no codes, as they are no quantities that could be reconstructed")
        if isinstance(self.target, ReconstructionTarget) and self.target.outputs != self.numbers:
            raise ValueError(f"{self.numbers} outputs, one for each number of a sample")
        return self

    @classmethod
    def fit(
        cls,
        training: Table,
        inputs: tuple[str, ...],
        target: str,
        task: Task,
        scaling: Scaling,
        missing: Missing,
        categories: Categories = "one_hot",
        progress: Progress | None = None,
        further_targets: tuple[str, ...] = (),
        settings: Mapping[str, ColumnSettings] = MappingProxyType({}),
        scale_target: bool = True,
    ) -> "Preparation":
        """Fit on a table that holds the training rows and no others; raises UserError, and Cancelled.

        target, further_targets : the columns to be predicted; for reconstruction they are not read.
        settings : what is chosen for single columns, by name. scale_target : whether a number to be predicted
        is standardized.
        """
        columns = [training.column(name) for name in inputs]
        fitted_target, values = None, None
        if task != "reconstruction":
            targets = [training.column(name) for name in (target, *further_targets)]
            fitted_target = fit_targets(targets, task, scale_target)
            if any(one.preparation is not None and one.preparation.needs_target for one in settings.values()):
                values = target_values(fitted_target, targets)
        fitted = []
        for column, step in zip(columns, (progress or Progress()).parts(len(columns)), strict=True):
            step.report(0.0)
            chosen = settings.get(column.name)
            fitted.append(fit_input(column, scaling, missing, categories, chosen, values))
        if fitted_target is None:
            check_restorable(fitted)
            outputs = _numbers_of(fitted)
            own = ReconstructionTarget(outputs=outputs)
            return cls(inputs=tuple(fitted), target=own, decimal=training.decimal)
        return cls(inputs=tuple(fitted), target=fitted_target, decimal=training.decimal)

    @property
    def task(self) -> Task:
        return self.target.task

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, (no, yes) for yes or no, empty for a number and for reconstruction."""
        return self.target.classes

    @property
    def outputs(self) -> int:
        """Outputs of the network: one per class, one, or as many as a sample has numbers."""
        return self.target.outputs

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table columns that are inputs."""
        return tuple(fitted.column for fitted in self.inputs)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What each number of a sample is, in the order of the flattened sample."""
        return tuple(name for fitted in self.inputs for name in fitted.names)

    @property
    def encoded_columns(self) -> tuple[IntegerEncodedColumn, ...]:
        """The inputs that are integer-encoded categories."""
        found, position = [], 0
        for fitted in self.inputs:
            if isinstance(fitted, ImageInput):
                return ()
            if isinstance(fitted, IntegerInput):
                found.append(IntegerEncodedColumn(position, fitted.cardinality))
            position += len(fitted.names)
        return tuple(found)

    @property
    def numbers(self) -> int:
        """How many numbers a sample has."""
        return _numbers_of(self.inputs)

    @property
    def input_shape(self) -> Shape:
        """(height, width, channels) for an image, else (numbers,)."""
        first = self.inputs[0]
        return first.shape if isinstance(first, ImageInput) else (len(self.feature_names),)

    def transform(
        self,
        table: Table,
        dtype: type[np.floating[Any]] = np.float32,
        progress: Progress | None = None,
        training: bool = False,
    ) -> Array:
        """Samples for the network, (rows, *input_shape).

        training : whether these are the rows on which the preparation was fitted, in the same order: what
        has learned from their targets then keeps each row's own target out of its inputs.
        Raises UserError where the table lacks columns, or holds what the model cannot take; Cancelled.
        """
        columns = _columns_of(table, self.columns)
        size = table.rows * int(np.prod(self.input_shape)) * np.dtype(dtype).itemsize
        if size > LARGEST_INPUT_BYTES:
            raise UserError(
                table.name,
                expected=f"inputs of at most {LARGEST_INPUT_BYTES / 2**30:.0f} GiB",
                got=f"{table.rows:,} rows of {int(np.prod(self.input_shape)):,} numbers",
                help="Ignore columns with many categories, or use fewer rows.",
            )
        shape, progress = (table.rows, *self.input_shape), progress or Progress()
        values = self._training_values(table) if training else None
        # What learns from the targets of other rows needs all of them at once.
        if size > (LARGE_BYTES if training else LARGE_HELD_OUT_BYTES) and values is None:
            return filled_in_blocks(
                shape,
                dtype,
                lambda rows, out: write_inputs(
                    self.inputs, [column.take(rows) for column in columns], out, Progress()
                ),
                progress,
            )
        out: Array = np.empty(shape, dtype)
        write_inputs(self.inputs, columns, out, progress, training, values)
        return out

    def targets(self, table: Table, dtype: type[np.floating[Any]] = np.float32) -> Targets:
        """Targets for the loss: class indices (rows,), or (rows, outputs) of 0 and 1 or standardized.

        Raises UserError.
        """
        if isinstance(self.target, ReconstructionTarget):
            return self.transform(table, dtype).reshape(table.rows, self.numbers)
        columns = _columns_of(table, self.target.columns)
        if isinstance(self.target, MulticlassTarget):
            return self.target.encode(*columns)
        return self.target.encode(*columns).astype(dtype)

    def examples(
        self,
        table: Table,
        dtype: type[np.floating[Any]] = np.float32,
        progress: Progress | None = None,
        training: bool = False,
    ) -> tuple[Array, Targets]:
        """Samples and targets; raises UserError, and Cancelled. training : see `transform`.

        For reconstruction the targets are a view of the samples.
        """
        inputs = self.transform(table, dtype, progress, training)
        if isinstance(self.target, ReconstructionTarget):
            return inputs, inputs.reshape(table.rows, self.numbers)
        return inputs, self.targets(table, dtype)

    def reconstruction(self, outputs: NDArray[np.floating[Any]]) -> tuple[Column, ...]:
        """Reconstructed samples (rows, numbers) as the columns they stand for, in their own units.

        Numbers and pixels are scaled back; yes and no from one half on; of categories the one with the
        largest output, which may be "missing".
        """
        return reconstructed(self.inputs, outputs)

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Outputs or targets (…, outputs) as the columns' own numbers (regression); else unchanged."""
        return self.target.in_target_units(outputs)

    def predictions(self, outputs: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """What predictions (rows, outputs) say: class names, or numbers in the target's units, (rows,).

        Of several targets: (rows, outputs).
        """
        return self.target.decode(outputs)

    def inputs_of_numbers(
        self, values: NDArray[np.floating[Any]], dtype: type[np.floating[Any]] = np.float32
    ) -> Array:
        """Samples for points given in the columns' own units, (points, columns), in the order of `columns`.

        Raises ValueError unless every input is a number column.
        """
        own = np.asarray(values, np.float64)
        made = [fitted.inputs_of(own[:, place]) for place, fitted in enumerate(self._numeric_inputs())]
        return np.column_stack(made).astype(dtype)

    def numbers_of_inputs(self, inputs: Array) -> NDArray[np.float64]:
        """The inverse of `inputs_of_numbers`: (points, columns) in the columns' own units."""
        own = inputs.astype(np.float64)
        made = [fitted.inverse(own[:, place]) for place, fitted in enumerate(self._numeric_inputs())]
        return np.column_stack(made)

    def to_json(self) -> str:
        """Text that `from_json` reads back to an equal Preparation, every float bit by bit."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> "Preparation":
        """Read what `to_json` wrote; raises UserError."""
        try:
            values = read_json(text)
        except JSONFault:
            raise UserError(
                where,
                expected="a preparation in JSON",
                got="something else",
                help="The file is damaged: use another copy.",
            ) from None
        return read(cls, values, where)

    @property
    def on_plane(self) -> bool:
        """Whether each input is a number column that becomes one number."""
        return all(
            isinstance(fitted, NumericInput) and fitted.of_numbers and not fitted.flagged
            for fitted in self.inputs
        )

    def _numeric_inputs(self) -> list[NumericInput]:
        if not self.on_plane:
            raise ValueError("not every input is a number column")
        return [fitted for fitted in self.inputs if isinstance(fitted, NumericInput)]

    def _training_values(self, table: Table) -> TargetValues | None:
        if isinstance(self.target, ReconstructionTarget):
            return None
        if not any(isinstance(fitted, TargetInput) for fitted in self.inputs):
            return None
        return target_values(self.target, _columns_of(table, self.target.columns))


def _columns_of(table: Table, names: Sequence[str]) -> list[Column]:
    present = {column.name: column for column in table.columns}
    lacking = tuple(name for name in names if name not in present)
    if lacking:
        raise lacking_columns(table, lacking)
    return [present[name] for name in names]


def _numbers_of(inputs: Sequence[AnyInput]) -> int:
    return sum(len(fitted.names) for fitted in inputs)
