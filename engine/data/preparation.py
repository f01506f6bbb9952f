"""From table columns to the network's numbers and back: fitted on the training part, saved with a model."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array, IntegerEncodedColumn, Shape, Targets
from engine.data.categorical_encoders import IntegerInput
from engine.data.column_text import listed
from engine.data.input_decoding import reconstructed
from engine.data.input_encoders import AnyInput, ImageInput, NumberInput, fit_input
from engine.data.settings import Categories, Missing, Scaling
from engine.data.stored_arrays import LARGE_BYTES, filled_in_blocks
from engine.data.table import Column, Fitted, Table, misfit
from engine.data.target_encoders import (
    AnyTarget,
    MulticlassTarget,
    ReconstructionTarget,
    fit_targets,
)
from engine.errors import UserError, excerpt
from engine.progress import Progress, blocks
from engine.settings import JSONFault, read, read_json
from engine.tasks import Task

LARGEST_INPUT_BYTES = 2**33


class Preparation(Fitted):
    """Everything that has to be known of the training data to use a model: the inputs and the target.

    The inputs are either one image column, or number, yes/no and category columns side by side.
    """

    inputs: tuple[AnyInput, ...] = Field(min_length=1)
    target: AnyTarget

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
    ) -> "Preparation":
        """Fit on a table that holds the training rows and no others; raises UserError, and Cancelled.

        target, further_targets : the columns to be predicted; for reconstruction they are not read.
        """
        columns = [training.column(name) for name in inputs]
        fitted = []
        for column, step in zip(columns, (progress or Progress()).parts(len(columns)), strict=True):
            step.report(0.0)
            fitted.append(fit_input(column, scaling, missing, categories))
        if task == "reconstruction":
            _check_no_codes(fitted)
            outputs = _numbers_of(fitted)
            return cls(inputs=tuple(fitted), target=ReconstructionTarget(outputs=outputs))
        targets = [training.column(name) for name in (target, *further_targets)]
        return cls(inputs=tuple(fitted), target=fit_targets(targets, task))

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
        self, table: Table, dtype: type[np.floating[Any]] = np.float32, progress: Progress | None = None
    ) -> Array:
        """Samples for the network, (rows, *input_shape).

        Raises UserError where the table lacks columns, or holds what the model cannot take; Cancelled.
        """
        columns = self._columns_of(table)
        size = table.rows * int(np.prod(self.input_shape)) * np.dtype(dtype).itemsize
        if size > LARGEST_INPUT_BYTES:
            raise UserError(
                table.name,
                expected=f"inputs of at most {LARGEST_INPUT_BYTES / 2**30:.0f} GiB",
                got=f"{table.rows:,} rows of {int(np.prod(self.input_shape)):,} numbers",
                help="Ignore columns with many categories, or use fewer rows.",
            )
        shape, progress = (table.rows, *self.input_shape), progress or Progress()
        if size > LARGE_BYTES:
            return filled_in_blocks(
                shape,
                dtype,
                lambda rows, out: self._write([column.take(rows) for column in columns], out, Progress()),
                progress,
            )
        out: Array = np.empty(shape, dtype)
        self._write(columns, out, progress)
        return out

    def _write(self, columns: Sequence[Column], out: Array, progress: Progress) -> None:
        """Fill out (rows, *input_shape)."""
        start = 0
        steps = progress.parts(len(columns))
        for fitted, column, step in zip(self.inputs, columns, steps, strict=True):
            if isinstance(fitted, ImageInput):
                part = out
            else:
                part = out[:, start : start + len(fitted.names)]
                start += len(fitted.names)
            with np.errstate(over="ignore", invalid="ignore"):
                fitted.write(column, part, step)
            _check_finite(part, column)

    def targets(self, table: Table, dtype: type[np.floating[Any]] = np.float32) -> Targets:
        """Targets for the loss: class indices (rows,), or (rows, outputs) of 0 and 1 or standardized.

        Raises UserError.
        """
        if isinstance(self.target, ReconstructionTarget):
            return self.transform(table, dtype).reshape(table.rows, self.numbers)
        present = {column.name: column for column in table.columns}
        lacking = tuple(name for name in self.target.columns if name not in present)
        if lacking:
            raise _lacking(table, lacking)
        columns = [present[name] for name in self.target.columns]
        if isinstance(self.target, MulticlassTarget):
            return self.target.encode(*columns)
        return self.target.encode(*columns).astype(dtype)

    def examples(
        self, table: Table, dtype: type[np.floating[Any]] = np.float32, progress: Progress | None = None
    ) -> tuple[Array, Targets]:
        """Samples and targets; raises UserError, and Cancelled.

        For reconstruction the targets are a view of the samples.
        """
        inputs = self.transform(table, dtype, progress)
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
        offset, scale = self._offsets_and_scales()
        return ((values - offset) / scale).astype(dtype)

    def numbers_of_inputs(self, inputs: Array) -> NDArray[np.float64]:
        """The inverse of `inputs_of_numbers`: (points, columns) in the columns' own units."""
        offset, scale = self._offsets_and_scales()
        return inputs.astype(np.float64) * scale + offset

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

    def _offsets_and_scales(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        numbers = [fitted for fitted in self.inputs if isinstance(fitted, NumberInput)]
        if len(numbers) < len(self.inputs):
            raise ValueError("not every input is a number column")
        return (
            np.array([fitted.offset for fitted in numbers]),
            np.array([fitted.scale for fitted in numbers]),
        )

    def _columns_of(self, table: Table) -> list[Column]:
        present = {column.name: column for column in table.columns}
        lacking = tuple(name for name in self.columns if name not in present)
        if lacking:
            raise _lacking(table, lacking)
        return [present[name] for name in self.columns]


def _numbers_of(inputs: Sequence[AnyInput]) -> int:
    return sum(len(fitted.names) for fitted in inputs)


def _check_no_codes(inputs: Sequence[AnyInput]) -> None:
    for fitted in inputs:
        if isinstance(fitted, IntegerInput):
            raise codes_to_reconstruct(fitted.column)


def codes_to_reconstruct(column: str) -> UserError:
    """What is said where a column comes in as codes, and the input itself is to be learned."""
    return UserError(
        f"Column “{excerpt(column)}”",
        expected="one input per category, where the input itself is to be learned",
        got="codes, which are no quantities that could be reconstructed",
        help="Set Categories to one input per category in the data panel.",
    )


def _lacking(table: Table, names: tuple[str, ...]) -> UserError:
    found = [column.name for column in table.columns]
    columns = "columns" if len(names) > 1 else "column"
    return UserError(
        table.name,
        expected=f"the {columns} {listed(names, 12)} that the model was trained with",
        got=f"only {listed(found, 12)}",
        help="Rename or add columns: the names have to be those of the training.",
    )


def _check_finite(part: Array, column: Column) -> None:
    if all(np.isfinite(part[block]).all() for block in blocks(len(part), Progress())):
        return
    largest = float(np.nanmax(np.abs(column.values)))
    raise misfit(
        column,
        "numbers that the network's precision can hold",
        f"{largest:g}",
        "Correct these values, or ignore the column.",
    )
