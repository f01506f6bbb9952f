"""Joins a table with others that a person chose for validation and for test."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from engine.data.columns.dates import seconds_of
from engine.data.columns.encoded_texts import EncodedTexts
from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import encoded, listed
from engine.data.columns.types import as_type, notes_on_reading
from engine.data.sources import AnySource, FileSource, source_for
from engine.data.stored_arrays import is_stored, release, stored_empty
from engine.data.table import Column, Table, TextColumn
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.settings import kind_of

PARTS = ("validation", "test")
"""The parts that can have a source of their own; the fields of `DataSettings` are called after them."""

ANY_SOURCE: TypeAdapter[AnySource] = TypeAdapter(AnySource)

SAYS = {
    "number": "numbers",
    "category": "text",
    "boolean": "yes and no",
    "date": "dates",
    "text": "text",
    "code": "text",
    "image": "images",
}


READ_AS_FIRST: tuple[ColumnType, ...] = ("date", "boolean")
"""Types whose values may mean another thing in another file: 1/2/2020, or 0 and 1."""


def load_parts(
    source: AnySource,
    validation: AnySource | None,
    test: AnySource | None,
    types: Mapping[str, ColumnType],
    ignored: Collection[str],
    progress: Progress,
) -> Table:
    """The table of a source, followed by the rows of those for validation and for test.

    Columns are matched by name, and have the kinds that they have in the first table. Raises UserError where
    one is missing that is not among `ignored`, or has values of another kind.
    """
    chosen = [(one, which) for one, which in ((validation, "validation"), (test, "test")) if one is not None]
    if not chosen:
        return source.load(progress, types)
    table = source.load(progress.part(0.0, 0.6), types)
    pieces: dict[str, tuple[Column, ...]] = {}
    rows, notes = {"validation": 0, "test": 0}, list(table.notes)
    for (one, which), part in zip(chosen, progress.part(0.6, 0.9).parts(len(chosen)), strict=True):
        # Read as texts first: alone, a file may show another order of day and month, or other words.
        as_texts = {name: "category" if kind in READ_AS_FIRST else kind for name, kind in types.items()}
        other = _typed(one.load(part, as_texts), table, types, notes)
        pieces[which] = _matched(table, other, which, ignored, notes)
        rows[which] = other.rows
    published = table.test_rows if test is None else 0
    if table.test_rows and test is not None:
        notes.append(f"The {table.test_rows:,} rows that came as a test part are split like all others.")
    body = np.arange(table.rows - published), np.arange(table.rows - published, table.rows)
    columns = []
    for number, column in enumerate(table.columns):
        progress.check()
        parts = [column] if not published else [column.take(body[0])]
        parts += [pieces[which][number] for which in ("validation", "test") if which in pieces]
        parts += [column.take(body[1])] if published else []
        columns.append(_joined(parts))
    progress.report(1.0)
    return replace(
        table,
        columns=tuple(columns),
        notes=tuple(notes),
        test_rows=published or rows["test"],
        validation_rows=rows["validation"],
        separate_test=test is not None,
    )


def _typed(other: Table, table: Table, types: Mapping[str, ColumnType], notes: list[str]) -> Table:
    """Dates, yes and no of a second table, where these types were chosen, read as in the first one.

    Values that cannot be read count as missing there, too.
    """
    models = {column.name: column for column in table.columns}
    columns = []
    for column in other.columns:
        model, kind = models.get(column.name), types.get(column.name)
        if model is None or kind not in READ_AS_FIRST or model.kind != kind:
            columns.append(column)
            continue
        labels = model.labels if kind == "boolean" else None
        made, unread = as_type(column, kind, labels, model.day_first)
        columns.append(made)
        if len(unread):
            texts = encoded(column)
            first = (int(unread[0]), str(texts.decoded(texts.indices[unread[:1]])[0]))
            sentence = next(iter(notes_on_reading(made, len(unread), kind, [first])))
            notes.append(f"{other.name}: {sentence}")
    return replace(other, columns=tuple(columns))


def source_like(source: AnySource, path: Path) -> AnySource | None:
    """The source that reads a path as another one is read, if both are of one kind; None where none does."""
    kind = source_for(path)
    if isinstance(source, FileSource) and (kind is None or isinstance(source, kind)):
        return source.replace(path=str(path))
    made = {"kind": kind_of(kind), "path": str(path)} if kind is not None else None
    return None if made is None else ANY_SOURCE.validate_python(made)


def _matched(
    table: Table, other: Table, which: str, ignored: Collection[str], notes: list[str]
) -> tuple[Column, ...]:
    """The columns of a second table in the order and the kinds of the first one's."""
    there = {column.name: column for column in other.columns}
    names = [column.name for column in table.columns]
    lacking = [name for name in names if name not in there and name not in ignored]
    if lacking:
        raise UserError(
            f"{other.name}, for {which}",
            expected=f"the columns of {table.name}",
            got=f"no {listed(lacking, 3)}",
            help="Choose a file with the same columns, or ignore these.",
            place=("data", f"{which}_source"),
        )
    unused = [column.name for column in other.columns if column.name not in names]
    notes.append(f"{other.name} has {other.rows:,} rows, all for {which}.")
    if unused:
        notes.append(f"{other.name}: {listed(unused, 3)} not used, as {table.name} has no such column.")
    # The first note says how a file was read, which those that follow are exceptions from.
    notes += [f"{other.name}: {note}" for note in other.notes[1:]]
    if other.unreadable:
        notes.append(f"{other.name}: {len(other.unreadable):,} places could not be read and were left out.")
    return tuple(
        _as_kind(there[column.name], column, other, which)
        if column.name in there
        else _empty(column, other.rows)
        for column in table.columns
    )


