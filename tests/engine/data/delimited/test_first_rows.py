"""The first rows of large files, as they are understood and as they are written."""

import gzip

import pytest

from engine.data import first_rows as module
from engine.data.columns.preview import cell_texts
from engine.data.columns.settings import ColumnSettings
from engine.data.first_rows import fields_as_written, first_rows, found_format
from engine.data.settings import DataSettings
from engine.data.sources.bundled import Iris
from engine.data.sources.csv_file import CSVFile
from engine.errors import UserError

ROWS = 4000


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("code;size;kind\n" + "".join(f"00{n % 7};{n},5;{'xy'[n % 2]}\n" for n in range(ROWS)))
    return path


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(module, "HEAD_BYTES", 2000)
    monkeypatch.setattr(module, "WORTH_IT_BYTES", 20)


def settings(path, **fields) -> DataSettings:
    return DataSettings(source=CSVFile(path=str(path), **fields))


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("packed", [False, True])
def test_first_rows_are_those_of_the_whole_table(table, packed, tmp_path):
    path = table
    if packed:
        path = tmp_path / "large.csv.gz"
        path.write_bytes(gzip.compress(table.read_bytes()))
    found, whole = first_rows(settings(path)), settings(path).load()
    assert found is not None
    assert 50 < found.rows < ROWS
    for column in found.columns:
        same = whole.column(column.name)
        assert column.kind == same.kind
        assert cell_texts(column, slice(0, found.rows)) == cell_texts(same, slice(0, found.rows))


def test_of_a_small_file_there_is_no_first_look(table):
    assert first_rows(settings(table)) is None
    assert first_rows(DataSettings(source=Iris())) is None
    assert first_rows(settings(table.with_name("gone.csv"))) is None


def test_fields_are_as_they_are_written(table):
    codes, sizes, kinds = fields_as_written(settings(table), 3)
    assert codes == ["000", "001", "002"]
    assert sizes == ["0,5", "1,5", "2,5"]
    assert kinds == ["x", "y", "x"]


@pytest.mark.usefixtures("small_limits")
def test_fields_of_a_large_file_are_those_of_its_first_rows(table):
    assert fields_as_written(settings(table), 2)[1] == ["0,5", "1,5"]


def test_data_that_is_not_written_has_no_fields():
    assert fields_as_written(DataSettings(source=Iris()), 5) == []


def test_what_is_no_table_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(UserError):
        fields_as_written(settings(path), 5)


def test_how_it_is_written_is_told_where_it_is_not_given(table, tmp_path):
    assert found_format(settings(table)) == {"encoding": "UTF-8", "delimiter": ";"}
    assert found_format(settings(table, delimiter=";", encoding="latin-1")) == {}
    blanks = tmp_path / "blanks.data"
    blanks.write_text("a  b c\n" + "1  2 3\n" * 30)
    assert found_format(settings(blanks, encoding="utf-8")) == {"delimiter": " "}
    assert found_format(DataSettings(source=Iris())) == {}


@pytest.mark.usefixtures("small_limits")
def test_first_rows_are_of_the_types_that_were_chosen(tmp_path):
    path = tmp_path / "large.csv"
    rows = (f"{1 + n % 28:02}.01.2020;{'18,7 kg' if n == 7 else f'{n},5'}\n" for n in range(ROWS))
    path.write_text("day;size\n" + "".join(rows))
    typed = settings(path)
    for name, kind in (("day", "date"), ("size", "number")):
        typed = typed.with_column(ColumnSettings(name=name, type=kind))
    found = first_rows(typed)
    assert found is not None
    assert found.rows < ROWS
    assert [column.kind for column in found.columns] == ["date", "number"]
    assert cell_texts(found.column("day"), slice(0, 2)) == ["2020-01-01", "2020-01-02"]
    assert cell_texts(found.column("size"), slice(6, 9)) == ["6.5", None, "8.5"]
    assert [(place.line, place.column) for place in found.unreadable] == [(9, "size")]


def test_lines_that_do_not_fit_are_left_out_of_the_fields_too(table):
    with table.open("a") as stream:
        stream.write("broken\n")
    assert len(fields_as_written(settings(table), ROWS + 9)[0]) == ROWS == settings(table).load().rows
