"""Tables of other forms than text: the same table gives the same columns, and a broken file a sentence."""

import datetime
import sqlite3
from contextlib import closing

import duckdb
import numpy as np
import openpyxl
import pytest
import python_calamine

from engine.data.columns.texts import texts_of
from engine.data.sources.converted import ConvertedTable
from engine.data.sources.parquet_file import ParquetFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.data.sources.text_table import TextTable
from engine.errors import UserError
from tests.engine.data.sources.sources_for_tests import WRITERS, example

CONVERTED = [kind for kind in WRITERS if issubclass(kind, ConvertedTable)]
every_kind = pytest.mark.parametrize("kind", CONVERTED, ids=lambda kind: kind.__name__)


@every_kind
@pytest.mark.parametrize("damage", ["empty", "cut", "foreign", "picture", "gone"])
def test_a_broken_file_is_refused_in_a_sentence(kind, damage, tmp_path):
    source = example(kind, tmp_path)
    path = tmp_path / WRITERS[kind][0]
    whole = path.read_bytes()
    if damage == "cut" and issubclass(kind, TextTable):
        return  # a part of a text may be a whole text
    if damage == "gone":
        path.unlink()
    else:
        damaged = {"empty": b"", "cut": whole[: len(whole) // 2], "foreign": b"a,b\n1,2\n" * 400}
        path.write_bytes(damaged.get(damage, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8))
    with pytest.raises(UserError) as caught:
        source.load()
    assert path.name in str(caught.value)
    assert caught.value.help
    assert len(str(caught.value)) < 400


def write(path, sheets):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)


def test_cells_are_read_as_they_are_stored(tmp_path):
    rows = [
        ["n", "code", "yes", "day", "moment", "part"],
        [1, "001", True, datetime.date(2024, 2, 29), datetime.datetime(2024, 1, 1, 12, 30), 0.1],
        [2.5, "010", False, datetime.date(2023, 1, 1), None, 1e-7],
    ]
    write(tmp_path / "t.xlsx", {"Data": rows})
    table = Spreadsheet(path=str(tmp_path / "t.xlsx")).load()
    assert table.column("n").values.tolist() == [1, 2.5]
    assert list(texts_of(table.column("code"))) == ["001", "010"]
    assert (table.column("yes").kind, table.column("yes").values.tolist()) == ("boolean", [1, 0])
    assert list(texts_of(table.column("day"))) == ["2024-02-29", "2023-01-01"]
    assert list(texts_of(table.column("moment"))) == ["2024-01-01 12:30:00", None]
    assert table.column("part").values.tolist() == [0.1, 1e-7]
    assert table.notes[0] == "Read from sheet “Data”."


def test_the_first_sheet_with_a_table_or_the_chosen_one(tmp_path):
    path = tmp_path / "t.xlsx"
    write(path, {"Cover": [], "Data": [["a"], [1], [2]], "More": [["b"], [3]]})
    assert [column.name for column in Spreadsheet(path=str(path)).load().columns] == ["a"]
    assert [column.name for column in Spreadsheet(path=str(path), sheet="More").load().columns] == ["b"]
    with pytest.raises(UserError, match="sheet: expected “Cover” or “Data” or “More”, found “Other”"):
        Spreadsheet(path=str(path), sheet="Other").load()


def test_a_title_above_and_empty_rows_within(tmp_path):
    write(tmp_path / "t.xlsx", {"S": [["Cars of 1970"], [], ["mpg", "name"], [18, "a"], [], [15, "b"]]})
    table = Spreadsheet(path=str(tmp_path / "t.xlsx")).load()
    assert [column.name for column in table.columns] == ["mpg", "name"]
    assert table.column("mpg").values.tolist() == [18, 15]


def test_texts_and_numbers_with_commas_are_told_apart(tmp_path):
    write(tmp_path / "t.xlsx", {"S": [["a", "b"], [12.606, "x, y"], [1.5, 'he said "no"\ntwice']]})
    table = Spreadsheet(path=str(tmp_path / "t.xlsx")).load()
    assert table.column("a").values.tolist() == [12.606, 1.5]
    assert list(texts_of(table.column("b"))) == ["x, y", 'he said "no"\ntwice']


def test_types_of_parquet(tmp_path):
    path = tmp_path / "odd * name.parquet"
    duckdb.sql(
        "copy (select 9007199254740993 + i as id, i / 3.0 as x, i % 2 = 0 as even, "
        "case when i = 1 then null else 'k' || i end as kind, cast(i as decimal(9, 2)) as price "
        f"from range(4) t(i)) to '{path}' (format parquet)"
    )
    table = ParquetFile(path=str(path)).load()
    assert list(texts_of(table.column("id"))) == [str(9007199254740993 + i) for i in range(4)]
    assert table.column("x").values.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1], rel=1e-15)
    assert table.column("even").values.tolist() == [1, 0, 1, 0]
    assert list(texts_of(table.column("kind"))) == ["k0", None, "k2", "k3"]
    assert table.column("price").values.tolist() == [0, 1, 2, 3]


def test_nested_columns_of_parquet_are_named(tmp_path):
    path = tmp_path / "t.parquet"
    duckdb.sql(f"copy (select [1, 2] as pair, 1 as n) to '{path}' (format parquet)")
    with pytest.raises(UserError, match="lists, groups or bytes in “pair”"):
        ParquetFile(path=str(path)).load()


def test_one_of_several_tables_is_chosen(tmp_path):
    path = tmp_path / "t.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('create table "odd ""name" (a real, c text)')
        connection.execute("create table other (b integer)")
        connection.execute('insert into "odd ""name" values (1.5, null), (null, null)')
        connection.commit()
    first = SQLiteTable(path=str(path)).load()
    assert [column.name for column in first.columns] == ["a", "c"]
    assert any('Read from the table “odd "name”; the database has “other”, too.' in n for n in first.notes)
    with pytest.raises(UserError, match=r"table: expected one of .*, found “third”"):
        SQLiteTable(path=str(path), table="third").load()
    values = SQLiteTable(path=str(path), table='odd "name').load().column("a").values
    assert values[0] == 1.5
    assert np.isnan(values[1])


def test_a_database_is_only_read(tmp_path):
    path = tmp_path / "t.db"
    WRITERS[SQLiteTable][1](path)
    before = path.read_bytes()
    SQLiteTable(path=str(path)).load()
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.db"]


def test_a_panic_of_the_reader_is_a_sentence(tmp_path, monkeypatch):
    class PanicException(BaseException):
        """Named as pyo3 names its own."""

    def panic(path):
        raise PanicException("index out of bounds")

    source = example(Spreadsheet, tmp_path)
    monkeypatch.setattr(python_calamine.CalamineWorkbook, "from_path", panic)
    with pytest.raises(UserError, match="expected a spreadsheet that can be read, found index out of bounds"):
        source.load()
