"""The sample of `gradwright inspect`: a row that is typed, and how a sample is described."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from engine.cli.prediction_input import rows_to_predict
from engine.data.table import ColumnError, Table
from engine.errors import UserError, excerpt
from engine.insight.trace.loss_words import shown
from engine.insight.trace.trace import Trace, TracedSample
from engine.losses.base import are_class_indices
from engine.training.trainer import Trainer

TYPED = "A typed row"

HELP = "Give the values as they stand in the table, with commas between them."


def typed_row(trainer: Trainer, table: Table, text: str) -> TracedSample:
    """A row in the units of the table: of all its columns, or of the inputs alone.

    Without the target, what the model predicts is taken for it. Raises UserError where it does not fit.
    """
    names = [column.name for column in table.columns]
    try:
        values = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        # A line break, or a value of more than 131,072 characters.
        raise UserError("--row", expected="one row", got=f"“{excerpt(text)}”", help=HELP) from None
    inputs, targets = list(trainer.model.preparation.columns), list(trainer.dataset.targets)
    if len(values) == len(inputs):
        names = inputs
    elif len(values) == len(inputs) + len(targets):
        names = [name for name in names if name in {*inputs, *targets}]
    elif len(values) != len(names):
        raise UserError(
            "--row",
            expected=f"{len(inputs)} values ({', '.join(map(excerpt, inputs[:12]))}), or "
            f"{len(inputs) + len(targets)} with the target",
            got=str(len(values)),
            help=HELP,
        )
    row = _read(trainer, names, values)
    try:
        preparation, dtype = trainer.model.preparation, np.float64
        x = preparation.transform(row, dtype)
        known = set(targets) <= set(names)
        target = preparation.targets(row, dtype)[0] if known and targets else None
    except (UserError, ColumnError) as error:
        raise _unread(error) from None
    if target is None:
        target = x[0].reshape(-1) if not targets else _predicted(trainer, x)
    return TracedSample(
        "training",
        -1,
        tuple(x[0].reshape(-1).tolist()),
        tuple(np.atleast_1d(np.asarray(target, float)).tolist()),
    )


def _read(trainer: Trainer, names: list[str], values: list[str]) -> Table:
    """Read the row by the rules of a table's file."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([names, values])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "row.csv"
        path.write_text(stream.getvalue(), encoding="utf-8")
        try:
            return rows_to_predict(trainer.model, str(path)).table
        except (UserError, ColumnError) as error:
            raise _unread(error) from None


def _unread(error: UserError | ColumnError) -> UserError:
    """The file of one row is none that a person knows."""
    if isinstance(error, UserError):
        return UserError("--row", expected=error.expected, got=error.got, help=HELP)
    return UserError("--row", expected="values that the model can read", got=excerpt(str(error)), help=HELP)


def _predicted(trainer: Trainer, x: np.ndarray[Any, Any]) -> Any:
    """What the model predicts, as a target."""
    output = trainer.predict(x.astype(trainer.network.dtype))[0]
    if are_class_indices(trainer.dataset.training.targets):
        return int(output.argmax())
    return np.rint(output) if trainer.dataset.task in ("binary", "multilabel") else output


def shown_sample(trainer: Trainer, trace: Trace) -> dict[str, Any]:
    """Which sample it is, and its target in words."""
    dataset, sample = trainer.dataset, trace.sample
    typed = sample.index < 0
    target = np.asarray(trace.target)
    if dataset.task == "classification" and not target.ndim:
        text = dataset.classes[int(target)]
    elif dataset.task == "binary":
        text = dataset.classes[int(target.reshape(-1)[0] > 0.5)]
    elif dataset.task == "regression":
        units = np.atleast_1d(dataset.in_target_units(target[None] if target.ndim else target)).reshape(-1)
        text = ", ".join(shown(float(one)) for one in units)
    elif dataset.task == "reconstruction":
        text = "the input itself"
    else:
        text = ", ".join(shown(float(one)) for one in target.reshape(-1))
    row = None if typed else int(dataset.part(sample.part).rows[sample.index]) + 1
    return {
        "part": None if typed else sample.part,
        "number": None if typed else sample.index + 1,
        "row": row,
        "target_text": text,
    }
