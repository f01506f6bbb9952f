"""Roles of columns and files of their own on the command line."""

import json

import pytest

from engine.cli.command_line import main

ROWS = [
    f"p{row // 4},2024-{1 + row // 7:02}-{1 + row % 28:02},{1 + row % 3},{row % 17},{'ny'[row % 17 > 8]}"
    for row in range(80)
]


@pytest.fixture
def visits(tmp_path):
    for name, rows in (("visits.csv", ROWS), ("later.csv", ROWS[:9])):
        text = "\n".join(["patient,day,dose,size,ill", *rows])
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    return tmp_path


def test_columns_get_roles(visits, capsys):
    words = ["train", "visits.csv", "--target", "ill", "--group", "patient", "--weight", "dose"]
    assert main([*words, "--ignore", "day", "--epochs", "3"]) == 0
    spoken = capsys.readouterr()
    assert "Rows with the same “patient” are kept together: 14 for training (56 rows)" in spoken.err
    assert (
        main(["train", "visits.csv", "--target", "ill", "--time", "day", "--folds", "3", "--epochs", "2"])
        == 0
    )
    assert "By “day”: training 2024-01-01 to " in capsys.readouterr().err


def test_roles_are_no_inputs_and_no_target(visits, capsys):
    assert main(["data", "visits.csv", "--group", "patient", "--time", "day", "--part", "ill", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    roles = {column["name"]: column["role"] for column in found["columns"]}
    assert roles == {"patient": "group", "day": "time", "dose": "input", "size": "target", "ill": "part"}


def test_a_file_of_its_own_is_the_test_part(visits, capsys):
    words = ["train", "visits.csv", "--target", "ill", "--ignore", "patient,day,dose", "--test", "later.csv"]
    assert main([*words, "--epochs", "2"]) == 0
    assert "later.csv has 9 rows, all for test." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("iris", "--group", "species"), "--group: expected a table to train on, found “iris”"),
        (
            ("visits.csv", "--weight", "gone"),
            "visits.csv, weight: expected a column called “gone”, found none",
        ),
        (
            ("visits.csv", "--target", "ill", "--test", "no.csv"),
            "no.csv: expected a file, found nothing there",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(visits, capsys, words, sentence):
    assert main(["train", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_a_column_is_of_the_type_that_is_named(visits, capsys):
    types = ["--type", "day=date", "--type", "dose=category"]
    assert main(["data", "visits.csv", "--target", "ill", *types, "--rows", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    kinds = {column["name"]: column["type"] for column in found["columns"]}
    assert (kinds["day"], kinds["size"]) == ("date", "number")
    assert found["rows"] == [["p0", "2024-01-01", "1", 0, "n"]]
    # The model that is offered takes the date as one: with year, month and weekday.
    assert main(["train", "visits.csv", "--target", "ill", *types, "--epochs", "1", "--json"]) == 0


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("day", "--type day: expected COLUMN=TYPE, found no column."),
        ("day=blue", "--type day=blue: expected COLUMN=TYPE, found “blue” as type. Types are number,"),
        ("week=date", "--type week=date: expected one of the columns “patient”, “day”"),
    ],
)
def test_a_type_that_cannot_be_is_refused(visits, capsys, option, sentence):
    for command in ("data", "train"):
        assert main([command, "visits.csv", "--target", "ill", "--type", option]) == 2
        assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--sheet", "one"], "expected a file with several tables, found one with a single table"),
        (["--target", ""], "--target: expected the name of a column, found none"),
    ],
)
def test_options_that_mean_nothing_are_refused(visits, capsys, options, sentence):
    for command in ("data", "train"):
        assert main([command, "visits.csv", *options]) == 2
        assert sentence in capsys.readouterr().err
