"""The dimensions of prepared data: what a network has to fit, and what a good one is chosen by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.arrays import IntegerEncodedColumn, Shape
from engine.data.dataset import Dataset, input_columns
from engine.data.description import Description
from engine.data.encoders.inputs import codes_of, input_width
from engine.data.settings import DataSettings
from engine.data.splitting.settings import Split
from engine.data.table import Column, Table
from engine.data.task_inference import check_targets, rows_with_targets, targets_and_task
from engine.tasks import Task


@dataclass(frozen=True)
class DataDimensions:
    """Shape of a sample, outputs, task and rows; from the table alone or from the data as it was prepared."""

    input_shape: Shape
    """(inputs,), or (height, width, channels) of images."""
    outputs: int
    task: Task
    rows: int
    """To train on."""
    held_out_rows: int
    """To validate with."""
    encoded_columns: tuple[IntegerEncodedColumn, ...] = ()
    """The inputs that are integer-encoded categories."""

    @property
    def of_images(self) -> bool:
        """Whether a sample is an image."""
        return len(self.input_shape) == 3

    @classmethod
    def of_description(cls, description: Description, split: Split) -> "DataDimensions | None":
        """From the table alone, where nothing could be prepared; None where that does not tell."""
        if description.task is None or description.problem is not None:
            return None
        return cls(
            tuple(description.input_shape),
            description.outputs,
            description.task,
            round(description.rows * split.training),
            round(description.rows * split.validation),
            description.encoded_columns,
        )

    @classmethod
    def of_table(cls, table: Table, settings: DataSettings) -> "DataDimensions":
        """From the table alone, before it is described or prepared.

        Raises UserError where target and columns cannot be used.
        """
        targets, task = targets_and_task(settings, table)
        check_targets(targets, task)
        columns = input_columns(settings, table, targets[0] if targets else None)
        outputs = len(targets) if task != "classification" else targets[0].distinct
        widths = [
            input_width(column, settings.missing, settings.categories, settings.column(column.name), outputs)
            for column in columns
        ]
        image = columns[0].values.shape[1:] if columns[0].kind == "image" else None
        learned = () if task == "reconstruction" else targets
        rows = len(rows_with_targets(learned, table.rows, []))
        # As they are split: shares are rounded, and the training part is what they leave.
        held_out = math.floor(settings.split.validation * rows + 0.5)
        published = table.test_rows if settings.split.published else 0
        tested = published or math.floor(settings.split.test * rows + 0.5)
        return cls(
            tuple(image) if image is not None else (sum(widths),),
            _outputs(targets, task, sum(widths)),
            task,
            rows - held_out - tested,
            held_out,
            _encoded(columns, widths, settings),
        )

    @classmethod
    def of(cls, dataset: Dataset) -> "DataDimensions":
        """From data that is prepared."""
        return cls(
            tuple(dataset.input_shape),
            dataset.outputs,
            dataset.task,
            dataset.training.rows_count,
            dataset.validation.rows_count,
            dataset.preparation.encoded_columns,
        )


def _outputs(targets: Sequence[Column], task: Task, inputs: int) -> int:
    if task == "reconstruction":
        return inputs
    return targets[0].distinct if task == "classification" else len(targets)


def _encoded(
    columns: tuple[Column, ...], widths: list[int], settings: DataSettings
) -> tuple[IntegerEncodedColumn, ...]:
    found, start = [], 0
    for column, width in zip(columns, widths, strict=True):
        if column.holds_texts:
            chosen = settings.column(column.name)
            codes = codes_of(column, settings.missing, settings.categories, chosen)
            if codes:
                found.append(IntegerEncodedColumn(start, codes))
        start += width
    return tuple(found)
