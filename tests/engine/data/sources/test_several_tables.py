"""Files with several tables: sheets, tables and queries of a database, files in an archive."""

import datetime
import gzip
import io
import sqlite3
import threading
import time
import zipfile
from contextlib import closing

import numpy as np
import openpyxl
import pytest

from engine.data.columns.texts import texts_of
from engine.data.delimited.compression import zstd
from engine.data.sources import SOURCES, source_for
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.errors import UserError
from engine.input_files import OTHERS
from engine.progress import Cancelled, Progress, left_when_cancelled

TABLE = "a,b\n1,x\n2,y\n"


def workbook(path, hidden=(), **sheets):
    found = openpyxl.Workbook()
    found.remove(found.active)
    for name, rows in sheets.items():
        sheet = found.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(row)
    found.save(path)
    return Spreadsheet(path=str(path))


def names(table):
    return [column.name for column in table.columns]


def test_visible_sheets_come_before_hidden_ones(tmp_path):
    rows = {"Lists": [["a"], [1], [2]], "Empty": [], "Data": [["b"], [3], [4]]}
    source = workbook(tmp_path / "t.xlsx", ("Lists",), **rows)
    assert source.parts() == ("Lists", "Empty", "Data")
    assert names(source.load()) == ["b"]
    hidden = source.with_part("Lists").load()
    assert names(hidden) == ["a"]
    assert hidden.notes[0] == "Read from sheet “Lists”, which is hidden."
    with pytest.raises(UserError) as caught:
        source.with_part("Data ").load()
    assert "t.xlsx, sheet: expected “Lists” (hidden) or “Empty” or “Data”, found “Data ”" in str(caught.value)
    with pytest.raises(UserError) as caught:
        source.with_part("Empty").load()
    assert "t.xlsx, sheet “Empty”: expected a table, found an empty sheet" in str(caught.value)
    assert "Choose another of its sheets: “Lists” (hidden) or “Data”." in str(caught.value)


def test_a_book_of_empty_sheets(tmp_path):
    with pytest.raises(UserError, match=r"t.xlsx: expected a table, found only empty sheets"):
        workbook(tmp_path / "t.xlsx", A=[], B=[]).load()


def test_midnights_and_durations_are_as_their_columns(tmp_path):
    moments = [datetime.datetime(2024, 1, 1, 12, 30), datetime.datetime(2024, 1, 2)]
    lasting = [datetime.timedelta(hours=30), datetime.timedelta(minutes=1)]
    rows = [["at", "for"], *zip(moments, lasting, strict=True)]
    table = workbook(tmp_path / "t.xlsx", S=[list(row) for row in rows]).load()
    assert list(texts_of(table.column("at"))) == ["2024-01-01 12:30:00", "2024-01-02 00:00:00"]
    assert table.column("for").values.tolist() == [108_000, 60]


def test_a_table_that_does_not_begin_in_the_corner(tmp_path):
    book = openpyxl.Workbook()
    for cell, value in {"C4": "a", "D4": "b", "C5": 1, "D5": "x", "C6": 2, "D6": "y"}.items():
        book.active[cell] = value
    book.save(tmp_path / "t.xlsx")
    table = Spreadsheet(path=str(tmp_path / "t.xlsx")).load()
    assert names(table) == ["a", "b"]
    assert table.column("a").values.tolist() == [1, 2]


def test_a_call_that_cannot_be_broken_off_is_left_at_once():
    progress, go_on, left = Progress(), threading.Event(), []

    def work():
        left.append(go_on.wait(30))

    threading.Timer(0.05, progress.cancel).start()
    began = time.perf_counter()
    with pytest.raises(Cancelled):
        left_when_cancelled(work, progress)
    assert time.perf_counter() - began < 0.25
    assert left == []
    go_on.set()


def test_what_a_left_call_raises_is_raised_by_the_caller():
    def work():
        raise ValueError("in there")

    with pytest.raises(ValueError, match="in there"):
        left_when_cancelled(work, Progress())


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table cars (length real, colour text, picture blob)")
        connection.execute("create table people (name text, age integer)")
        connection.execute("create view old as select name, age from people where age > 40")
        connection.executemany("insert into people values (?, ?)", [("Ann", 50), ("Bob", 30), ("Cy", 60)])
        connection.execute("insert into cars values (1.5, 'red', x'00ff')")
        connection.commit()
    return SQLiteTable(path=str(path))


def test_a_query_is_read_in_place_of_a_table(database):
    assert database.parts() == ("cars", "people", "old")
    table = database.replace(query="select name, age * 2 as twice from people order by age desc").load()
    assert names(table) == ["name", "twice"]
    assert table.column("twice").values.tolist() == [120, 100, 60]
    assert names(database.with_part("old").load()) == ["name", "age"]


