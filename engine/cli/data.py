"""`gradwright data`: how a table is read, and what is worth mending before a model is trained on it."""

import argparse
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.roles import check_types, chosen_columns, with_roles
from engine.data import Finding, describe, prepare
from engine.data.columns.texts import texts_of
from engine.data.columns.types import column_type
from engine.data.description import Description
from engine.data.settings import DataSettings
from engine.data.sources import source_for
from engine.data.sources.openml import OpenML
from engine.data.table import Column, Table
from engine.errors import UserError, excerpt
from engine.experiment import Experiment
from engine.first_model import experiment_on, first_experiment
from engine.settings import read

if TYPE_CHECKING:
    from engine.insight.comparison import Comparison

MOST_ROWS = 1_000_000

MOST_NUMBERED = 8
"""Rows that are named with a finding."""


def named_columns(text: str | None) -> tuple[str, ...]:
    """The columns of --target or --ignore; a name with a comma in it is written in quotes, as in a table."""
    if not text:
        return ()
    found = re.findall(r'"((?:[^"]|"")*)"|([^,]+)', text)
    return tuple((quoted.replace('""', '"') or plain).strip() for quoted, plain in found)


OPENML = "openml:"
"""Stands before the name of a data set of openml.org, where else a file would be named."""


def is_data(text: str) -> bool:
    """Whether it names data, and no experiment."""
    return text.startswith(OPENML) or source_for(Path(text)) is not None


def offered(options: argparse.Namespace) -> Experiment:
    """The experiment that is offered for a table, with --sheet and the columns of --target and --ignore."""
    target, *further = named_columns(options.target) or (None,)
    if options.target is not None and target is None:
        raise UserError(
            "--target", expected="the name of a column", got="none", help="Leave it out to have it guessed."
        )
    ignored = (*named_columns(options.ignore), *chosen_columns(options))
    further = [name for name in further if name]
    if options.file.startswith(OPENML):
        experiment = _of_openml(options, target, ignored, further)
    else:
        path = Path(options.file)
        experiment = first_experiment(path, target, ignored, further_targets=further, part=options.sheet)
    return experiment.replace(data=with_roles(experiment.data, options))


def _of_openml(
    options: argparse.Namespace, target: str | None, ignored: Sequence[str], further: Sequence[str]
) -> Experiment:
    if options.sheet is not None:
        raise UserError(
            "--sheet", expected="a file with several tables", got="a data set of OpenML", help="Leave it out."
        )
    name = options.file.removeprefix(OPENML)
    source = read(OpenML, {"name": name}, options.file)
    return experiment_on(source, target, ignored, name or "OpenML", further)


