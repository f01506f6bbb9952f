"""Columns about which each check of the data must speak, and similar ones about which it must not."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.data import DataSettings, describe
from engine.data.checks.finding import Finding
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column
from tests.engine.data.checks.check_columns import (
    ROWS,
    changed,
    classes,
    days,
    draws,
    every,
    lognormal,
    mixed,
    noise,
    normal,
    other_class,
    patients,
    twice,
)
from tests.engine.data.tables import numbers, table, texts

SETTINGS = DataSettings(source=CSVFile(path="any.csv"), target="t")


def of(*columns: Column, settings: DataSettings = SETTINGS) -> tuple[Finding, ...]:
    return describe(table(*columns), settings).findings


@dataclass(frozen=True)
class Case:
    """Columns about which something is found, and similar ones about which nothing of that kind is."""

    kind: str
    columns: tuple[str, ...]
    speaks: Callable[[], tuple[Column, ...]]
    silent: Callable[[], tuple[Column, ...]]
    evidence: str
    count: int = 0
    remedy: str = ""


CASES = (
    Case(
        "constant",
        ("c", "d"),
        lambda: (noise("x", 1), numbers("c", [3] * ROWS), texts("d", ["k"] * ROWS)),
        lambda: (noise("x", 1), numbers("c", [3] * (ROWS - 30) + [4] * 30)),
        "2 columns are constant and tell nothing: “c” (3), “d” (k).",
        remedy="Ignore 2 columns",
    ),
    Case(
        "near_constant",
        ("c",),
        lambda: (noise("x", 1), numbers("c", changed(np.zeros(ROWS), r7=1.0, r9=1.0))),
        lambda: (noise("x", 1), numbers("c", ([0] * 19 + [1]) * (ROWS // 20))),
        "“c” is 0 in all but 2 rows",
        count=2,
        remedy="Ignore it",
    ),
    Case(
        "identifier",
        ("order_id",),
        lambda: (noise("x", 1), numbers("order_id", draws(3).permutation(9000)[:ROWS].tolist())),
        lambda: (noise("x", 1), numbers("population", draws(3).permutation(9000)[:ROWS].tolist())),
        "300 whole numbers in 300 rows",
        remedy="Ignore it",
    ),
    Case(
        "nearly_numbers",
        ("size",),
        lambda: (
            noise("x", 1),
            texts("size", [f"{n / 8:.2f}".replace(".", ",") for n in range(ROWS - 1)] + ["abc"]),
        ),
        lambda: (noise("x", 1), texts("size", [f"{n % 40:03}" for n in range(ROWS - 1)] + ["abc"])),
        "“size” holds numbers in all but 1 of 300 values, first “abc”",
        count=1,
        remedy="Take it as numbers",
    ),
    Case(
        "code_like",
        ("zip",),
        lambda: (
            noise("x", 1),
            numbers("zip", draws(3).choice([8000, 4000, 3000, *range(9000, 9020)], ROWS).tolist()),
        ),
        lambda: (
            noise("x", 1),
            numbers("price", draws(3).choice([8000, 4000, *range(9000, 9020)], ROWS).tolist()),
        ),
        "“zip” holds whole numbers, but by the name they are codes",
        remedy="Take it as categories",
    ),
    Case(
        "row_number",
        ("n",),
        lambda: (noise("x", 1), numbers("n", range(5, ROWS + 5))),
        lambda: (noise("x", 1), numbers("n", [*range(ROWS - 1), 7])),
        "“n” only counts the rows",
        remedy="Ignore it",
    ),
    Case(
        "duplicate_rows",
        (),
        lambda: twice(40),
        lambda: (numbers("x", [0, 1, 0] * 100), numbers("y", [0, 1] * 150)),
        "40 rows are the same as an earlier one, in all columns used; ",
        count=40,
        remedy="Leave 40 rows out",
    ),
    Case(
        "contradictory_rows",
        ("t",),
        lambda: other_class(9),
        lambda: twice(9),
        "18 rows have the same inputs as another one, but another class of “t”, in 9 groups",
        count=18,
        remedy="Leave 18 rows out",
    ),
    Case(
        "gives_target_away",
        ("score",),
        lambda: (
            noise("x", 1),
            numbers("score", np.exp(normal(4, 0, 1)).tolist()),
            numbers("t", normal(4, 0, 1).tolist()),
        ),
        lambda: (
            noise("x", 1),
            numbers("score", (normal(4, 0, 1) + 0.1 * normal(5, 0, 1)).tolist()),
            numbers("t", normal(4, 0, 1).tolist()),
        ),
        "“score” almost determines the target “t”",
        remedy="Ignore it",
    ),
    Case(
        "group_leakage",
        ("patient_id",),
        patients,
        lambda: (noise("x", 1), numbers("floor", (np.arange(ROWS) % 60).tolist())),
        "of 75 values of “patient_id” are in training and in validation or test",
        remedy="Keep its rows together",
        count=-1,
    ),
    Case(
        "time_leakage",
        ("day",),
        lambda: (noise("x", 1), days(rising=True)),
        lambda: (noise("x", 1), days(rising=False)),
        "“day” rises with the rows, but rows are split at random",
        remedy="Split in order",
    ),
    Case(
        "few_rows",
        (),
        lambda: tuple(noise(f"x{number}", number) for number in range(100)),
        lambda: tuple(noise(f"x{number}", number) for number in range(30)),
        "About 210 rows to train on for 100 inputs, 2.1 for each",
    ),
    Case(
        "imbalance",
        ("t",),
        lambda: (noise("x", 1), texts("t", ["no"] * 285 + ["yes"] * 15)),
        lambda: (noise("x", 1), texts("t", ["no"] * 240 + ["yes"] * 60)),
        "285 of 300 rows are “no”; the others: “yes” (15 rows). Always saying “no” would be right for 95.0%",
    ),
    Case(
        "outliers",
        ("height",),
        lambda: (numbers("height", changed(normal(1, 1.7, 0.1), r17=171.0, r40=168.0)),),
        lambda: (numbers("height", lognormal(1, 1.2).tolist()),),
        "“height” has values far from all others: 2 rows, up to 171",
        count=2,
        remedy="Leave 2 rows out",
    ),
    Case(
        "sentinel",
        ("age",),
        lambda: (numbers("age", every(normal(1, 40, 9).round(), 20, -999.0)),),
        lambda: (numbers("age", every(normal(1, -995, 2).round(), 20, -999.0)),),
        "“age” is −999 in 15 rows, else ",
        count=15,
        remedy="Read −999 as missing",
    ),
    Case(
        "sentinel",
        ("glucose",),
        lambda: (numbers("glucose", every(normal(1, 120, 25), 30, 0.0)),),
        # Spent at most shops by a few customers, and how often they came.
        lambda: (
            numbers("spent", every(lognormal(1, 1.0), 30, 0.0)),
            numbers("visits", draws(2).poisson(4, ROWS).tolist()),
        ),
        "“glucose” is 0 in 10 rows, else ",
        count=10,
        remedy="Read 0 as missing",
    ),
    Case(
        "mixed_units",
        ("weight",),
        lambda: (numbers("weight", mixed(1000.0).tolist()), noise("x", 1)),
        # Two kinds of things: their ratio is that of no two units.
        lambda: (numbers("weight", mixed(37.0).tolist()), noise("x", 1)),
        "a factor of 1000, as between grams and kilograms",
        count=75,
        remedy="Leave 75 rows out",
    ),
    Case(
        "mixed_units",
        ("length",),
        lambda: (numbers("length", mixed(25.4).tolist()), noise("x", 1)),
        # Another column tells the groups apart: two kinds, not two units.
        lambda: (
            numbers("length", mixed(25.4).tolist()),
            numbers("x", (normal(3) + 9 * (np.arange(ROWS) % 4 == 0)).tolist()),
        ),
        "a factor of 25.4, as between millimetres and inches",
        count=75,
        remedy="Leave 75 rows out",
    ),
    Case(
        "skew",
        ("income",),
        lambda: (numbers("income", lognormal(1, 1.0).tolist()),),
        lambda: (numbers("income", normal(1).tolist()),),
        "“income” has a long tail: skewness 0.6",
        remedy="Take the logarithm",
    ),
    Case(
        "duplicate_columns",
        ("km", "miles", "town", "code"),
        lambda: (
            numbers("km", normal(1).tolist()),
            texts("town", [f"town {one % 7}" for one in range(ROWS)]),
            numbers("miles", (normal(1) / 1.609344 + 3).tolist()),
            numbers("code", [(one % 7) * 3 % 7 for one in range(ROWS)]),
        ),
        lambda: (
            numbers("km", normal(1).tolist()),
            texts("town", [f"town {one % 7}" for one in range(ROWS)]),
            numbers("miles", (normal(1) + 0.2 * normal(2)).tolist()),
            numbers("code", [one % 5 for one in range(ROWS)]),
        ),
        "“km”, “miles”; “town”, “code”. One of each is enough.",
        remedy="Ignore 2 columns",
    ),
)


def complete(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return columns if columns[-1].name == "t" else (*columns, classes())
