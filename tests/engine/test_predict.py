"""`gradwright predict`: the rows as they came, what the model says of them, types as in the training."""

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main
from engine.data import prepare
from engine.experiment import Experiment
from engine.files.run_file import load, save, saved_run
from engine.model import Model
from engine.settings import read
from engine.training.trainer import Trainer

HEADER = "id,size,zone,garden,note,price"


def house(row: int, generator: random.Random) -> list[str]:
    size, zone = generator.uniform(40, 160), generator.choice(["5", "07", "x", "7"])
    garden = generator.choice(["yes", "no"])
    price = 2.5 * size + 60 * (zone == "x") - 30 * (zone == "07") + 25 * (garden == "yes")
    return [str(row), f"{size:.1f}" if row % 9 else "NA", zone, garden, f"note {row}", f"{price:.1f}"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, and models trained on it for each kind of task."""
    place = tmp_path_factory.mktemp("houses")
    generator = random.Random(1)
    rows = [",".join(house(row, generator)) for row in range(160)]
    (place / "t.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    targets = {"number": "price", "classes": "zone", "yesno": "garden"}
    for name, target in targets.items():
        values = {
            "data": {
                "source": {"kind": "csv", "path": str(place / "t.csv")},
                "target": target,
                "ignored": ["id", "note"],
            },
            "layers": [{"kind": "dense", "units": 12, "activation": "relu"}],
            "training": {"epochs": 60, "optimizer": {"kind": "adam", "learning_rate": 0.01}},
        }
        experiment = read(Experiment, values, name)
        run = Trainer(experiment, prepare(experiment.data, experiment.data.source.load(), experiment.dtype))
        for _ in run.run():
            pass
        save(place / f"{name}.gradwright", saved_run(run))
    return place


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def predicted(folder, model: str, table: str | bytes, capsys) -> tuple[list[str], list[list[str]], str]:
    """Header and rows that are written for a table, and what is said on standard error."""
    data = table.encode() if isinstance(table, str) else table
    with open("in.csv", "wb") as stream:
        stream.write(data)
    status = main(["predict", str(folder / f"{model}.gradwright"), "--data", "in.csv", "--out", "out.csv"])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    with open("out.csv", encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert f"{len(rows)} row{'s' if len(rows) != 1 else ''} predicted, written to out.csv" in captured.out
    return header, rows, captured.err


def refused(folder, model: str, table: str, capsys) -> str:
    with open("in.csv", "w") as stream:
        stream.write(table)
    assert main(["predict", str(folder / f"{model}.gradwright"), "--data", "in.csv", "--out", "out.csv"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert not Path("out.csv").exists()
    return captured.err


def test_numbers_are_those_of_the_trained_network(folder, capsys):
    header, rows, notes = predicted(folder, "number", (folder / "t.csv").read_text(), capsys)
    assert header == [*HEADER.split(","), "prediction"]
    assert notes.startswith("Note: 18 rows lack values in “size”")
    run = load(folder / "number.gradwright")
    trainer = Trainer(
        run.experiment, prepare(run.experiment.data, run.experiment.data.source.load(), np.float32)
    )
    for name, array in trainer.model.state_dict().items():
        array[...] = run.state.model[name]
    for part in (trainer.dataset.training, trainer.dataset.test):
        expected = trainer.dataset.in_target_units(trainer.predict(part.inputs))[:, 0]
        found = [float(rows[row][-1]) for row in part.rows]
        np.testing.assert_allclose(found, expected, rtol=1e-7)
    actual = np.array([float(row[-2]) for row in rows])
    assert np.corrcoef(actual, [float(row[-1]) for row in rows])[0, 1] > 0.9


def test_classes_with_their_probabilities(folder, capsys):
    header, rows, _ = predicted(folder, "classes", (folder / "t.csv").read_text(), capsys)
    names = ["5", "07", "7", "x"]
    assert header[:7] == [*HEADER.split(","), "prediction"]
    assert sorted(header[7:]) == sorted(f"probability {name}" for name in names)
    for row in rows:
        chances = {name.removeprefix("probability "): float(row[7 + i]) for i, name in enumerate(header[7:])}
        assert sum(chances.values()) == pytest.approx(1, abs=1e-6)
        assert row[6] == max(chances, key=chances.__getitem__)


def test_yes_or_no(folder, capsys):
    header, rows, _ = predicted(folder, "yesno", (folder / "t.csv").read_text(), capsys)
    assert header[6:] == ["prediction", "probability no", "probability yes"]
    for row in rows:
        assert float(row[7]) + float(row[8]) == pytest.approx(1, abs=1e-6)
        assert row[6] == ("yes" if float(row[8]) >= 0.5 else "no")


def test_the_rows_come_back_as_they_were(folder, capsys):
    """Names with leading zeros, long numbers, quotes, commas, line breaks, gaps in their own spelling."""
    rows = [
        ["00501", "80.50", "x", "yes", 'says "hi", twice'],
        ["12345678901234567890", " 1e2 ", "07", "NO", "two\nlines"],
        ["é 世界", "", "5", "Yes", ""],
        ["-", "NA", "?", "", "0.10"],
    ]
    with open("in.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["id", "size", "zone", "garden", "note"], *rows])
    with open("in.csv", "rb") as stream:
        header, found, _ = predicted(folder, "number", stream.read(), capsys)
    assert header == ["id", "size", "zone", "garden", "note", "prediction"]
    assert [row[:5] for row in found] == rows
    assert all(np.isfinite(float(row[5])) for row in found)


def test_each_row_is_predicted_as_it_would_be_among_all(folder, capsys):
    """What kind a column is must not depend on the other rows of the file."""
    _, whole, _ = predicted(folder, "number", (folder / "t.csv").read_text(), capsys)
    table = (folder / "t.csv").read_text().splitlines()
    seen = set()
    for number, line in enumerate(table[1:31]):
        _, (alone,), notes = predicted(folder, "number", f"{table[0]}\n{line}\n", capsys)
        assert alone[:-1] == whole[number][:-1]
        # One row is multiplied by another routine than many: the last bit may differ.
        assert float(alone[-1]) == pytest.approx(float(whole[number][-1]), rel=1e-6)
        assert ("lacks values in “size”" in notes) == (number % 9 == 0)
        assert notes.count("\n") == (number % 9 == 0)
        seen.add(alone[2])
    # "5" and "7" alone look like numbers, and "07" like 7.
    assert seen == {"5", "7", "07", "x"}


def test_a_table_without_what_is_not_needed(folder, capsys):
    header, rows, _ = predicted(folder, "number", "garden,zone,size\nyes,x,100\nno,5,100\n", capsys)
    assert header == ["garden", "zone", "size", "prediction"]
    assert float(rows[0][3]) > float(rows[1][3])


def test_spellings_of_yes_and_no(folder, capsys):
    table = "size,zone,garden\n" + "".join(f"90,x,{word}\n" for word in ("yes", "YES", "Yes", "yes"))
    _, rows, _ = predicted(folder, "number", table, capsys)
    assert len({row[3] for row in rows}) == 1
    _, (number,), _ = predicted(folder, "number", "size,zone,garden\n90,x,1\n", capsys)
    # One row is multiplied by another routine than many: the last bit may differ.
    assert float(number[3]) == pytest.approx(float(rows[0][3]), rel=1e-6)


def test_other_delimiters_encodings_and_decimal_commas(folder, capsys):
    _, (plain,), _ = predicted(folder, "number", "size,zone,garden\n90.5,x,yes\n", capsys)
    table = "größe;size;zone;garden\nä;90,5;x;yes\n".encode("utf-16")
    header, (row,), _ = predicted(folder, "number", table, capsys)
    assert header[0] == "größe"
    assert row[-1] == plain[-1]
    assert row[1] == "90,5"


def test_a_category_never_seen_is_told(folder, capsys):
    table = "size,zone,garden\n90,Mars,yes\n90,Mars,yes\n90,Venus,yes\n90,x,yes\n"
    _, rows, notes = predicted(folder, "number", table, capsys)
    assert notes == (
        "Note: Column “zone”: “Mars”, “Venus” did not occur in training and counts as none of its "
        "categories, in 3 rows.\n"
    )
    assert rows[0][3] == rows[2][3] != rows[3][3]


def test_gaps_are_filled_as_in_training(folder, capsys):
    _, rows, _ = predicted(folder, "number", "size,zone,garden\n,x,yes\nNA,x,yes\n?,x,\n", capsys)
    preparation = load(folder / "number.gradwright").preparation
    median = next(fitted.missing_value for fitted in preparation.inputs if fitted.column == "size")
    _, (filled,), _ = predicted(folder, "number", f"size,zone,garden\n{median!r},x,yes\n", capsys)
    assert rows[0][3] == rows[1][3] == filled[3]


def test_columns_of_gaps_alone(folder, capsys):
    _, rows, _ = predicted(folder, "number", "size,zone,garden\n,,\nNA,-,?\n", capsys)
    assert rows[0][3] == rows[1][3]


def test_the_target_in_the_table_is_not_looked_at(folder, capsys):
    _, (row,), _ = predicted(folder, "number", "size,zone,garden,price\n90,x,yes,unknown\n", capsys)
    _, (without,), _ = predicted(folder, "number", "size,zone,garden\n90,x,yes\n", capsys)
    assert row[-1] == without[-1]


def test_names_that_are_taken(folder, capsys):
    table = "size,zone,price,prediction,probability yes\n90,x,300,a,b\n"
    header, (row,), _ = predicted(folder, "yesno", table, capsys)
    assert header[3:] == [
        "prediction",
        "probability yes",
        "prediction 2",
        "probability no",
        "probability yes 2",
    ]
    assert row[3:5] == ["a", "b"]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (
            "size,garden\n90,yes\n",
            "expected the column “zone” that the model was trained with, found only “size”",
        ),
        ("a,b\n1,2\n", "expected the columns “size”, “zone”, “garden” that"),
        ("size,zone,garden\nbig,x,yes\n", "in.csv, line 2, column “size”: expected numbers, found “big”"),
        (
            "size,zone,garden\n90,x,maybe\n",
            "in.csv, line 2, column “garden”: expected “no” or “yes”, found “maybe”",
        ),
        (
            "size,zone,garden\n1e300,x,yes\n",
            "in.csv, line 2, column “size”: expected numbers that the network's precision can",
        ),
        ("size,zone,garden\n90,x\n", "in.csv, line 2: expected 3 fields, as in the header, found 2"),
        ("size,,garden\n90,x,yes\n", "in.csv, line 1, column 2: expected a column name, found an empty one"),
        ("size,zone,garden\n", "expected rows of values below the header, found none"),
        ("", "in.csv: expected a table, found an empty file"),
    ],
)
def test_tables_that_will_not_do(folder, table, found, capsys):
    assert found in refused(folder, "number", table, capsys)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--data", "no.csv", "--out", "o.csv"], "no.csv: expected a file, found nothing there"),
        (["--data", ".", "--out", "o.csv"], "found a folder"),
        (["--data", "t.csv", "--out", "no/o.csv"], "found no folder 'no'"),
        (["--data", "t.csv", "--out", "o.xlsx"], "--out o.xlsx: expected a name that ends in .csv"),
    ],
)
def test_places_that_will_not_do(folder, tmp_path, arguments, found, capsys):
    (tmp_path / "t.csv").write_text("size,zone,garden\n90,x,yes\n")
    assert main(["predict", str(folder / "number.gradwright"), *arguments]) == 2
    assert found in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


def test_a_model_that_is_none(folder, tmp_path, capsys):
    (tmp_path / "t.csv").write_text("size,zone,garden\n90,x,yes\n")
    experiment = load(folder / "number.gradwright").experiment
    (tmp_path / "a.json").write_text(experiment.to_json())
    dataset = prepare(experiment.data, experiment.data.source.load(), experiment.dtype)
    save(tmp_path / "untrained.gradwright", saved_run(Trainer(experiment, dataset)))
    for name, found in {
        "a.json": "not trained. Train it first: gradwright train a.json --out a.gradwright",
        "iris": "not trained. Train it first: gradwright train iris --out iris.gradwright",
        "no.gradwright": "found nothing at this path",
        "untrained.gradwright": "expected a trained model, found an experiment that is not trained.",
    }.items():
        assert main(["predict", name, "--data", "t.csv", "--out", "o.csv"]) == 2
        assert found in capsys.readouterr().err


def test_a_table_without_header_as_in_training(tmp_path, capsys):
    """What a person said of the training's file, no header, holds for the file to predict."""
    lines = [f"{'ab'[n % 2]},{'uvw'[n % 3]},{'yes' if n % 2 else 'no'}" for n in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    source = {"kind": "csv", "path": "t.csv", "header": False}
    values = {"data": {"source": source, "target": "column 3"}, "training": {"epochs": 40}}
    (tmp_path / "a.json").write_text(json.dumps(values))
    assert main(["train", "a.json", "--out", "a.gradwright"]) == 0
    (tmp_path / "new.csv").write_text("b,u,no\na,v,no\n")
    assert main(["predict", "a.gradwright", "--data", "new.csv", "--out", "o.csv"]) == 0
    rows = list(csv.reader((tmp_path / "o.csv").read_text().splitlines()))
    assert rows[0] == ["column 1", "column 2", "column 3", "prediction", "probability no", "probability yes"]
    assert [row[3] for row in rows[1:]] == ["yes", "no"]
    # A table that does have a header is understood all the same.
    (tmp_path / "new.csv").write_text("column 2,column 1\nu,b\n")
    assert main(["predict", "a.gradwright", "--data", "new.csv", "--out", "o.csv"]) == 0
    capsys.readouterr()


def test_parameters_of_another_network_are_refused(folder):
    run = load(folder / "number.gradwright")
    for changes, sentence in (
        ({"Dense.bias": None}, "there is no “bias” of Dense"),
        ({"Dense.bias": np.zeros(3)}, r"expected the “bias” of Dense of shape \(12,\), found \(3,\)"),
        ({"Dense 2.bias": np.zeros(3)}, "the network has no “bias” of Dense 2"),
    ):
        arrays = {name: array for name, array in (run.state.model | changes).items() if array is not None}
        with pytest.raises(ValueError, match=sentence):
            Model.from_state(run.experiment, run.preparation, arrays)


@pytest.mark.parametrize("name", ["in.csv", "link.csv", "again.csv", "model.csv"])
def test_what_is_read_is_not_written_over(name, folder, tmp_path, capsys):
    """By whatever name: the rows to predict, those of the training, and the model."""
    (tmp_path / "in.csv").write_bytes((folder / "t.csv").read_bytes())
    (tmp_path / "link.csv").symlink_to("in.csv")
    (tmp_path / "again.csv").symlink_to(folder / "t.csv")
    (tmp_path / "model.csv").symlink_to(folder / "number.gradwright")
    kept = (tmp_path / name).read_bytes()
    command = ["predict", str(folder / "number.gradwright"), "--data", "in.csv", "--out", name]
    assert main(command) == 2
    captured = capsys.readouterr()
    assert f"--out {name}: expected a file of its own, found the " in captured.err
    assert captured.err.endswith("It would be overwritten: choose another name.\n")
    assert (tmp_path / name).read_bytes() == kept
