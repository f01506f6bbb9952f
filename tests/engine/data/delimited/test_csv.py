"""Tables as people save them are read as they were meant, and what was understood is said."""

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.sources.csv_file import CSVFile
from engine.data.table import Table

# Names of people and towns, as codes because some of the letters look like Latin ones.
RUSSIAN = (
    "\u0438\u043c\u044f,\u0433\u043e\u0440\u043e\u0434\n"
    "\u0418\u0432\u0430\u043d,\u041c\u043e\u0441\u043a\u0432\u0430\n"
    "\u041e\u043b\u044c\u0433\u0430,\u0421\u0430\u043d\u043a\u0442-\u041f\u0435\u0442\u0435\u0440\u0431\u0443\u0440\u0433\n"
)


def read_table(folder: Path, content: str | bytes, name: str = "table.csv", **settings: Any) -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return CSVFile(path=str(path), **settings).load()


def values(table: Table, name: str) -> list[Any]:
    return [None if isinstance(v, float) and np.isnan(v) else v for v in table.column(name).values.tolist()]


def test_kinds_of_columns(tmp_path: Path) -> None:
    table = read_table(
        tmp_path,
        "number,text,yes,true,mixed\n1,a,yes,TRUE,1\n-2.5e3,b,No,false,yes\n.5,a,yes,True,no\n",
    )
    assert [column.kind for column in table.columns] == [
        "number",
        "category",
        "boolean",
        "boolean",
        "category",
    ]
    assert values(table, "number") == [1, -2500, 0.5]
    assert values(table, "text") == ["a", "b", "a"]
    assert (values(table, "yes"), table.column("yes").labels) == ([1, 0, 1], ("No", "yes"))
    assert values(table, "true") == [1, 0, 1]
    assert table.notes == ("Read as UTF-8, separated by commas.",)


def test_zeros_ones_and_dates_are_what_they_look_like(tmp_path: Path) -> None:
    table = read_table(tmp_path, "a,b,c\n0,2024-01-31,1_000\n1,2024-02-01,2_000\n")
    assert [column.kind for column in table.columns] == ["number", "category", "category"]


@pytest.mark.parametrize("missing", ["", "n/a", "NaN", "N/A", "<NA>", "?", "-", "  ", " nan ", '""'])
def test_missing_values(tmp_path: Path, missing: str) -> None:
    table = read_table(tmp_path, f"number,text,flag\n1,a,yes\n{missing},{missing},{missing}\n2,b,no\n")
    assert values(table, "number") == [1, None, 2]
    assert values(table, "text") == ["a", None, "b"]
    assert values(table, "flag") == [1, None, 0]
    assert [column.missing for column in table.columns] == [1, 1, 1]


def test_a_column_without_values_is_one_of_numbers(tmp_path: Path) -> None:
    column = read_table(tmp_path, "a,b\n1,\n2,NA\n").column("b")
    assert (column.kind, column.missing, column.distinct) == ("number", 2, 0)


def test_infinite_numbers_count_as_missing_and_are_told(tmp_path: Path) -> None:
    table = read_table(tmp_path, "a\n1\ninf\n1e999\n")
    assert values(table, "a") == [1, None, None]
    assert "Column “a”: 2 infinite values count as missing." in table.notes


@pytest.mark.parametrize("infinite", ["inf", "-inf", "+Inf", "INF", "Infinity", "-infinity", "1e999"])
@pytest.mark.parametrize(
    "text",
    ["a;b\n1,5;0\n{};1\n-2.000,25;2\n", 'a,b\n1.5,0\n{},1\n"-2,000.25",2\n'],
    ids=["decimal", "thousands"],
)
def test_infinite_numbers_are_so_beside_numbers_with_commas(tmp_path: Path, text: str, infinite: str) -> None:
    table = read_table(tmp_path, text.format(infinite))
    assert values(table, "a") == [1.5, None, -2000.25]
    assert table.column("a").infinite == 1
    assert "Column “a”: 1 infinite value counts as missing." in table.notes


@pytest.mark.parametrize("text", ["info", "infinit", "inf,5", "--inf", "xinf"])
def test_words_that_begin_as_infinite_numbers_do_are_texts(tmp_path: Path, text: str) -> None:
    assert read_table(tmp_path, f"a;b\n1,5;0\n{text};1\n").column("a").kind == "category"


