"""`gradwright predict`: what a trained model says of each row or image, or makes of it."""

import argparse
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from engine.cli.output import spare, target
from engine.cli.prediction_input import (
    Fields,
    Rows,
    located,
    notes_on_left_out,
    notes_on_missing,
    notes_on_unreadable,
    rows_to_predict,
)
from engine.cli.terminal import say
from engine.data.columns.texts import texts_of
from engine.data.sources import AnySource, FileSource
from engine.data.table import Column, ColumnError
from engine.errors import UserError
from engine.files.atomic import write_atomically
from engine.files.opening import preset_files
from engine.files.run_file import SUFFIX, SavedRun, load
from engine.model import Model, Predictions, Reconstructed

Added = list[tuple[str, list[str]]]
"""Columns to be written behind those of the table: name and fields."""

DIGITS = {"float32": ".9g", "float64": ".17g"}
"""What it takes to write a number of this precision without losing any of it."""


def predict(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    out = target(options.out, ".csv")
    model = _model(options.file, _run(options.file))
    spare(out, _read(model, options.file, options.data))
    rows = rows_to_predict(model, options.data, options.sheet)
    notes, added = _found(model, rows)
    left_out, unreadable = notes_on_left_out(rows.table), notes_on_unreadable(rows)
    for note in (*notes, *left_out, *unreadable, *notes_on_missing(model.preparation, rows)):
        say(f"Note: {note}")
    table = rows.table
    text = _written([column.name for column in table.columns], rows.fields, added)
    write_atomically(out, lambda stream: _write(stream, text))
    verb = "reconstructed" if model.reconstructs else "predicted"
    print(f"{table.rows} {'row' if table.rows == 1 else 'rows'} {verb}, written to {out}")
    return 0


def _found(model: Model, rows: Rows) -> tuple[Sequence[str], Added]:
    """What the model says of the rows: notes, and columns to be written behind theirs."""
    number_format = DIGITS[model.experiment.training.precision]
    try:
        if model.reconstructs:
            reconstructed = model.reconstruct(rows.table)
            return reconstructed.notes, _reconstruction_columns(reconstructed, number_format)
        predictions = model.predict(rows.table)
    except ColumnError as error:
        raise located(error, model.preparation, rows) from None
    return predictions.notes, _prediction_columns(predictions, number_format)


def _run(name: str) -> SavedRun:
    path = Path(name)
    if path.suffix.lower() == ".json" or name in preset_files():
        raise _untrained(name, f"{path.stem}{SUFFIX}")
    return load(path)


def _untrained(name: str, trained: str) -> UserError:
    return UserError(
        name,
        expected="a trained model",
        got="an experiment that is not trained",
        help=f"Train it first: gradwright train {name} --out {trained}",
    )


def _read(model: Model, name: str, data: str | None) -> dict[str, str]:
    """The files that the command reads, and the model's own data, by what each of them is."""
    read = {"the model": name}
    source: AnySource = model.experiment.data.source
    if isinstance(source, FileSource) and source.path:
        read["the data that the model was trained on"] = source.path
    return read if data is None else read | {"the data to predict": data}


def _model(name: str, run: SavedRun) -> Model:
    if run.state is None or run.preparation is None or not run.state.numbers["step"]:
        raise _untrained(name, f"trained{SUFFIX}")
    return Model.from_state(run.experiment, run.preparation, run.state.model)


def _prediction_columns(predictions: Predictions, number_format: str) -> Added:
    """The prediction, then the probability of each class; of several targets one after the other."""
    if predictions.values.ndim == 2:
        return _predictions_of_several(predictions, number_format)
    added = [
        ("prediction", [v if isinstance(v, str) else format(v, number_format) for v in predictions.values])
    ]
    if predictions.probabilities is not None:
        for number, name in enumerate(predictions.classes):
            chances = predictions.probabilities[:, number]
            added.append((f"probability {name}", [format(chance, number_format) for chance in chances]))
    return added


def _predictions_of_several(predictions: Predictions, number_format: str) -> Added:
    """The prediction of each target, with the probability of yes where it is one."""
    added = []
    for index, name in enumerate(predictions.targets):
        values = predictions.values[:, index]
        texts = [value if isinstance(value, str) else format(value, number_format) for value in values]
        added.append((f"prediction {name}", texts))
        if predictions.probabilities is not None:
            chances = predictions.probabilities[:, index]
            added.append((f"probability {name}", [format(chance, number_format) for chance in chances]))
    return added


def _reconstruction_columns(reconstructed: Reconstructed, number_format: str) -> Added:
    """What comes back of each input, in its own units, then how far off the whole row is.

    Images that come back have no place in a table: of them, how far off they are.
    """
    added = [
        (f"reconstructed {column.name}", _texts(column, number_format))
        for column in reconstructed.columns
        if column.kind != "image"
    ]
    added.append(("reconstruction error", [format(error, number_format) for error in reconstructed.errors]))
    return added


def _texts(column: Column, number_format: str) -> list[str]:
    if column.kind == "number":
        return [format(value, number_format) for value in column.values]
    # A missing category comes back as an empty field.
    return [text or "" for text in texts_of(column)]


def _written(names: Sequence[str], fields: Fields, added: Added) -> str:
    """The rows as they came, then what is added."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    taken = set(names)
    free = []
    for name, _ in added:
        free.append(_free(name, taken))
        taken.add(free[-1])
    writer.writerow([*names, *free])
    writer.writerows(zip(*fields, *(texts for _, texts in added), strict=True))
    return stream.getvalue()


def _write(stream: IO[bytes], text: str) -> None:
    # A lone surrogate cannot come out of a table that was decoded, but might out of a model's class names.
    stream.write(text.encode(errors="replace"))


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where the table has a column of that name."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
