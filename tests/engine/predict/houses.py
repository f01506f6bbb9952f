"""A table of houses, and `gradwright predict` with models that have learned from it."""

import csv
import random
from pathlib import Path

from engine.cli import main

HEADER = "id,size,zone,garden,note,price"


def house(row: int, generator: random.Random) -> list[str]:
    size, zone = generator.uniform(40, 160), generator.choice(["5", "07", "x", "7"])
    garden = generator.choice(["yes", "no"])
    price = 2.5 * size + 60 * (zone == "x") - 30 * (zone == "07") + 25 * (garden == "yes")
    return [str(row), f"{size:.1f}" if row % 9 else "NA", zone, garden, f"note {row}", f"{price:.1f}"]


def predicted(folder, model: str, table: str | bytes, capsys) -> tuple[list[str], list[list[str]], str]:
    """Header and rows that are written for a table, and what is said on standard error."""
    data = table.encode() if isinstance(table, str) else table
    with open("in.csv", "wb") as stream:
        stream.write(data)
    status = main(["predict", str(folder / f"{model}.gradwright"), "--data", "in.csv", "--out", "out.csv"])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    with open("out.csv", encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert f"{len(rows)} row{'s' if len(rows) != 1 else ''} predicted, written to out.csv" in captured.out
    return header, rows, captured.err


def refused(folder, model: str, table: str, capsys) -> str:
    with open("in.csv", "w") as stream:
        stream.write(table)
    assert main(["predict", str(folder / f"{model}.gradwright"), "--data", "in.csv", "--out", "out.csv"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert not Path("out.csv").exists()
    return captured.err
