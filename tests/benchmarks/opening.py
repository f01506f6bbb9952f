"""How live a window stays while a large table is opened: lateness of another thread, time, memory, Cancel.

A window's thread shares the interpreter with the thread that opens the table: any single call there that
keeps the interpreter for long makes the window stand still for as long.
"""

import datetime
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tests.benchmarks.measuring import QUICK, THOROUGH, Pace
from tests.benchmarks.resident import kilobytes, probed

ROWS, QUICK_ROWS = 2_000_000, 2_000
WIDE_COLUMNS, WIDE_SHARE = 200, 20
"""A wide table has a twentieth of the rows."""

LATEST_MS, P99_MS, CANCEL_MS = 50.0, 16.0, 200.0
LINES_A_WRITE = 100_000
FIRST_DAY = datetime.date(2015, 1, 1)
CITIES = np.array(["Berlin", "Paris", "Roma", "Łódź", "New York"])


def main(pace: Pace = THOROUGH) -> None:
    """Print for each kind of table what each stage of opening it costs, each table in its own process."""
    rows = QUICK_ROWS if pace is QUICK else ROWS
    print(
        f"{'':<10}{'stage':<10}{'seconds':>9}{'late p50':>10}{'p99':>8}{'max, ms':>9}{'peak, KB':>14}"
        f"   wanted: p99 ≤ {P99_MS:g}, max ≤ {LATEST_MS:g}"
    )
    with tempfile.TemporaryDirectory() as folder:
        small, file = Path(folder) / "small.csv", Path(folder) / "table.csv"
        write(small, QUICK_ROWS, mixed)
        for name, kind in KINDS.items():
            write(file, rows // WIDE_SHARE if kind is wide else rows, kind)
            found = probed("tests.benchmarks.opening_probe", file, small)
            for stage in ("load", "describe", "prepare"):
                figures = found[stage]
                print(
                    f"{name:<10}{stage:<10}{figures['seconds']:>9.2f}{figures['p50']:>10.1f}"
                    f"{figures['p99']:>8.1f}{figures['max']:>9.1f}{kilobytes(figures['peak']):>14}"
                )
            latest = 1000 * max(found["cancel"])
            print(
                f"{name:<10}cancelled {latest:>9.0f} ms at most until it ended   wanted: ≤ {CANCEL_MS:g}",
                flush=True,
            )


def write(file: Path, rows: int, kind: Callable[[np.random.Generator, int], Iterator[np.ndarray]]) -> None:
    """A table with the columns of a kind, then yes or no as its label."""
    generator = np.random.default_rng(0)
    with file.open("w", encoding="utf-8") as stream:
        for start in range(0, rows, LINES_A_WRITE):
            count = min(LINES_A_WRITE, rows - start)
            columns = [*kind(generator, count), np.where(generator.random(count) < 0.5, "yes", "no")]
            if not start:
                stream.write(",".join([*(f"c{place}" for place in range(len(columns) - 1)), "label"]) + "\n")
            stream.writelines(
                ",".join(row) + "\n" for row in zip(*(c.tolist() for c in columns), strict=True)
            )


def mixed(generator: np.random.Generator, rows: int) -> Iterator[np.ndarray]:
    """Numbers, codes and a city."""
    for scale in (1.0, 100.0):
        yield numbers(generator, rows, scale)
    yield generator.integers(0, 7, rows).astype(str)
    yield generator.choice(CITIES, rows)


def names(generator: np.random.Generator, rows: int) -> Iterator[np.ndarray]:
    """A text that differs in nearly every row, and numbers."""
    yield np.char.add("customer ", generator.integers(0, 10**12, rows).astype(str))
    yield numbers(generator, rows, 1.0)


def dates(generator: np.random.Generator, rows: int) -> Iterator[np.ndarray]:
    """Days of ten years as text, and numbers."""
    days = np.array([(FIRST_DAY + datetime.timedelta(day)).isoformat() for day in range(3650)])
    yield generator.choice(days, rows)
    yield numbers(generator, rows, 1.0)


def wide(generator: np.random.Generator, rows: int) -> Iterator[np.ndarray]:
    """Many columns, every tenth one of a few texts."""
    for place in range(WIDE_COLUMNS - 1):
        yield generator.choice(CITIES, rows) if place % 10 == 9 else numbers(generator, rows, 1.0)


def numbers(generator: np.random.Generator, rows: int, scale: float) -> np.ndarray:
    return np.round(scale * generator.standard_normal(rows), 4).astype(str)


KINDS = {"mixed": mixed, "names": names, "dates": dates, "wide": wide}
