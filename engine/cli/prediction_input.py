"""The rows that a model is to predict: of a table, images, or the data that it was trained on."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.texts import listed, texts_of
from engine.data.delimited.number_format import PATTERNS
from engine.data.encoders.base import NumericInput, missing_in
from engine.data.encoders.category_inputs import TextInput
from engine.data.encoders.inputs import AnyInput, BooleanInput, ImageInput
from engine.data.encoders.words import WordsInput
from engine.data.images.decoding import SUFFIXES
from engine.data.images.files import image_table
from engine.data.preparation import Preparation
from engine.data.sources import AnySource, source_for
from engine.data.sources.converted import ConvertedTable
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.idx_files import IDXFiles
from engine.data.sources.image_arrays import ImageArrays
from engine.data.sources.image_folder import ImageFolder
from engine.data.sources.mnist import MNIST
from engine.data.sources.table_file import TableFile
from engine.data.table import Column, ColumnError, Table
from engine.errors import UserError, excerpt
from engine.model import Model

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
            listed = ", ".join(lines) + (f" and {more:,} more" if more else "")
            return f"line{'s' if len(rows) > 1 else ''} {listed}"
        return ""


def rows_to_predict(model: Model, place: str | None, part: str | None = None) -> Rows:
    """The rows that are meant.

    place : a table, or for a model of images, a file or a folder of them; None for the model's own data.
    part : of several tables in a file the one that is meant.
    Raises UserError where there is nothing of what the model needs.
    """
    if place is None:
        return _own_rows(model, part)
    if any(isinstance(fitted, ImageInput) for fitted in model.preparation.inputs):
        table = _images(model, place)
        return Rows(table, _fields(table))
    return _rows_of_table(model, place, part)


def _images(model: Model, place: str) -> Table:
    trained: AnySource = model.experiment.data.source
    path = Path(place)
    if isinstance(trained, ImageFolder) and (ImageFolder.reads(path) or path.suffix.lower() in SUFFIXES):
        channels = next(
            fitted.shape[2] for fitted in model.preparation.inputs if isinstance(fitted, ImageInput)
        )
        found = trained.replace(path=place, colour=channels == 3).load_with_files()
        return _renamed(found, model.preparation.columns[0])
    if isinstance(trained, IDXFiles | ImageArrays) and type(trained).reads(path):
        again = trained.replace(path=place, labels=None) if isinstance(trained, IDXFiles) else trained
        return again.replace(path=place).load()
    try:
        transposed = isinstance(trained, MNIST) and trained.transposed
        return image_table(place, model.preparation.columns[0], transposed)
    except UserError as error:
        # Images of another kind, such as the digits that come along, are in no file that could be named.
        own = "Without --data, the images that the model was trained on are predicted."
        raise UserError(
            error.where, expected=error.expected, got=error.got, help=f"{error.help} {own}".strip()
        ) from None


def _renamed(table: Table, name: str) -> Table:
    """The table with its images under the name that the model knows."""
    columns = (replace(one, name=name) if one.kind == "image" else one for one in table.columns)
    return replace(table, columns=tuple(columns))


def _own_rows(model: Model, part: str | None) -> Rows:
    """Those that the model was trained, validated and tested on."""
    source: AnySource = model.experiment.data.source
    if isinstance(source, TableFile):
        return _rows_of_file(model, source if part is None else source.with_part(part))
    table = model.experiment.data.load()
    return Rows(table, _fields(table))


def _rows_of_table(model: Model, place: str, part: str | None) -> Rows:
    """Read as the training's table was, or if that does not give its columns, afresh."""
    trained: AnySource = model.experiment.data.source
    kind = source_for(Path(place)) or CSVFile
    if not issubclass(kind, TableFile):
        kind = CSVFile
    # Whatever else differs, the same marks stand for missing values.
    marks = trained.missing if isinstance(trained, CSVFile | ConvertedTable) else None
    afresh = kind.model_validate({"path": place, "missing": marks})
    if part is not None:
        afresh = afresh.with_part(part)
    if isinstance(trained, kind):
        like = trained.like(place, model.preparation.columns)
        like = like if part is None else like.with_part(part)
        if like.only_alike:
            return _rows_of_file(model, like)
        if like != afresh:
            with suppress(UserError):
                rows = _rows_of_file(model, like)
                if set(model.preparation.columns) <= {column.name for column in rows.table.columns}:
                    return rows
    return _rows_of_file(model, afresh)


def _rows_of_file(model: Model, file: TableFile) -> Rows:
    table, fields = file.load_with_fields(model.text_columns, model.number_columns, model.reading)
    table = model.experiment.data.with_missing(table)
    return Rows(table, fields, file if isinstance(file, CSVFile) else None)


def _fields(table: Table) -> Fields:
    files = [column for column in table.columns if column.name == "file"]
    return [
        _numbered(table.rows, files[0] if files else None)
        if column.kind == "image"
        else [text or "" for text in texts_of(column)]
        for column in table.columns
    ]