def data(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    settings = offered(options).data
    table = settings.load()
    check_types(options, table)
    description = describe(table, settings)
    if options.target is not None and description.problem is not None and description.target is None:
        # What was asked for is not there: no guess takes its place.
        raise description.problem
    shown = _rows_asked(options.rows)
    simple, doubtful = _compared(settings, table, description) if options.baselines else (None, None)
    if doubtful is not None:
        description = replace(description, findings=(*description.findings, doubtful))
    if options.json:
        found = _object(table, description, shown)
        if options.baselines:
            found["baselines"] = None if simple is None else _scores(simple)
        print(json.dumps(found, allow_nan=False, ensure_ascii=False))
    else:
        _print(table, description, shown)
        if simple is not None:
            print("\n".join(("How hard is it? " + simple.sentence, *simple.notes)))
    return 0


def _compared(
    settings: DataSettings, table: Table, description: Description
) -> tuple["Comparison | None", Finding | None]:
    """What simple models reach, and which labels may be wrong; None where the data cannot be used."""
    if description.problem is not None:
        return None, None
    # Not at the top: it takes a second to import.
    from engine.insight.baselines import compare
    from engine.insight.wrong_labels import WrongLabels

    dataset = prepare(settings, table)
    simple = compare(dataset)
    if not dataset.classes:
        return simple, None
    search = WrongLabels(dataset)
    for _ in search:
        pass
    return simple, search.result()


def _scores(simple: "Comparison") -> dict[str, Any]:
    """What --json says of simple models: the score of each, of the validation rows."""
    return {
        "score": "accuracy" if simple.classifies else "r2",
        "part": simple.part,
        "rows": simple.rows,
        "models": [
            {"kind": one.kind, "title": one.title, "score": one.score, "rows": one.rows}
            for one in simple.baselines
        ],
        "text": simple.sentence,
        "notes": list(simple.notes),
    }


def finding_lines(found: Sequence[Finding]) -> Iterator[str]:
    """What was found, a line each, the most serious first, with the first rows that it is about."""
    for one in found:
        where = ", ".join(f"{row + 1:,}" for row in one.rows[:MOST_NUMBERED])
        more = f" and {one.count - MOST_NUMBERED:,} more" if one.count > MOST_NUMBERED else ""
        rows = f" (row{'s' if one.count != 1 else ''} {where}{more})" if where else ""
        yield f"Note: {one.sentence}{rows}"


def _rows_asked(text: str | None) -> int:
    if text is None:
        return 0
    if not text.isdecimal() or int(text) > MOST_ROWS:
        raise UserError(
            "--rows",
            expected=f"a whole number up to {MOST_ROWS:,}",
            got=f"“{excerpt(text)}”",
            help="Give the number of rows to print.",
        )
    return int(text)


def _object(table: Table, description: Description, rows: int) -> dict[str, Any]:
    """What --json prints."""
    columns = [
        {
            "name": summary.name,
            "type": column_type(column),
            "role": summary.role,
            "missing": summary.missing,
            "distinct": summary.distinct,
        }
        for summary, column in zip(description.columns, table.columns, strict=True)
    ]
    problem = [] if description.problem is None else [str(description.problem)]
    return {
        "columns": columns,
        "row_count": table.rows,
        "target": description.target,
        "further_targets": list(description.further_targets),
        "task": description.task,
        "rows": _rows(table.columns, rows),
        "findings": [
            {
                "kind": found.kind,
                "columns": list(found.columns),
                "text": found.sentence,
                "title": found.title,
                "severity": found.severity,
                "count": found.count,
                "rows": list(found.rows),
                "remedies": [remedy.title for remedy in found.remedies],
            }
            for found in description.findings
        ],
        "unreadable": [asdict(place) for place in table.unreadable],
        "notes": [*description.notes, *problem],
    }


def _rows(columns: Sequence[Column], rows: int) -> list[list[Any]]:
    """The first rows: numbers as numbers, yes/no as true and false, missing values as null, else texts.

    An image is its size, so that a row has a value for each column.
    """
    shown = [_values(column, rows) for column in columns]
    return [list(row) for row in zip(*shown, strict=True)]


def _values(column: Column, rows: int) -> list[Any]:
    if column.holds_texts or column.kind == "date":
        return list(texts_of(column)[:rows])
    if column.kind == "image":
        return [" × ".join(map(str, column.cell_shape))] * min(rows, column.rows)
    numbers = column.values[:rows].tolist()
    if column.kind == "boolean":
        return [None if math.isnan(number) else bool(number) for number in numbers]
    return [None if math.isnan(number) else _plain(number) for number in numbers]


def _plain(number: float) -> float | int:
    """Without decimals where there are none."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _type_in_words(column: Column) -> str:
    """The type; with a question mark where texts look like another one, as which they are not read yet."""
    kind = column_type(column)
    return f"{kind}?" if column.kind == "category" != kind else kind


def _print(table: Table, description: Description, rows: int) -> None:
    print(f"{table.name}: {description.headline}")
    names = [summary.name for summary in description.columns]
    width = max(map(len, names), default=0)
    print(f"{'column':<{width}}  {'type':<9}{'role':<9}{'missing':>9}{'distinct':>10}  values")
    for summary, column in zip(description.columns, table.columns, strict=True):
        values = " ".join(summary.summary.split())  # names of folders may hold line ends
        print(
            f"{summary.name:<{width}}  {_type_in_words(column):<9}{summary.role:<9}{summary.missing:>9,}"
            f"{summary.distinct:>10,}  {values}"
        )
    for row in _rows(table.columns, rows):
        print(" | ".join("–" if value is None else str(value) for value in row))
    problem = [] if description.problem is None else [str(description.problem)]
    for note in (*problem, *description.notes):
        print(f"Note: {note}")
    for line in finding_lines(description.findings):
        print(line)
