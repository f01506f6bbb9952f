"""Numbers, missing marks and codes of text tables: each is read in the only way that the file leaves open."""

import random
from pathlib import Path

import numpy as np
import pytest

from engine.data.columns.texts import texts_of
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Table


def read(folder: Path, content: str, **settings) -> Table:
    path = folder / "table.csv"
    path.write_text(content, encoding="utf-8")
    return CSVFile(path=str(path), **settings).load()


def shown(table: Table, name: str) -> list:
    """Numbers as numbers, texts as texts, None where a value is missing."""
    column = table.column(name)
    if column.kind == "number":
        return [None if np.isnan(value) else value for value in column.values.tolist()]
    return list(texts_of(column))


@pytest.mark.parametrize(
    ("content", "column", "wanted"),
    [
        ('a,b\n"0,619",1\n"12,606",2\n', "a", [0.619, 12.606]),
        ('a,b\n"1,500","1,75"\n"2,500","2,25"\n', "a", [1.5, 2.5]),
        ("a;b\n1.500;2,5\n2.500;3,5\n", "a", [1500, 2500]),
        ("a|b\n1,234|1.5\n2,345|2.5\n", "a", [1234, 2345]),
        ("a;b\n1.234.567;1\n2.234.567;2\n", "a", [1234567, 2234567]),
        ('a,b\n"1,234,567",1\n"1,5",2\n', "a", ["1,234,567", "1,5"]),
        ("a;b\n1234,567;1\n1,250;2\n", "a", [1234.567, 1.25]),
        ("a;b\n,5;1\n-1.000,25;2\n", "a", [0.5, -1000.25]),
        ('a,b\n"1,200.5",1\n12.5,2\nNA,3\n', "a", [1200.5, 12.5, None]),
        ("a;b\n1 000;1\n2\u00a0500,5;2\n3\u202f000\u202f000;3\n", "a", [1000, 2500.5, 3000000]),
        ("a;b\n1'000.5;1\n2\u2019500;2\n", "a", [1000.5, 2500]),
        ("a,b\n\u22125,1\n3,2\n1e\u22123,3\n", "a", [-5, 3, 0.001]),
    ],
)
def test_a_mark_is_what_the_file_proves_it_to_be(tmp_path, content, column, wanted):
    assert shown(read(tmp_path, content), column) == wanted


@pytest.mark.parametrize("first", ["0.619;x\n2,5;y", "2,5;x\n0.619;y"])
def test_one_column_never_mixes_two_readings(tmp_path, first):
    table = read(tmp_path, f"a;b\n{first}\n")
    assert table.column("a").kind == "category"
    assert any("“a” is read as text" in note for note in table.notes)


def test_what_nothing_proves_is_said_and_can_be_chosen(tmp_path):
    content = 'a,b\n"12,606",x\n"13,100",y\n'
    table = read(tmp_path, content)
    assert shown(table, "a") == [12606, 13100]
    assert any("“12,606” is read as 12606, but may be 12.606" in note for note in table.notes)
    chosen = read(tmp_path, content, decimal=",")
    assert shown(chosen, "a") == [12.606, 13.1]
    assert not any("may be" in note for note in chosen.notes)
    semicolons = read(tmp_path, "a;b\n12,606;x\n")
    assert shown(semicolons, "a") == [12.606]
    assert any("may be 12606" in note for note in semicolons.notes)


@pytest.mark.parametrize("wrong", ["+-1", "--1", "1_000", "0x1F", "1e", "1.2.3", "1,2,3", "1 00", "1''000"])
def test_what_is_no_number_stays_text(tmp_path, wrong):
    assert shown(read(tmp_path, f'a;b\n"{wrong}";1\n2;2\n'), "a") == [wrong, "2"]


@pytest.mark.parametrize(
    ("values", "wanted", "sign"),
    [
        (["5%", "12.5%", ""], [5, 12.5, None], "%"),
        (["$1.50", "-$2.25", "NA"], [1.5, -2.25, None], "$"),
        (["3 €", "4 €", "1.5 €"], [3, 4, 1.5], "€"),
    ],
)
def test_signs_of_currency_and_per_cent_are_understood_and_said(tmp_path, values, wanted, sign):
    table = read(tmp_path, "a;b\n" + "".join(f"{value};{row}\n" for row, value in enumerate(values)))
    assert shown(table, "a") == wanted
    assert f"Column “a”: numbers are read without “{sign}”." in table.notes


def test_signs_of_which_some_values_have_none_are_text(tmp_path):
    assert shown(read(tmp_path, "a;b\n5%;1\n6;2\n"), "a") == ["5%", "6"]


