"""Columns are read as the type that a person chose, from every source; what cannot be read is listed."""

import calendar
import datetime

import numpy as np
import pytest

from engine.data.columns.dates import date_text, seconds_of
from engine.data.columns.settings import ColumnSettings
from engine.data.columns.types import MOST_UNREADABLE, column_type, with_types
from engine.data.encoders.categories import OneHot
from engine.data.encoders.numbers import Standardize
from engine.data.sources.bundled import Iris
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.data.table import Table, Unreadable, with_levels
from tests.engine.data.tables import numbers, texts


def loaded(tmp_path, text, **types):
    (tmp_path / "t.csv").write_text(text)
    return CSVFile(path=str(tmp_path / "t.csv")).load(types=types)


MIXED = "length;n\n18,7;1\n18,7 mm;2\n1.234,5;3\nNA;4\n;5\n"


def test_a_column_of_numbers_lists_what_is_none(tmp_path):
    table = loaded(tmp_path, MIXED, length="number")
    column = table.column("length")
    assert column.kind == "number"
    assert np.array_equal(column.values, [18.7, np.nan, 1234.5, np.nan, np.nan], equal_nan=True)
    assert table.unreadable == (Unreadable(3, "length", "expected a number, found “18,7 mm”"),)
    assert any("1 value that cannot be read as a number counts as missing" in note for note in table.notes)
    assert table.decimal == ","


def test_lines_are_those_of_the_file(tmp_path):
    text = 'note,x\n"two\nlines",1\n\n"a, b",two\nc,three\n'
    table = loaded(tmp_path, text, x="number")
    assert [(place.line, place.reason) for place in table.unreadable] == [
        (5, "expected a number, found “two”"),
        (6, "expected a number, found “three”"),
    ]


def test_the_list_is_bounded_and_the_note_counts_all(tmp_path):
    rows = "".join(f"v{n}\n" for n in range(MOST_UNREADABLE + 500))
    table = loaded(tmp_path, "x,y\n" + rows.replace("\n", ",1\n"), x="number")
    assert len(table.unreadable) == MOST_UNREADABLE
    assert any("1,500 values that cannot be read as a number" in note for note in table.notes)
    assert table.column("x").missing == MOST_UNREADABLE + 500


def test_a_code_keeps_its_spelling_and_a_number_may_be_forced(tmp_path):
    text = "zip,n,price\n010,5,$1.50\n1,6,$2\n"
    codes = loaded(tmp_path, text, zip="code", n="code", price="category")
    assert [list(column.values) for column in codes.columns] == [["010", "1"], ["5", "6"], ["$1.50", "$2"]]
    assert [column.kind for column in codes.columns] == ["code", "code", "category"]
    forced = loaded(tmp_path, text, zip="number")
    assert list(forced.column("zip").values) == [10, 1]
    assert list(forced.column("price").values) == [1.5, 2]


@pytest.mark.parametrize(
    ("values", "labels", "found"),
    [
        (["yes", "No", "?"], ("No", "yes"), [1, 0, None]),
        (["m", "w", "m"], ("m", "w"), [0, 1, 0]),
        (["1", "0", "1"], ("0", "1"), [1, 0, 1]),
        (["ja", "ja", "ja"], ("nein", "ja"), [1, 1, 1]),
        (["yes", "no", "maybe"], ("no", "yes"), [1, 0, None]),
    ],
)
def test_yes_and_no(tmp_path, values, labels, found):
    table = loaded(tmp_path, "x,y\n" + "".join(f"{value},1\n" for value in values), x="boolean")
    column = table.column("x")
    assert (column.kind, column.labels) == ("boolean", labels)
    assert np.array_equal(column.values, numbers("x", found).values, equal_nan=True)
    listed = [place.reason for place in table.unreadable]
    assert listed == (["expected yes or no, found “maybe”"] if "maybe" in values else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-02-29", (2020, 2, 29)),
        ("20200229", (2020, 2, 29)),
        ("29.2.2020", (2020, 2, 29)),
        ("29 Feb 2020", (2020, 2, 29)),
        ("February 29, 2020", (2020, 2, 29)),
        ("2/29/20", (2020, 2, 29)),
        ("1/2/69", (1969, 1, 2)),
        ("2020", (2020, 1, 1)),
        ("2020-07", (2020, 7, 1)),
        ("2020-02-29T13:05:59", (2020, 2, 29, 13, 5, 59)),
        ("2020-02-29 01:05 PM", (2020, 2, 29, 13, 5)),
        ("2020-02-29 12:30 AM", (2020, 2, 29, 0, 30)),
        ("2020-02-29T13:05:59+02:00", (2020, 2, 29, 11, 5, 59)),
        ("1900-02-28", (1900, 2, 28)),
    ],
)
def test_dates_are_seconds_since_1970(text, expected):
    seconds = calendar.timegm(datetime.datetime(*expected).timetuple())
    assert seconds_of(text) == seconds
    assert seconds_of(date_text(seconds)) == seconds


