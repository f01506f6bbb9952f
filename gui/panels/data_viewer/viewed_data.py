"""What the data viewer shows, found in jobs: the table with the results of its rows, and their order."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data import Table
from engine.data.columns.preview import SAMPLED_ROWS, ColumnBars, all_column_bars
from engine.data.row_selection import matching_rows, sorted_rows
from engine.errors import UserError
from engine.insight.row_results import PREDICTION, RowResults, row_results
from engine.progress import Progress
from engine.training.trainer import Trainer
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr

RESULT_WORDS = {"part": tr("Part"), "prediction": tr("Prediction"), "loss": tr("Loss")}


def result_title(name: str) -> str:
    """How a column is called that the run brings."""
    of_one = name.removeprefix(f"{PREDICTION} ")
    return tr("Prediction of {name}", name=of_one) if of_one != name else RESULT_WORDS.get(name, name)


@dataclass(frozen=True, eq=False)
class ViewedData:
    """The data of a run, and what the run makes of each row.

    shown : part, prediction and loss, as far as they are known, and then the columns of the table.
    own : how many of these columns are not of the table.
    target : name of the column that is predicted; "" where none is, or several are.
    """

    table: Table
    shown: Table
    own: int
    bars: tuple[ColumnBars, ...]
    """Of the columns of the table."""
    results: RowResults
    target: str


@dataclass(frozen=True)
class RowOrder:
    """Which rows are wanted, and how. column : index in the columns shown; None: as in the table."""

    filter: str = ""
    column: int | None = None
    descending: bool = False


def view_data(known: Callable[[], Table | None], trainer: Trainer, progress: Progress) -> ViewedData:
    """The job that finds what is shown; known : gives the table where it need not be read again.

    Raises UserError where the data is another than the run has learned from.
    """
    table, dataset = known(), trainer.dataset
    if table is None:
        table = trainer.experiment.data.load(progress.part(0.0, 0.4))
        if table.compute_fingerprint(progress.part(0.4, 0.5)) != dataset.fingerprint:
            raise UserError(
                table.name,
                expected=tr("the data that the run has learned from"),
                got=tr("data that has changed since"),
                help=tr("Reset the run to learn from the data as it is now."),
            )
    for column, step in zip(table.columns, progress.part(0.4, 0.5).parts(len(table.columns)), strict=True):
        step.report(0.0)
        # Counted here rather than while the window paints.
        _ = column.distinct, column.missing
    bars = all_column_bars(table, progress.part(0.5, 0.6))
    results = row_results(trainer, table.rows, progress.part(0.6, 1.0))
    beside = results.beside(table).columns
    own = len(beside) - len(table.columns)
    shown = Table(table.name, (*beside[len(table.columns) :], *table.columns))
    target = dataset.targets[0] if len(dataset.targets) == 1 else ""
    return ViewedData(table, shown, own, bars, results, target)


@dataclass(frozen=True, eq=False)
class ArrangedRows:
    """Rows in the order that is wanted, and how their values are spread.

    sample : the table with these rows, or with evenly spaced ones of many. bars : of its columns.
    """

    rows: NDArray[np.intp]
    sample: Table
    bars: tuple[ColumnBars, ...]


def arrange(found: ViewedData, order: RowOrder, progress: Progress) -> ArrangedRows:
    """The job that filters and sorts; raises UserError where the filter cannot be understood."""
    rows = _ordered_rows(found, order, progress.part(0.0, 0.7))
    if len(rows) == found.table.rows:
        return ArrangedRows(rows, found.table, found.bars)
    some = rows if len(rows) <= SAMPLED_ROWS else rows[:: -(-len(rows) // SAMPLED_ROWS)]
    sample = found.table.take(np.sort(some))
    for column, step in zip(sample.columns, progress.part(0.7, 0.9).parts(len(sample.columns)), strict=True):
        step.report(0.0)
        # Counted here rather than while the window paints.
        _ = column.distinct, column.missing
    return ArrangedRows(rows, sample, all_column_bars(sample, progress.part(0.9, 1.0)))


def _ordered_rows(found: ViewedData, order: RowOrder, progress: Progress) -> NDArray[np.intp]:
    columns = found.shown.columns
    # A column of the table is meant rather than a result of the same name.
    table = Table(found.table.name, (*columns[found.own :], *columns[: found.own]))
    rows = matching_rows(table, order.filter, progress)
    if order.column is None:
        return rows
    return sorted_rows(columns[order.column], rows, order.descending, progress)


def count_words(found: ViewedData, shown: int) -> str:
    """How many rows are shown: "344 rows", "12 of 344 rows"."""
    rows = found.table.rows
    if shown == rows:
        return quantity_text(rows, "row", "rows")
    return tr("{shown} of {rows} rows", shown=count_text(shown), rows=count_text(rows))


def results_words(found: ViewedData, now: int) -> str:
    """Of which step prediction and loss are. now : the step at which the run is."""
    step, left_out = found.results.step, found.results.losses_left_out
    if not step:
        words = tr("Prediction and loss of each row come with training. A click on a head sorts.")
    elif step < now:
        words = tr(
            "Prediction and loss at step {step}; the run is at step {now} now.",
            step=count_text(step),
            now=count_text(now),
        )
    else:
        words = tr("Prediction and loss at step {step}. A click on a head sorts.", step=count_text(step))
    if left_out:
        words = f"{words} {tr('The loss of {count} rows is left out.', count=count_text(left_out))}"
    return words
