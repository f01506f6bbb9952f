"""`gradwright data`: how a table is read, and what is worth mending before a model is trained on it."""

import argparse
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.cli.roles import chosen_columns, with_roles
from engine.data import describe
from engine.data.column_text import texts_of
from engine.data.column_types import column_type
from engine.data.description import Description
from engine.data.table import Column, Table
from engine.errors import UserError, excerpt
from engine.experiment import Experiment
from engine.first_model import first_experiment

MOST_ROWS = 1_000_000


def named_columns(text: str | None) -> tuple[str, ...]:
    """The columns of --target or --ignore; a name with a comma in it is written in quotes, as in a table."""
    if not text:
        return ()
    found = re.findall(r'"((?:[^"]|"")*)"|([^,]+)', text)
    return tuple((quoted.replace('""', '"') or plain).strip() for quoted, plain in found)


def offered(path: Path, options: argparse.Namespace) -> Experiment:
    """The experiment that is offered for a table, with the columns of --target and --ignore."""
    target, *further = named_columns(options.target) or (None,)
    ignored = (*named_columns(options.ignore), *chosen_columns(options))
    experiment = first_experiment(path, target, ignored, further_targets=[name for name in further if name])
    return experiment.replace(data=with_roles(experiment.data, options))


def data(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    settings = offered(Path(options.file), options).data
    table = settings.load()
    description = describe(table, settings)
    shown = _rows_asked(options.rows)
    if options.json:
        print(json.dumps(_object(table, description, shown), allow_nan=False, ensure_ascii=False))
    else:
        _print(table, description, shown)
    return 0


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
                "columns": [found.column] if found.column is not None else [],
                "text": found.sentence,
            }
            for found in description.findings
        ],
        "unreadable": [asdict(place) for place in table.unreadable],
        "notes": [*description.notes, *problem],
    }


def _rows(columns: Sequence[Column], rows: int) -> list[list[Any]]:
    """The first rows: numbers as numbers, yes/no as true and false, missing values as null, else texts."""
    shown = [_values(column, rows) for column in columns if column.kind != "image"]
    return [list(row) for row in zip(*shown, strict=True)]


def _values(column: Column, rows: int) -> list[Any]:
    if column.holds_texts or column.kind == "date":
        return list(texts_of(column)[:rows])
    numbers = column.values[:rows].tolist()
    if column.kind == "boolean":
        return [None if math.isnan(number) else bool(number) for number in numbers]
    return [None if math.isnan(number) else _plain(number) for number in numbers]


def _plain(number: float) -> float | int:
    """Without decimals where there are none."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _print(table: Table, description: Description, rows: int) -> None:
    print(f"{table.name}: {description.headline}")
    names = [summary.name for summary in description.columns]
    width = max(map(len, names), default=0)
    print(f"{'column':<{width}}  {'type':<9}{'role':<9}{'missing':>9}{'distinct':>10}  values")
    for summary, column in zip(description.columns, table.columns, strict=True):
        print(
            f"{summary.name:<{width}}  {column_type(column):<9}{summary.role:<9}{summary.missing:>9,}"
            f"{summary.distinct:>10,}  {summary.summary}"
        )
    for row in _rows(table.columns, rows):
        print(" | ".join("–" if value is None else str(value) for value in row))
    problem = [] if description.problem is None else [str(description.problem)]
    for note in (*problem, *description.notes, *(found.sentence for found in description.findings)):
        print(f"Note: {note}")
