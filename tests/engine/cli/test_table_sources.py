"""`gradwright data`, `train` and `predict` with every source of tables."""

import csv
import json

import openpyxl
import pytest

from engine.cli import main
from engine.data.sources import SOURCES
from engine.data.sources.table_file import TableFile
from engine.settings import kind_of
from tests.engine.cli.words import sentence_of
from tests.engine.data.sources.table_writers import NUMBERS_ALONE, WRITE, example_rows

TABLES = [kind for kind in SOURCES if issubclass(kind, TableFile)]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", TABLES, ids=kind_of)
def test_one_command_tells_how_it_is_read_one_trains_and_one_predicts(kind, tmp_path, capsys):
    suffix, write = WRITE[kind]
    names, rows = example_rows(kind)
    path = tmp_path / f"table.{suffix}"
    write(path, names, rows)

    assert main(["data", str(path), "--target", names[-1], "--rows", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    order = [column["name"] for column in found["columns"]]
    assert sorted(order) == sorted(names)
    types = {column["name"]: column["type"] for column in found["columns"]}
    if kind not in NUMBERS_ALONE:
        assert types == {"length": "number", "colour": "category", "grown": "yes/no"}
        missing = {column["name"]: column["missing"] for column in found["columns"]}
        assert missing == {"length": 1, "colour": 1, "grown": 0}
        assert found["rows"] == [[-2, "red", False], [-1.75, "light blue", True], [-1.5, "Grün", False]]
    assert {column["name"]: column["role"] for column in found["columns"]}[names[-1]] == "target"
    assert found["row_count"] == 24
    assert found["unreadable"] == []

    words = ["train", str(path), "--target", names[-1], "--epochs", "2", "--out", "m.gradwright", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2
    assert main(["predict", "m.gradwright", "--data", str(path), "--out", "p.csv"]) == 0
    assert "24 rows predicted" in capsys.readouterr().out
    with open("p.csv", newline="", encoding="utf-8") as stream:
        read = list(csv.DictReader(stream))
    assert len(read) == 24
    assert set(names) | {"prediction"} <= set(read[0])


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


ROWS = [["x", "y"], *([number, number % 2] for number in range(30))]


def test_the_sheet_of_a_spreadsheet(tmp_path, capsys):
    workbook("t.xlsx", Notes=[["text"], ["read me"]], Data=ROWS)
    assert main(["data", "t.xlsx", "--sheet", "Data", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [column["name"] for column in found["columns"]] == ["x", "y"]
    assert found["notes"][0] == "Read from sheet “Data”."
    assert main(["train", "t.xlsx", "--sheet", "Data", "--epochs", "1", "--out", "m.gradwright"]) == 0
    workbook("u.xlsx", Old=[["z"], [1]], New=ROWS[:5])
    capsys.readouterr()
    # Where the sheet is not called as that of the training was, it is named.
    assert main(["predict", "m.gradwright", "--data", "u.xlsx", "--sheet", "New", "--out", "p.csv"]) == 0
    assert "4 rows predicted" in capsys.readouterr().out
    assert main(["predict", "m.gradwright", "--out", "p.csv", "--data", "t.xlsx"]) == 0
    assert "30 rows predicted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["data", "t.xlsx", "--sheet", "Dat"], "t.xlsx, sheet: expected “Notes” or “Data”, found “Dat”"),
        (["data", "t.parquet", "--sheet", "a"], "Parquet file: expected a file with several tables"),
        (["train", "iris", "--sheet", "a"], "--sheet: expected a table to train on, found “iris”"),
    ],
)
def test_a_sheet_that_is_not_there(words, sentence, capsys):
    workbook("t.xlsx", Notes=[["text"], ["read me"]], Data=ROWS)
    assert sentence in sentence_of(capsys, *words)


def test_rows_of_another_file_are_read_with_the_base_and_width_of_the_training(tmp_path, capsys):
    lines = [f"{row % 2} 1:{row % 2} 2:{row % 5} 4:{row}" for row in range(40)]
    (tmp_path / "t.svmlight").write_text("\n".join(lines))
    assert main(["train", "t.svmlight", "--epochs", "3", "--out", "m.gradwright"]) == 0
    # The last column is zero throughout, and so is not written.
    (tmp_path / "u.svmlight").write_text("0 1:1 2:3\n0 2:1\n")
    capsys.readouterr()
    assert main(["predict", "m.gradwright", "--data", "u.svmlight", "--out", "p.csv"]) == 0
    with open("p.csv", newline="") as stream:
        read = list(csv.DictReader(stream))
    assert [row["x4"] for row in read] == ["0", "0"]
    (tmp_path / "z.svmlight").write_text("0 0:1 2:3\n")
    capsys.readouterr()
    refused = sentence_of(capsys, "predict", "m.gradwright", "--data", "z.svmlight", "--out", "p.csv")
    assert "z.svmlight, line 1: expected indices from 1 to 4, found 0" in refused
