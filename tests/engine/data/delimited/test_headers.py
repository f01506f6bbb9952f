"""Where a table begins, how its fields are separated and whether its first row holds names."""

from pathlib import Path

import pytest

from engine.data.columns.texts import texts_of
from engine.data.delimited.header import extra_header_rows, is_header
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Table


def read(folder: Path, content: str, name: str = "table.csv", **settings) -> Table:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return CSVFile(path=str(path), **settings).load()


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


@pytest.mark.parametrize(
    "content",
    [
        "0,1,2,y\n0.5,1.2,3.1,a\n0.7,1.1,2.9,b\n0.2,1.9,2.2,a\n",
        "0,1,2,y\n5,3,2,7\n4,9,1,8\n2,2,2,9\n",
        "0,1,2,3\n0.5,1.2,3.1,4\n0.7,1.1,2.9,5\n3,1,2,2\n",
        "country,2019,2020\nGermany,1.5,2.3\nFrance,1.7,2.1\nSpain,3,2\n",
        "400,410,quality\n0.5,0.6,12.5\n0.7,0.5,11.25\n",
        "400,410,420,kind\n0.5,0.6,0.2,oil\n0.7,0.5,0.3,wax\n0.1,0.5,0.7,oil\n",
        "a,b\n1,2\n",
        "1st,2nd\n1,2\n",
    ],
)
def test_a_first_row_of_names_is_a_header(tmp_path, content):
    table = read(tmp_path, content)
    assert names(table) == content.split("\n")[0].split(",")
    assert table.rows == content.count("\n") - 1


@pytest.mark.parametrize(
    "content",
    [
        "5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.8,virginica\n",
        "3,4,cat\n9,2,dog\n1,8,cat\n",
        "1,2,3,a\n2,3,4,b\n5,6,7,c\n",
        "2019,5.5\n2020,7.5\n",
        "4,5,6\n7,5,1\n2,2,8\n0,1,4\n",
    ],
)
def test_a_first_row_of_values_is_none(tmp_path, content):
    table = read(tmp_path, content)
    assert table.rows == content.count("\n")
    assert names(table)[0] == "column 1"


def test_the_rows_below_decide_not_the_first_alone():
    assert not is_header(["1", "2"], [])
    assert is_header(["x", "y"], [])
    assert is_header(["1", "mpg"], [["5", "18"], ["7", "?"]])
    assert not is_header(["5", "?"], [["5", "18"], ["7", "17"]])


@pytest.mark.parametrize("mark", [";", "|", "\t", ","])
def test_a_line_that_names_the_delimiter_is_heeded(tmp_path, mark):
    table = read(tmp_path, f"sep={mark}\na{mark}b\n1{mark}x\n2{mark}y\n")
    assert names(table) == ["a", "b"]
    assert table.rows == 2


def test_fields_separated_by_blanks(tmp_path):
    content = (
        '18.0   8   307.0      130.0\t"chevrolet chevelle malibu"\n'
        '  15.0   8   350.0      165.0\t"buick skylark 320"\n'
        '18.0   4   97.00      ?\t"plymouth satellite"  \n'
    )
    table = read(tmp_path, content, "auto.data")
    assert len(table.columns) == 5
    assert table.columns[0].values.tolist() == [18, 15, 18]
    assert table.columns[3].missing == 1
    assert list(texts_of(table.columns[4]))[1] == "buick skylark 320"
    assert table.notes[0].endswith("separated by blanks.")


def test_fields_separated_by_blanks_with_names(tmp_path):
    table = read(tmp_path, "x y  label\n" + "".join(f"{n}   {n * 2} {'ab'[n % 2]}\n" for n in range(30)))
    assert names(table) == ["x", "y", "label"]
    assert table.columns[1].values.tolist() == [2.0 * n for n in range(30)]


def test_names_of_two_words_are_not_split(tmp_path):
    table = read(tmp_path, "city\nNew York\nLos Angeles\nSan Diego\n")
    assert names(table) == ["city"]
    assert table.rows == 3


def test_a_large_file_separated_by_blanks_is_tidied_across_pieces(tmp_path):
    rows = 60_000
    table = read(tmp_path, "a b c\n" + "".join(f"{n}    {n % 7}\t  {n % 3}\n" for n in range(rows)))
    assert table.rows == rows
    assert table.columns[0].values.tolist() == list(range(rows))
    assert table.columns[2].values.tolist() == [n % 3 for n in range(rows)]


def test_blanks_before_a_quote(tmp_path):
    table = read(tmp_path, 'n,name\n1,  "x, y"\n2, "he said ""no"", twice"\n')
    assert table.column("name").distinct == 2
    assert table.rows == 2


def test_the_three_header_rows_of_orange(tmp_path):
    header = "sepal\tkind\tnote\ncontinuous\tsetosa virginica\tstring\n\tclass\tmeta\n"
    content = header + "5.1\tsetosa\tx\n6\tvirginica\ty\n"
    table = read(tmp_path, content, "iris.tab")
    assert names(table) == ["sepal", "kind", "note"]
    assert table.rows == 2
    assert table.column("sepal").values.tolist() == [5.1, 6]
    assert any("types and roles" in note for note in table.notes)


def test_values_that_are_called_as_types_are_values():
    assert extra_header_rows([["text", "time"], ["string", "c"], ["x", "y"]]) == 0
    assert extra_header_rows([["c", "d"]]) == 0


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b,a", ("a", "b", "a (2)")),
        # As pandas writes a table with its index.
        (",a,b", ("column 1", "a", "b")),
        ("a,a,a (2)", ("a", "a (2)*", "a (2)")),
        ("a,,", ("a", "column 2", "column 3")),
    ],
)
def test_every_column_has_a_name_of_its_own(tmp_path, header, names):
    table = read(tmp_path, f"{header}\n1,2,3\n4,5,6\n")
    assert tuple(column.name for column in table.columns) == names
    assert [column.values.tolist() for column in table.columns] == [[1, 4], [2, 5], [3, 6]]
    made_up = [name for name, written in zip(names, header.split(","), strict=True) if name != written]
    told = [note for note in table.notes if "is called" in note]
    assert [f"“{name}”." in note for name, note in zip(made_up, told, strict=True)] == [True] * len(told)


def test_many_columns_without_a_name_are_told_in_short(tmp_path):
    table = read(tmp_path, "a" + 20 * "," + "\n" + ",".join(map(str, range(21))) + "\n")
    assert [note for note in table.notes if "is called" in note][-1].startswith("Column 5 has no name")
    assert "So were 16 more." in table.notes