def test_a_few_texts_among_numbers_are_told(tmp_path: Path) -> None:
    rows = "".join(f"{i},1\n" for i in range(20))
    table = read_table(tmp_path, f"age,b\n{rows}12O,1\n")
    assert table.column("age").kind == "category"
    assert (
        "Column “age” is read as text: 1 of its 21 values is no number, first “12O” in row 21." in table.notes
    )


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", "Read as UTF-8,"),
        ("utf-8-sig", "Read as UTF-8,"),
        ("latin-1", "Read as Windows-1252 (Western European) (guessed),"),
        ("utf-16", "Read as UTF-16,"),
        ("utf-16-le", "Read as UTF-16 (little-endian) (guessed),"),
        ("utf-16-be", "Read as UTF-16 (big-endian) (guessed),"),
        ("utf-32", "Read as UTF-32,"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_are_found_out_and_told(tmp_path: Path, encoding: str, note: str, line_end: str) -> None:
    text = "name,größe\nJosé,1\nZoë,2\n".replace("\n", line_end)
    table = read_table(tmp_path, text.encode(encoding))
    assert [column.name for column in table.columns] == ["name", "größe"]
    assert values(table, "name") == ["José", "Zoë"]
    assert table.notes[0].startswith(note)


@pytest.mark.parametrize(("header", "value"), [("größe", "pä"), ("price", "1 €"), ("µm", "1"), ("°C", "1")])
def test_few_western_letters_and_signs_are_guessed(tmp_path: Path, header: str, value: str) -> None:
    table = read_table(tmp_path, (f"{header},b\n" + f"{value},3\n" * 40).encode("cp1252"))
    assert table.columns[0].name == header
    assert "Windows-1252 (Western European) (guessed)" in table.notes[0]


def test_a_late_accent_is_guessed_too(tmp_path: Path) -> None:
    table = read_table(tmp_path, b"a,b\n" + b"1,plain\n" * 300_000 + "2,café\n".encode("latin-1"))
    assert values(table, "b")[-1] == "café"


def test_the_encoding_can_be_given(tmp_path: Path) -> None:
    table = read_table(tmp_path, RUSSIAN.encode("koi8-r"), encoding="koi8-r")
    assert RUSSIAN.startswith(",".join(column.name for column in table.columns))
    assert table.notes[0].startswith("Read as koi8-r,")


@pytest.mark.parametrize(
    ("delimiter", "title"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
)
def test_delimiters_are_found_out(tmp_path: Path, delimiter: str, title: str) -> None:
    table = read_table(tmp_path, "a,b,c\n1,x,2\n3,y,4\n".replace(",", delimiter))
    assert [column.name for column in table.columns] == ["a", "b", "c"]
    assert f"separated by {title}." in table.notes[0]


def test_the_delimiter_can_be_given(tmp_path: Path) -> None:
    table = read_table(tmp_path, "a;b,c\n1;2,3\n", delimiter=",")
    assert [column.name for column in table.columns] == ["a;b", "c"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas(tmp_path: Path, delimiter: str) -> None:
    text = "price;name;plain\n1,5;a;1.5\n-2.000,25;b;2\n3;c;3\n".replace(";", delimiter)
    table = read_table(tmp_path, text)
    assert values(table, "price") == [1.5, -2000.25, 3]
    assert values(table, "plain") == [1.5, 2, 3]
    assert "Decimal commas understood in “price”." in table.notes


def test_thousands_commas(tmp_path: Path) -> None:
    table = read_table(tmp_path, 'a,b\n"1,234.5",1\n"12,000",2\n999,3\n')
    assert values(table, "a") == [1234.5, 12000, 999]
    assert "Thousands commas understood in “a”." in table.notes


def test_quotes_hold_delimiters_newlines_and_quotes(tmp_path: Path) -> None:
    table = read_table(tmp_path, 'a,"b\nc"\r\n"x, y",1\r\n"p\r\nq",2\r\n"say ""yes""",3\r\n6" nail,4\r\n')
    assert values(table, "a") == ["x, y", "p\nq", 'say "yes"', '6" nail']
    assert values(table, "b c") == [1, 2, 3, 4]


def test_a_preamble_is_skipped_and_told(tmp_path: Path) -> None:
    table = read_table(tmp_path, "Measurements of 2024\n\n# made by A, B\na,b,c\n1,2,3\n4,5,6\n")
    assert values(table, "c") == [3, 6]
    assert "3 lines above the table skipped." in table.notes


def test_lines_above_can_be_counted_by_hand(tmp_path: Path) -> None:
    table = read_table(tmp_path, "Report, 2024\nof us, all\na,b,c\n1,2,3\n", skip=2)
    assert values(table, "c") == [3]


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029"])
def test_lines_end_in_newlines_alone(sign: str, tmp_path: Path) -> None:
    """Also in what stands above: Python knows other ends of lines, tables do not."""
    text = f"Report{sign}2024\nof us{sign}\na,b,c\n1,2,3\n4,5,6\n"
    table = read_table(tmp_path, text, skip=2)
    assert [column.name for column in table.columns] == ["a", "b", "c"]
    assert values(table, "c") == [3, 6]
    assert values(read_table(tmp_path, text), "c") == [3, 6]


def test_many_long_lines_above(tmp_path: Path) -> None:
    text = f"{'-' * 2000}\n" * 900 + "a,b\n1,2\n3,4\n"
    assert values(read_table(tmp_path, text, skip=900), "b") == [2, 4]


def test_a_missing_header_is_noticed(tmp_path: Path) -> None:
    table = read_table(tmp_path, "5.1,3.5,setosa\n4.9,3.0,virginica\n")
    assert [column.name for column in table.columns] == ["column 1", "column 2", "column 3"]
    assert table.rows == 2
    assert any(note.startswith("No header") for note in table.notes)


@pytest.mark.parametrize(("header", "rows"), [(True, 1), (False, 2)])
def test_the_header_can_be_given(tmp_path: Path, header: bool, rows: int) -> None:
    assert read_table(tmp_path, "2019,2020\n1,2\n", header=header).rows == rows


def test_a_single_column(tmp_path: Path) -> None:
    assert values(read_table(tmp_path, "a\n1\n\n2\n\n"), "a") == [1, 2]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert read_table(tmp_path, "a,b\n\n1,2\n\n\n3,4\n\n").rows == 2


@pytest.mark.parametrize(
    ("content", "rows", "lines"),
    [
        ('x\n1\n  \n2\nNA\n\n3\n""\n4\n', [1, None, 2, None, 3, 4], [2, 3, 4, 5, 7, 9]),
        ('\n\nx,y\n1,"a\nb"\n\n2,\n,\n3,\n', [1, 2, None, 3], [4, 7, 8, 9]),
    ],
    ids=["one column", "several columns"],
)
def test_where_rows_begin(tmp_path: Path, content: str, rows: list[Any], lines: list[int]) -> None:
    assert values(read_table(tmp_path, content), "x") == rows
    file = CSVFile(path=str(tmp_path / "table.csv"))
    assert file.lines_of(range(len(rows))) == lines
    assert file.lines_of([1, 3]) == [lines[1], lines[3]]


def test_spaces_around_names_and_values_do_not_count(tmp_path: Path) -> None:
    table = read_table(tmp_path, " a , b\u00a0\n 1 , x\n2,x \n")
    assert [column.name for column in table.columns] == ["a", "b"]
    assert table.column("b").distinct == 1


def test_spreadsheets_empty_fields_beyond_the_last_column(tmp_path: Path) -> None:
    assert values(read_table(tmp_path, "a,b\n1,2,\n3,4,,\n"), "b") == [2, 4]


def test_gzip(tmp_path: Path) -> None:
    table = read_table(tmp_path, gzip.compress(b"a,b\n1,x\n2,y\n"), "table.csv.gz")
    assert values(table, "a") == [1, 2]


@pytest.mark.parametrize("name", ["what[1]*?.csv", "a b 'c'.csv", "größe.csv", "data.parquet"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    table = read_table(tmp_path, "a,b\n1,2\n", name)
    assert table.name == name
    assert table.rows == 1


def test_many_rows_with_quoted_newlines_agree_with_the_csv_module(tmp_path: Path) -> None:
    # Above DuckDB's buffer, so that it reads in pieces.
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["number", "text", "filler"])
        for i in range(120_000):
            writer.writerow([i, f'line one\nline "two", {i}' if i % 3 == 0 else f"plain {i}", "x" * 300])
    table = CSVFile(path=str(path)).load()
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert np.array_equal(table.column("number").values, np.arange(120_000))
    assert list(table.column("text").values) == [row["text"].replace("\r\n", "\n") for row in rows]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.chdir(tmp_path)
    read_table(tmp_path, "a,b\n1,2\n")
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.csv", "temporary"]