def _as_kind(column: Column, model: Column, other: Table, which: str) -> Column:
    """A column with the kind of another; raises UserError where its values are of no such kind."""
    if column.kind == "image" or model.kind == "image":
        if column.kind == model.kind and column.values.shape[1:] == model.values.shape[1:]:
            return column.with_values(column.values.astype(model.values.dtype, copy=False))
        raise _another_kind(column, model, other, which, _shape_words(column))
    if column.missing == column.rows:
        return _empty(model, column.rows)
    if model.holds_texts:
        return TextColumn.of(column.name, encoded(column), model.kind, target_only=model.target_only)
    if column.kind == model.kind and (column.kind != "boolean" or column.labels == model.labels):
        return column
    texts = encoded(column)
    values = np.full(len(texts.bounds), np.nan)
    for index, name in zip(texts.occurring.tolist(), texts.all_different(Progress()), strict=True):
        value = _value(name, model)
        if value is None:
            raise _another_kind(column, model, other, which, f"“{excerpt(name)}”")
        values[index] = value
    # The last entry is that of missing texts.
    values[-1] = np.nan
    return model.with_values(values[texts.indices])


def _value(name: str, model: Column) -> float | None:
    """The number that a text stands for in a column of numbers, of yes and no, or of dates."""
    if model.kind == "boolean" and name in model.labels:
        return float(model.labels.index(name))
    if model.kind == "date":
        seconds = seconds_of(name, bool(model.day_first))
        return seconds if np.isfinite(seconds) else None
    try:
        value = float(name)
    except ValueError:
        return None
    return value if model.kind == "number" and np.isfinite(value) else None


def _empty(model: Column, rows: int) -> Column:
    """A column of that kind without a value in any row."""
    if model.holds_texts:
        texts = EncodedTexts.of_distinct(np.full(rows, -1, np.int32), [])
        return TextColumn.of(model.name, texts, model.kind, target_only=model.target_only)
    values = model.values
    if model.kind == "image":
        return model.with_values(np.zeros((rows, *values.shape[1:]), values.dtype))
    return model.with_values(np.full(rows, np.nan))


def _joined(columns: list[Column]) -> Column:
    first = columns[0]
    if first.holds_texts:
        numbers: dict[str | None, int] = {}
        for column in columns:
            for name in column.texts.all_different(Progress()):
                numbers.setdefault(name, len(numbers))
        indices = np.concatenate([column.texts.mapped(numbers) for column in columns]).astype(np.int32)
        texts = EncodedTexts.of_distinct(indices, [str(one) for one in numbers])
        return TextColumn.of(first.name, texts, first.kind, target_only=first.target_only)
    pieces = [column.values for column in columns]
    infinite = sum(column.infinite for column in columns)
    if not is_stored(pieces[0]):
        return first.with_values(np.concatenate(pieces), infinite)
    joined = stored_empty((sum(map(len, pieces)),), np.float64)
    np.concatenate(pieces, out=joined)
    release(joined)
    return first.with_values(joined, infinite)


def _shape_words(column: Column) -> str:
    size = " of " + " × ".join(map(str, column.values.shape[1:])) if column.kind == "image" else ""
    return SAYS[column.kind] + size


def _another_kind(column: Column, model: Column, other: Table, which: str, got: str) -> UserError:
    expected = " or ".join(f"“{label}”" for label in model.labels)
    return UserError(
        f"{other.name}, for {which}, column “{excerpt(column.name)}”",
        expected=f"{expected if model.kind == 'boolean' else _shape_words(model)}, as for training",
        got=got,
        help="Choose a file with the same columns, or the type “category” for this column.",
        place=("data", f"{which}_source"),
    )
