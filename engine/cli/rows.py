"""The rows that a model is to predict: of a table, images, or the data that it was trained on."""

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from engine.data.image_files import image_table
from engine.data.inputs import ImageInput
from engine.data.sources import AnySource
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column, Table
from engine.data.texts import texts_of
from engine.errors import UserError
from engine.training.model import Model

Fields = list[list[str]]
"""Every field as it is written back, column by column."""


MOST_LINES = 5
"""Lines that a sentence lists."""


@dataclass(frozen=True)
class Rows:
    """What is to be predicted.

    fields : of a table as they stand in the file, of an image its number in its file. file : where the rows
    can be looked up by line; None where they are in no table.
    """

    table: Table
    fields: Fields
    file: CSVFile | None = None

    def lines(self, rows: Sequence[int]) -> str:
        """Where rows (from 0, rising) stand, in words: "line 4", "lines 4, 7, 9"; empty where in no table."""
        if self.file is None or not rows:
            return ""
        with suppress(csv.Error, UserError, OSError):  # The rows were read: where they are is an extra.
            lines = [f"{line:,}" for line in self.file.lines_of(rows[:MOST_LINES])]
            more = len(rows) - len(lines)
            told = ", ".join(lines) + (f" and {more:,} more" if more else "")
            return f"line{'s' if len(rows) > 1 else ''} {told}"
        return ""


def rows_to_predict(model: Model, place: str | None) -> Rows:
    """The rows that are meant.

    place : a table, or for a model of images, a file or a folder of them; None for the model's own data.
    Raises UserError where there is nothing of what the model needs.
    """
    if place is None:
        return _own_rows(model)
    if any(isinstance(fitted, ImageInput) for fitted in model.preparation.inputs_fitted):
        table = _images(model, place)
        return Rows(table, _fields(table))
    return _rows_of_table(model, place)


def _images(model: Model, place: str) -> Table:
    try:
        return image_table(place, model.preparation.columns[0])
    except UserError as error:
        # Images of another kind, such as the digits that come along, are in no file that could be named.
        own = "Without --data, the images that the model was trained on are predicted."
        raise UserError(
            error.where, expected=error.expected, got=error.got, help=f"{error.help} {own}".strip()
        ) from None


def _own_rows(model: Model) -> Rows:
    """Those that the model was trained, validated and tested on."""
    source: AnySource = model.experiment.data.source
    if isinstance(source, CSVFile):
        return _rows_of_file(model, source)
    table = source.load()
    return Rows(table, _fields(table))


def _rows_of_table(model: Model, place: str) -> Rows:
    """Read as the training's table was, or if that does not give its columns, afresh."""
    trained: AnySource = model.experiment.data.source
    if isinstance(trained, CSVFile) and trained != CSVFile(path=trained.path):
        with suppress(UserError):
            rows = _rows_of_file(model, trained.replace(path=place))
            if set(model.preparation.columns) <= {column.name for column in rows.table.columns}:
                return rows
    return _rows_of_file(model, CSVFile(path=place))


def _rows_of_file(model: Model, file: CSVFile) -> Rows:
    return Rows(*file.load_with_fields(model.text_columns), file)


def _fields(table: Table) -> Fields:
    files = [column for column in table.columns if column.name == "file"]
    return [
        _numbered(table.rows, files[0] if files else None)
        if column.kind == "image"
        else [text or "" for text in texts_of(column)]
        for column in table.columns
    ]


def _numbered(rows: int, file: Column | None) -> list[str]:
    """Images cannot be written: their numbers from 1, in each file anew."""
    if file is None:
        return [str(number) for number in range(1, rows + 1)]
    counted: dict[str, int] = {}
    for name in file.values:
        counted[name] = counted.get(name, 0) + 1
    return [str(number) for times in counted.values() for number in range(1, times + 1)]