@pytest.mark.parametrize(
    "text", ["2021-02-29", "31.4.2020", "25:00", "2020-01-01 24:00", "1/2", "0000-01-01"]
)
def test_no_dates(text):
    assert np.isnan(seconds_of(text))


def test_the_order_of_day_and_month_is_that_of_the_column(tmp_path):
    text = "x,y\n1/2/2020,1\n13/2/2020,2\n"
    table = loaded(tmp_path, text, x="date")
    assert [date_text(value) for value in table.column("x").values] == ["2020-02-01", "2020-02-13"]
    assert table.column("x").day_first is True
    assert any("1/2/2020 is 1 February" in note for note in table.notes)
    other = loaded(tmp_path, "x,y\n1/2/2020,1\n2/13/2020,2\n13/13/2020,3\n", x="date")
    assert [place.line for place in other.unreadable] == [4]
    assert [date_text(value) for value in other.column("x").values[:2]] == ["2020-01-02", "2020-02-13"]


def test_the_same_table_from_every_source(tmp_path):
    import sqlite3

    import openpyxl

    rows = [("a", "n"), ("1.5", 7), ("x", 8), ("2", 9)]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    with sqlite3.connect(tmp_path / "t.sqlite") as connection:
        connection.execute("create table t (a, n)")
        connection.executemany("insert into t values (?, ?)", rows[1:])
    connection.close()
    (tmp_path / "t.csv").write_text("a,n\n1.5,7\nx,8\n2,9\n")
    kinds = (CSVFile, "csv"), (Spreadsheet, "xlsx"), (SQLiteTable, "sqlite")
    for source, suffix in kinds:
        table = source(path=str(tmp_path / f"t.{suffix}")).load(types={"a": "number", "n": "code"})
        assert np.array_equal(table.column("a").values, [1.5, np.nan, 2], equal_nan=True)
        assert list(table.column("n").values) == ["7", "8", "9"]
        assert table.unreadable == (Unreadable(3, "a", "expected a number, found “x”"),)


def test_data_in_no_file_are_read_in_the_same_way():
    table = Iris().load(types={"species": "number", "petal width (cm)": "code", "unknown": "number"})
    assert table.column("species").missing == 150
    assert table.unreadable[0] == Unreadable(1, "species", "expected a number, found “setosa”")
    assert list(table.column("petal width (cm)").values[:2]) == ["0.2", "0.2"]
    same = Iris().load()
    assert same.fingerprint == Iris().load(types={"species": "category"}).fingerprint
    assert same.fingerprint != table.fingerprint


def test_types_are_named_in_one_place():
    zips = texts("zip", ["007", "010", "5"])
    assert column_type(zips) == "code"
    assert column_type(zips, {"zip": "category"}) == "category"
    assert column_type(texts("day", ["2020-01-01", "2020-01-02"])) == "date"
    assert column_type(numbers("x", [1, 2])) == "number"


def test_another_type_keeps_what_suits_it():
    standardized = ColumnSettings(name="x", type="number", preparation=Standardize(), missing="mean")
    assert standardized.of_type("number") == standardized
    assert standardized.of_type("date").preparation is None
    assert standardized.of_type("date").missing == "mean"
    assert standardized.of_type("category") == ColumnSettings(name="x", type="category")
    assert standardized.of_type(None) == ColumnSettings(name="x")
    one_hot = ColumnSettings(name="x", type="category", preparation=OneHot(), missing="own")
    assert one_hot.of_type("code") == one_hot.replace(type="code")


def test_chosen_rows_keep_what_is_known_of_the_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x;n\n1,5;1\nlong;2\n2,5;3\n")
    table = CSVFile(path=str(path), rows="2-").load(types={"x": "number"})
    np.testing.assert_array_equal(table.column("x").values, [np.nan, 2.5])
    assert table.decimal == ","
    assert [(place.line, place.column) for place in table.unreadable] == [(3, "x")]
    preview = CSVFile(path=str(path), first_rows=1).load(types={"x": "number"})
    assert (preview.decimal, preview.unreadable) == (",", ())


def test_other_types_of_text_keep_what_the_source_declares():
    (column,) = with_levels([texts("c", ["b", "a"])], {"c": ("b", "a")})
    table = with_types(Table("t", (column,)), {"c": "code"})
    assert (table.column("c").kind, table.column("c").levels) == ("code", ("b", "a"))
    assert table.take(np.array([1])).column("c").levels == ("b", "a")
