"""`gradwright data` tells how a table is read, and `gradwright train` trains on it at once."""

import json

import numpy as np
import pytest
from PIL import Image

from engine.cli import main
from engine.files.run_file import load
from tests.engine.cli.words import sentence_of

TABLE = (
    "size;price;zip;sold;kind;note\n"
    "1,5;1.000;001;yes;house;near the park\n"
    "2,25;2.500;010;no;flat;\n"
    "NA;3.000;123;yes;flat;second floor, no lift\n"
)


@pytest.fixture
def table(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path / "t.csv"


def told(capsys, *arguments):
    assert main(["data", *map(str, arguments), "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def test_columns_rows_and_what_was_understood(table, capsys):
    found = told(capsys, table, "--target", "price", "--ignore", "note", "--rows", 2)
    assert [(column["name"], column["type"], column["role"]) for column in found["columns"]] == [
        ("size", "number", "input"),
        ("price", "number", "target"),
        ("zip", "code", "input"),
        ("sold", "yes/no", "input"),
        ("kind", "category", "input"),
        ("note", "category", "ignored"),
    ]
    assert found["columns"][0] | {"missing": 1, "distinct": 2} == found["columns"][0]
    assert found["row_count"] == 3
    assert found["rows"] == [
        [1.5, 1000, "001", True, "house", "near the park"],
        [2.25, 2500, "010", False, "flat", None],
    ]
    assert found["unreadable"] == []
    assert "Read as UTF-8, separated by semicolons." in found["notes"]
    assert any("codes" in note for note in found["notes"])


def test_findings_name_their_kind_and_columns(tmp_path, capsys):
    rows = "".join(f"{n % 7},{'uv'[n % 2]},one,{'ab'[n % 2]}\n" for n in range(60))
    (tmp_path / "t.csv").write_text("x,same,constant,y\n" + rows)
    found = told(capsys, tmp_path / "t.csv")["findings"]
    assert [(one["kind"], one["columns"]) for one in found] == [
        ("gives_target_away", ["same"]),
        ("constant", ["constant"]),
    ]
    assert all(one["text"].endswith((".", "is.")) for one in found)


def test_dates_and_texts_are_told_from_categories(tmp_path, capsys):
    rows = "".join(f"2024-01-{n + 1:02},a sentence of words {n},{n % 3},{n}\n" for n in range(25))
    (tmp_path / "t.csv").write_text("day,note,code,y\n" + rows)
    assert [column["type"] for column in told(capsys, tmp_path / "t.csv")["columns"]] == [
        "date",
        "text",
        "number",
        "number",
    ]


def test_for_people(table, capsys):
    assert main(["data", str(table), "--rows", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("t.csv: 3 rows")
    assert "1.5 | 1000 | 001 | yes | house | near the park" in out.replace("True", "yes")
    assert "Note: Decimal commas understood in “size”." in out


@pytest.mark.parametrize("rows", ["-1", "x", "1.5", "9999999999"])
def test_a_number_of_rows_that_is_none(rows, table, capsys):
    assert "--rows" in sentence_of(capsys, "data", table, f"--rows={rows}")


def test_a_table_that_is_not_there(capsys):
    assert "none.csv" in sentence_of(capsys, "data", "none.csv")


def test_a_table_is_trained_on_at_once(tmp_path, capsys):
    rows = "".join(f"{n},{n * 7 % 11},{'ab'[n % 2]},{n % 5}\n" for n in range(80))
    (tmp_path / "t.csv").write_text("x,y,kind,z\n" + rows)
    arguments = ["--target", "kind", "--ignore", "y,z", "--epochs", "2", "--json", "--out", "m.gradwright"]
    assert main(["train", "t.csv", *arguments]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["epochs"] == 2
    assert captured.err.startswith("Note: Read as UTF-8, separated by commas.\n")
    assert result["model"][0].startswith("One hidden layer of 16 units, as there are 56 rows to train on")
    assert [f"Model: {reason}" in captured.err for reason in result["model"]] == [True] * len(result["model"])
    data = load(tmp_path / "m.gradwright").experiment.data
    assert (data.target, data.ignored) == ("kind", ("y", "z"))


@pytest.mark.parametrize("option", ["--target", "--ignore"])
def test_an_experiment_takes_no_target(option, capsys):
    assert f"{option}: expected a table" in sentence_of(capsys, "train", "spiral", option, "x")


def faulty_table(path):
    lines = "".join(
        f"{n % 17 + n / 7:.3f},{-999 if n % 20 == 0 else 30 + n % 40},cm,{'ab'[n * 7 % 13 > 6]}\n"
        for n in range(120)
    )
    path.write_text("x,age,unit,y\n" + lines)
    return path


def test_findings_say_how_serious_they_are_where_and_what_helps(tmp_path, capsys):
    found = {one["kind"]: one for one in told(capsys, faulty_table(tmp_path / "t.csv"))["findings"]}
    assert (
        found["sentinel"]
        | {
            "columns": ["age"],
            "severity": "warning",
            "count": 6,
            "rows": [0, 20, 40, 60, 80, 100],
            "remedies": ["Read −999 as missing", "Ignore it"],
        }
        == found["sentinel"]
    )


def test_how_hard_it_is(tmp_path, capsys):
    path = faulty_table(tmp_path / "t.csv")
    assert main(["data", str(path), "--baselines", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["baselines"]
    assert [one["kind"] for one in found["models"]] == [
        "always_same",
        "straight_line",
        "neighbours",
        "boosted_trees",
    ]
    assert all(0 <= one["score"] <= 1 for one in found["models"])
    assert main(["data", str(path), "--baselines"]) == 0
    printed = capsys.readouterr().out
    assert f"How hard is it? {found['text']}" in printed
    assert "the number seems to stand for a missing value. (rows 1, 21, 41, 61, 81, 101)" in printed


def folder_of_images(folder):
    for name, colour in (("dark", 20), ("light", 230)):
        (folder / name).mkdir(parents=True)
        for place in range(6):
            Image.new("L", (8, 8), colour + place).save(folder / name / f"{place}.png")
    (folder / "dark" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def test_a_row_of_an_image_has_a_value_for_each_column(tmp_path, capsys):
    folder = folder_of_images(tmp_path / "pictures")
    assert main(["data", str(folder), "--rows", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [column["name"] for column in found["columns"]] == ["image", "class"]
    assert len(found["rows"][0]) == 2
    assert found["rows"][0][1] == "dark"


def test_a_picture_left_out_is_told_by_its_name_alone(tmp_path, capsys):
    folder = folder_of_images(tmp_path / "pictures")
    assert main(["train", str(folder), "--epochs", "1", "--out", str(tmp_path / "it.gradwright")]) == 0
    assert "line 0" not in capsys.readouterr().err


def test_what_is_not_read_as_it_looks_has_a_question_mark(tmp_path, capsys):
    rows = "".join(f"2024-01-{1 + n % 9:02},{'uv'[n % 2]},{n % 3}\n" for n in range(40))
    (tmp_path / "t.csv").write_text("day,kind,y\n" + rows)
    assert main(["data", str(tmp_path / "t.csv")]) == 0
    lines = [line.split()[:3] for line in capsys.readouterr().out.splitlines()[2:5]]
    assert lines == [
        ["day", "date?", "input"],
        ["kind", "category", "input"],
        ["y", "number", "target"],
    ]


def test_a_folder_of_images_is_described_in_lines_and_names_what_it_leaves_out(tmp_path, capsys):
    for kind in ("on\noff", "up"):
        (tmp_path / "pictures" / kind).mkdir(parents=True)
        for number in range(8):
            picture = Image.fromarray(np.full((8, 8), 8 * number, np.uint8))
            picture.save(tmp_path / "pictures" / kind / f"{number}.png")
    (tmp_path / "pictures" / "up" / "torn.png").write_bytes(b"no picture")
    assert main(["data", str(tmp_path / "pictures")]) == 0
    assert "  on off, up\n" in capsys.readouterr().out
    assert main(["train", str(tmp_path / "pictures"), "--epochs", "1"]) == 0
    told = capsys.readouterr().err
    assert "Note: up/torn.png: expected a picture, found no picture." in told
    assert "line 0" not in told


def test_a_target_that_is_not_there_is_refused(table, capsys):
    assert "expected one of the columns" in sentence_of(capsys, "data", table, "--target", "prize")