def _numbered(rows: int, file: Column | None) -> list[str]:
    """Images cannot be written: their numbers from 1, in each file."""
    if file is None:
        return [str(number) for number in range(1, rows + 1)]
    counted: dict[str, int] = {}
    for name in file.values:
        counted[name] = counted.get(name, 0) + 1
    return [str(number) for times in counted.values() for number in range(1, times + 1)]


Mask = NDArray[np.bool_]


def notes_on_left_out(table: Table) -> Iterator[str]:
    """What could not be read and so is not predicted, in sentences."""
    left_out = [place.reason for place in table.unreadable if place.column is None]
    if left_out:
        more = " …" if len(left_out) > MOST_LINES else ""
        yield f"{len(left_out):,} left out: {' '.join(left_out[:MOST_LINES])}{more}"


def notes_on_missing(preparation: Preparation, rows: Rows) -> Iterator[str]:
    """Sentences on rows that are predicted although the table does not say all that the model goes by."""
    table = rows.table
    gone = {one.column: _stood_in(one, table.column(one.column)) for one in preparation.inputs}
    gaps = [name for name, missing in gone.items() if missing.any()]
    if not gaps:
        return
    every = np.array(list(gone.values()))
    some = np.flatnonzero(every.any(axis=0)).tolist()
    verb = "lacks" if len(some) == 1 else "lack"
    yield (
        f"{_count(len(some))} {verb} values in {listed(gaps)}, for which usual ones of the training stand in"
        f"{_at(rows.lines(some))}."
    )
    empty = np.flatnonzero(every.all(axis=0)).tolist()
    if empty:
        verb, they = ("has", "it") if len(empty) == 1 else ("have", "them")
        yield (
            f"{_count(len(empty))} {verb} no value that the model goes by{_at(rows.lines(empty))}: what is "
            f"predicted for {they} says nothing."
        )


def notes_on_unreadable(rows: Rows) -> Iterator[str]:
    """Sentences on cells that are not of the type that was chosen for their column."""
    places = [place for place in rows.table.unreadable if place.column is not None]
    for place in places[:MOST_LINES]:
        column = f"column “{excerpt(place.column or '')}”"
        yield f"Line {place.line:,}, {column}: {place.reason}; it counts as missing."
    if len(places) > MOST_LINES:
        yield f"{len(places) - MOST_LINES:,} more cells cannot be read and count as missing."


def located(error: ColumnError, preparation: Preparation, rows: Rows) -> UserError:
    """The error with the file and the line of the first cell that is wrong."""
    fitted = next(one for one in preparation.inputs if one.column == error.column)
    faulty = _faulty(fitted, rows.table.column(error.column)).tolist()
    line, got = rows.lines(faulty[:1]), error.got
    if line and rows.table.column(error.column).kind != "number":
        got = f"“{excerpt(texts_of(rows.table.column(error.column))[faulty[0]])}”"
    more = len(faulty) - 1
    also = f" {more:,} more {'row is' if more == 1 else 'rows are'} like it." if line and more else ""
    where = ", ".join(part for part in (rows.table.name, line, f"column “{excerpt(error.column)}”") if part)
    return UserError(where, expected=error.expected, got=got, help=error.help + also)


def _stood_in(fitted: AnyInput, column: Column) -> Mask:
    """In which rows something usual takes the place of a missing value: (rows,)."""
    if isinstance(fitted, ImageInput | WordsInput) or (isinstance(fitted, TextInput) and fitted.own_missing):
        return np.zeros(column.rows, bool)
    return missing_in(column)


def _faulty(fitted: AnyInput, column: Column) -> NDArray[np.intp]:
    """The rows whose cells make the column unfit, in rising order."""
    of_numbers = isinstance(fitted, NumericInput) and fitted.of_numbers
    if isinstance(fitted, NumericInput) and column.kind == "number":
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.abs(fitted.inputs_of(column.values))
        return np.flatnonzero(~(scaled <= np.finfo(np.float32).max))
    if of_numbers and column.kind != "image":
        texts = texts_of(column)
        found = [row for row, text in enumerate(texts) if text and not (_plain(text) or _with_commas(text))]
        # Where all are numbers of some kind, it is the mixture that cannot be read.
        return np.array(
            found or [row for row, text in enumerate(texts) if text and not _plain(text)], np.intp
        )
    if isinstance(fitted, BooleanInput) and column.kind != "image":
        known = {"0", "1", *(label.lower() for label in fitted.labels)}
        return np.flatnonzero([bool(text) and text.lower() not in known for text in texts_of(column)])
    return np.empty(0, np.intp)


def _plain(text: str) -> bool:
    try:
        return "_" not in text and bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _with_commas(text: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in PATTERNS.values())


def _count(rows: int) -> str:
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def _at(lines: str) -> str:
    return f" ({lines})" if lines else ""