@pytest.mark.parametrize("signed", [1, 20, 39])
def test_a_mixture_with_signs_is_said_at_any_share(tmp_path, signed):
    values = [f"{i}%" if i < signed else str(i) for i in range(40)]
    table = read(tmp_path, "a;b\n" + "".join(f"{value};1\n" for value in values))
    assert any("“a” is read as text" in note and "“0%” in row 1" in note for note in table.notes)


@pytest.mark.parametrize("mark", ["None", "<NA>", ".", "#N/A", "NULL", "na", "?", "-", "n/a", "NaN", "*"])
def test_marks_among_numbers_are_missing(tmp_path, mark):
    assert shown(read(tmp_path, f'a;b\n1.5;1\n{mark};2\n"{mark}";3\n'), "a") == [1.5, None, None]


def test_what_is_said_of_many_columns_is_one_note(tmp_path):
    names = ",".join([*(f"n{i}" for i in range(20)), *(f"w{i}" for i in range(20))])
    rows = [",".join(["kg"] * 20 + ["NA"] * 20)] + [",".join(["1.5"] * 20 + ["EU"] * 20)] * 9
    # Right below the names, kg would be a part of them.
    notes = read(tmp_path, "\n".join([names, *rows[::-1]]) + "\n").notes
    texts = [note for note in notes if "read as text" in note]
    words = [note for note in notes if "“NA” is kept as a value" in note]
    assert len(texts) == len(words) == 1
    assert texts[0].startswith("20 columns are read as text")
    assert "“w0” (1 row)" in words[0]
    assert words[0].startswith("20 columns")


def test_words_among_words_and_symbols_among_symbols_are_values(tmp_path):
    table = read(tmp_path, "sign,region,answer\n+,EU,yes\n-,NA,no\n+,AS,null\n")
    assert shown(table, "sign") == ["+", "-", "+"]
    assert shown(table, "region") == ["EU", "NA", "AS"]
    assert shown(table, "answer") == ["yes", "no", "null"]
    assert any("“NA” (1 row) is kept as a value" in note for note in table.notes)


def test_symbols_among_words_are_missing(tmp_path):
    table = read(tmp_path, "work,b\nprivate,1\n?,2\n-,3\nstate,4\n")
    assert shown(table, "work") == ["private", None, None, "state"]


def test_a_quoted_mark_is_text_among_texts(tmp_path):
    table = read(tmp_path, 'name,b\n"Null",1\n"?",2\nSmith,3\n?,4\n')
    assert shown(table, "name") == ["Null", "?", "Smith", None]


def test_missing_marks_can_be_changed_and_switched_off(tmp_path):
    content = "a,b\n1,x\n-999,?\n3,NA\n"
    assert shown(read(tmp_path, content, missing=("-999", "NA")), "a") == [1, None, 3]
    assert shown(read(tmp_path, content, missing=("-999", "na")), "b") == ["x", "?", None]
    assert shown(read(tmp_path, content, missing=()), "b") == ["x", "?", "NA"]


@pytest.mark.parametrize(
    "codes",
    [
        ["001", "010", "123"],
        ["01", "1", "2"],
        ["9007199254740993", "9007199254740992", "5"],
        ["5e7092", "123456", "4e5e11"],
        ["5e7092", "123456", "654321"],
        ["12345678901234567890123456789012345678901234567890", "1", "2"],
    ],
)
def test_codes_keep_their_spelling(tmp_path, codes):
    table = read(tmp_path, "code,b\n" + "".join(f"{code},{row}\n" for row, code in enumerate(codes)))
    assert shown(table, "code") == codes


def test_usual_spellings_of_numbers_are_no_codes(tmp_path):
    values = ["0", "0.5", "-0", "1e5", "+3", "007.5", "9007199254740992", "1.50", "123456789012345"]
    table = read(tmp_path, "a,b\n" + "".join(f"{value},x\n" for value in values))
    assert shown(table, "a") == [float(value) for value in values]


def test_a_thousand_drawn_columns_agree_with_float(tmp_path):
    """Numbers as Python writes them, and as people do with either decimal mark."""
    drawn = random.Random(5)
    columns, wanted = [], []
    for _ in range(1000):
        numbers = [round(drawn.uniform(-1e6, 1e6), drawn.randint(0, 4)) for _ in range(5)] + [0.5]
        mark, grouped = drawn.choice(".,"), drawn.random() < 0.5
        texts = [f"{number:,}" if grouped else repr(number) for number in numbers]
        swapped = str.maketrans(".,", ",." if mark == "," else ".,")
        columns.append([text.translate(swapped) for text in texts])
        wanted.append(numbers)
    header = ";".join(f"c{place}" for place in range(len(columns)))
    rows = "\n".join(";".join(row) for row in zip(*columns, strict=True))
    table = read(tmp_path, f"{header}\n{rows}\n")
    assert [table.column(f"c{place}").values.tolist() for place in range(len(columns))] == wanted
