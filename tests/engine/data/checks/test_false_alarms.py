"""What must not be said: of ordinary numbers nothing, and of well-known tables only what is true of them."""

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from engine.data import DataSettings, describe
from engine.data.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Table
from tests.engine.data.tables import numbers, table, texts

SETTINGS = DataSettings(source=CSVFile(path="any.csv"), target="t")
TABLES = Path(os.environ.get("GRADWRIGHT_DATA", "")) / "csv"

ORDINARY = {
    "normal": lambda draws, rows: draws.normal(10, 2, rows),
    "about zero": lambda draws, rows: draws.normal(0, 1, rows),
    "uniform": lambda draws, rows: draws.random(rows),
    "rounded": lambda draws, rows: draws.normal(1.7, 0.1, rows).round(2),
    "counts": lambda draws, rows: draws.poisson(3, rows),
    "per cent": lambda draws, rows: draws.integers(0, 101, rows),
    "two digits": lambda draws, rows: draws.integers(0, 100, rows),
    "years": lambda draws, rows: draws.integers(1950, 2024, rows),
    "at both ends": lambda draws, rows: draws.beta(0.5, 0.5, rows),
    "two groups": lambda draws, rows: np.where(
        draws.random(rows) < 0.5, draws.normal(10, 1, rows), draws.normal(25, 2, rows)
    ),
}
"""Distributions as columns have them; of two groups it may be said that they are skewed."""


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_numbers_raise_no_alarm(name: str) -> None:
    for seed in range(12):
        draws = np.random.default_rng(seed)
        rows = int(draws.choice([80, 150, 400, 2000]))
        columns = [numbers(f"x{number}", ORDINARY[name](draws, rows)) for number in range(4)]
        target = texts("t", ["ab"[one] for one in draws.integers(0, 2, rows)])
        found = describe(table(*columns, target), SETTINGS).findings
        assert {one.kind for one in found} <= ({"skew"} if name == "two groups" else set())


def kinds(data: Table, settings: DataSettings) -> dict[str, tuple[str, ...]]:
    return {one.kind: one.columns for one in describe(data, settings).findings}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Iris(), {}),
        (Digits(), {}),
        (Diabetes(), {}),
        # Malic acid and the sizes of a few nuclei do have long tails.
        (Wine(), {"skew": 1}),
        (BreastCancer(), {"skew": 7}),
    ],
)
def test_tables_that_come_along(source, expected) -> None:
    settings = DataSettings(source=source)
    found = kinds(settings.load(), settings)
    assert {kind: len(columns) for kind, columns in found.items()} == expected


def test_digits_as_columns() -> None:
    """Three pixels at the edge are white in every image, seven more in nearly all."""
    data = datasets.load_digits()
    columns = [numbers(f"pixel {number}", pixel) for number, pixel in enumerate(data.data.T)]
    found = kinds(table(*columns, texts("t", [str(one) for one in data.target])), SETTINGS)
    constant = [number for number, pixel in enumerate(data.data.T) if np.ptp(pixel) == 0]
    assert found["constant"] == tuple(f"pixel {number}" for number in constant)
    usual = np.median(data.data, axis=0)
    others = (data.data != usual).sum(axis=0)
    rare = [number for number in range(64) if 0 < others[number] <= 17]
    assert found == {
        "constant": found["constant"],
        "near_constant": tuple(f"pixel {number}" for number in rare),
    }


@pytest.mark.skipif(not TABLES.is_dir(), reason="GRADWRIGHT_DATA names no folder with the tables")
@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("mpg.csv", "mpg", {"identifier": ("name",), "skew": ("displacement",)}),
        ("penguins.csv", "species", {}),
        (
            "titanic.csv",
            "survived",
            {
                "gives_target_away": ("alive",),
                "mostly_missing": ("deck",),
                "duplicate_rows": (),
                "duplicate_columns": ("pclass", "class", "embarked", "embark_town"),
                "skew": ("fare",),
            },
        ),
    ],
)
def test_well_known_tables(name: str, target: str, expected: dict[str, tuple[str, ...]]) -> None:
    settings = DataSettings(source=CSVFile(path=str(TABLES / name)), target=target)
    assert kinds(settings.load(), settings) == expected


def test_a_target_of_one_class_is_not_given_away() -> None:
    data = table(numbers("x", [row % 7 for row in range(50)]), texts("t", ["k"] * 50))
    assert "gives_target_away" not in kinds(data, SETTINGS)


def test_numbers_near_the_largest_float_are_checked_without_overflow() -> None:
    values = [(-1.7e308, 1.7e308)[row * row % 3 > 0] for row in range(50)]
    described = describe(table(numbers("x", values), numbers("t", values[::-1])), SETTINGS)
    assert described.rows == 50
