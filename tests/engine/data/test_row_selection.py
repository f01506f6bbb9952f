"""Filtering and sorting the rows of a table."""

import math

import numpy as np
import pytest

from engine.data import row_selection
from engine.data.columns.dates import seconds_of
from engine.data.row_selection import matching_rows, sorted_rows
from engine.data.table import Column, Table
from engine.errors import UserError

AGE = [40, 41, math.nan, 7, 40.5]
NAME = ["Ann", "bob", None, "Anna and co", "10"]
MEMBER = [1, 0, math.nan, 1, 0]
TABLE = Table(
    "people",
    (
        Column("age", "number", np.array(AGE, np.float64)),
        Column("first name", "category", np.array(NAME, object)),
        Column("member", "boolean", np.array(MEMBER, np.float64), ("nein", "ja")),
    ),
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("age > 40", [1, 4]),
        ("age>=40", [0, 1, 4]),
        ("AGE ≤ 40,0", [0, 3]),
        ("age != 40", [1, 3, 4]),
        ("age = missing", [2]),
        ("age ≠ missing", [0, 1, 3, 4]),
        ("first name = ann", [0]),
        ('"first name" != ann', [1, 3, 4]),
        ("“first name” = missing", [2]),
        ("member = ja", [0, 3]),
        ("member = no", [1, 4]),
        ("ann", [0, 3]),
        ("10", [4]),
        ("7", [3]),
        ("ja", [0, 3]),
        ("ann and age > 10", [0]),
        ("age > 1 and member = ja and first name = Ann", [0]),
        ("nobody", []),
    ],
)
def test_rows_that_fit(text, rows):
    assert matching_rows(TABLE, text).tolist() == rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size > 3", "one of the columns “age”"),
        ("age > old", "a number such as 40"),
        ("first name > a", "= or ≠ with a column of texts"),
        ("member = perhaps", "“ja”"),
        ("age >", "nothing"),
    ],
)
def test_what_cannot_be_compared_is_said(text, words):
    with pytest.raises(UserError) as caught:
        matching_rows(TABLE, text)
    assert words in str(caught.value)


def test_numbers_are_sorted_with_missing_ones_last():
    rows = np.arange(5)
    assert sorted_rows(TABLE.columns[0], rows, descending=False).tolist() == [3, 0, 4, 1, 2]
    assert sorted_rows(TABLE.columns[0], rows, descending=True).tolist() == [1, 4, 0, 3, 2]


def test_texts_are_sorted_numbers_first_and_equal_rows_stay_in_order(monkeypatch):
    monkeypatch.setattr(row_selection, "SORTED_AT_ONCE", 2)
    column = Column("x", "category", np.array(["b", "10", "9", None, "a", "b"], object))
    assert sorted_rows(column, np.arange(6), descending=False).tolist() == [2, 1, 4, 0, 5, 3]
    assert sorted_rows(column, np.array([5, 3, 0]), descending=True).tolist() == [5, 0, 3]


def test_sorting_agrees_with_pythons_own():
    generator = np.random.default_rng(3)
    values = generator.integers(0, 50, 500).astype(np.float64)
    found = sorted_rows(Column("x", "number", values), np.arange(500), descending=False)
    assert found.tolist() == sorted(range(500), key=lambda row: (values[row], row))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("day = 2020-02-01", [1, 2]),
        ("day > 2020-02-01", [3]),
        ("day <= 1 Feb 2020", [0, 1, 2]),
        ("day > 2020-02-01 12:00", [2, 3]),
        ("day < 3/2/2020", [0, 1, 2]),
        ("day = missing", [4]),
        ("2020-02-01", [1, 2]),
    ],
)
def test_dates_are_compared_as_dates(text, rows):
    texts = ["2020-01-31", "2020-02-01", "2020-02-01 13:00", "2020-02-03", ""]
    values = np.array([seconds_of(one) for one in texts])
    table = Table("t", (Column("day", "date", values, day_first=True),))
    assert matching_rows(table, text).tolist() == rows


def test_what_is_no_date_is_not_compared_with_dates():
    table = Table("t", (Column("day", "date", np.array([0.0])),))
    with pytest.raises(UserError, match="a date such as 2020-01-31"):
        matching_rows(table, "day > soon")