@pytest.mark.parametrize(
    "query",
    [
        "delete from people",
        "insert into people values ('x', 1)",
        "create table more (a)",
        "create temp table more (a)",
        "attach database 'other.db' as other",
        "pragma journal_mode = wal",
        "select load_extension('x')",
        "select 1; delete from people",
        "vacuum into 'copy.db'",
        "nonsense",
        "select * from nobody",
    ],
)
def test_a_query_can_do_nothing_but_read(database, query, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = (tmp_path / "t.db").read_bytes()
    with pytest.raises(UserError) as caught:
        database.replace(query=query).load()
    assert f"t.db, query “{query}”: expected a single query that reads, found " in str(caught.value)
    assert (tmp_path / "t.db").read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.db"]


def test_an_endless_query_is_broken_off(database):
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select sum(i) as s from n"
    progress = Progress()
    threading.Timer(0.1, progress.cancel).start()
    with pytest.raises(Cancelled):
        database.replace(query=endless).load(progress)


def test_bytes_in_a_database_are_named(database):
    with pytest.raises(UserError, match="column “picture”: expected numbers and texts, found bytes"):
        database.with_part("cars").load()


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.zst", "t.zip"])
def test_compressed_text(tmp_path, name):
    path = tmp_path / name
    if name.endswith("zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("folder/t.csv", TABLE)
            archive.writestr("__MACOSX/folder/._t.csv", b"\0\1")
    else:
        path.write_bytes((gzip if name.endswith("gz") else zstd).compress(TABLE.encode()))
    assert source_for(path) is CSVFile
    table = CSVFile(path=str(path)).load()
    assert table.column("a").values.tolist() == [1, 2]
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(UserError, match=r"expected a whole (gzip file|Zstandard file|zip archive), found"):
        CSVFile(path=str(path)).load()


def test_a_file_of_several_in_an_archive(tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", TABLE)
        archive.writestr("two.csv", "c;d\n1,5;2\n")
        archive.writestr("picture.png", b"\x89PNG\r\n\x1a\n")
    source = CSVFile(path=str(path))
    assert source.parts() == ("one.csv", "two.csv", "picture.png")
    assert source.with_part("two.csv").load().column("c").values.tolist() == [1.5]
    first = source.load()
    assert first.notes[0] == "Read from “one.csv”; the archive holds “two.csv”, “picture.png”, too."
    assert first.column("a").values.tolist() == [1, 2]
    with pytest.raises(UserError, match=r"expected one of “one.csv”, “two.csv”, “picture.png”, found “three"):
        source.with_part("three.csv").load()
    with pytest.raises(UserError, match="expected a table as text, found a PNG image"):
        source.with_part("picture.png").load()


def test_an_archive_of_another_kind_names_its_source(tmp_path):
    headings = {kind.heading for kind in SOURCES}
    assert {source for _, source in OTHERS.values() if source} <= headings
    path = tmp_path / "t.csv"
    workbook(path.with_suffix(".xlsx"), S=[["a"], [1]])
    path.with_suffix(".xlsx").rename(path)
    with pytest.raises(UserError, match="Choose the source “Spreadsheet” for it"):
        CSVFile(path=str(path)).load()
    # And this works, whatever the file is called.
    assert names(Spreadsheet(path=str(path)).load()) == ["a"]
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    path.write_bytes(stream.getvalue())
    with pytest.raises(UserError, match=r"a NumPy array. Choose the source “NumPy arrays”"):
        CSVFile(path=str(path)).load()


def write_ods(path, cells):
    """The smallest spreadsheet of OpenDocument: rows of (type, attribute, value, text)."""
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="{kind}" office:{attribute}="{value}">'
            f"<text:p>{text}</text:p></table:table-cell>"
            for kind, attribute, value, text in row
        )
        + "</table:table-row>"
        for row in cells
    )
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)


def test_times_of_opendocument_beyond_a_day(tmp_path):
    head = [("string", "string-value", "for", "for"), ("string", "string-value", "n", "n")]
    times = [("PT30H00M00S", "30:00:00"), ("PT00H01M00S", "00:01:00")]
    rows = [
        [("time", "time-value", value, text), ("float", "value", place, place)]
        for place, (value, text) in enumerate(times)
    ]
    write_ods(tmp_path / "t.ods", [head, *rows])
    table = Spreadsheet(path=str(tmp_path / "t.ods")).load()
    assert table.column("for").values.tolist() == [108_000, 60]
    assert table.column("n").values.tolist() == [0, 1]
