"""`gradwright predict` with an autoencoder: every input as it comes back, and how far off each row is."""

import csv
import random

import numpy as np
import pytest

from engine.cli import main
from engine.data import prepare
from engine.experiment import Experiment
from engine.files.run_file import load, save, saved_run
from engine.settings import read
from engine.training.trainer import Trainer

HEADER = "id,size,rooms,zone,garden,price"
INPUTS = ("size", "rooms", "zone", "garden")


def house(row: int, generator: random.Random) -> list[str]:
    size, zone = generator.uniform(40, 160), generator.choice(["5", "07", "x"])
    garden = "yes" if size > 100 else "no"
    gap = "" if row % 13 == 0 else f"{size:.1f}"
    return [str(row), gap, str(round(size / 25)), zone, garden, f"{2.5 * size:.1f}"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, and an autoencoder trained on it."""
    place = tmp_path_factory.mktemp("houses")
    generator = random.Random(1)
    rows = [",".join(house(row, generator)) for row in range(160)]
    (place / "t.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    values = {
        "data": {
            "source": {"kind": "csv", "path": str(place / "t.csv")},
            "target": "price",
            "ignored": ["id"],
            "task": "reconstruction",
        },
        "layers": [
            {"kind": "dense", "units": 16},
            {"kind": "dense", "units": 4},
            {"kind": "dense", "units": 16},
        ],
        "training": {"epochs": 80, "optimizer": {"kind": "adam", "learning_rate": 0.01}},
    }
    experiment = read(Experiment, values, "test")
    run = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
    for _ in run.run():
        pass
    save(place / "a.gradwright", saved_run(run))
    return place


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def written(folder, table: str, capsys) -> tuple[list[dict[str, str]], str]:
    """The rows that are written for a table, and what is said on standard error."""
    with open("in.csv", "w", encoding="utf-8") as stream:
        stream.write(table)
    status = main(["predict", str(folder / "a.gradwright"), "--data", "in.csv", "--out", "out.csv"])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    with open("out.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert "reconstructed, written to out.csv" in captured.out
    return rows, captured.err


def test_what_comes_back_is_written_in_its_own_units(folder, capsys):
    rows, notes = written(folder, (folder / "t.csv").read_text(), capsys)
    assert notes.count("\n") == 1
    assert "rows lack values in “size”" in notes
    assert list(rows[0]) == [
        *HEADER.split(","),
        *(f"reconstructed {name}" for name in INPUTS),
        "reconstruction error",
    ]
    whole = [row for row in rows if row["size"]]
    size = np.array([float(row["size"]) for row in whole])
    back = np.array([float(row["reconstructed size"]) for row in whole])
    assert np.corrcoef(size, back)[0, 1] > 0.9
    for name in ("zone", "garden"):
        right = np.mean([row[name] == row[f"reconstructed {name}"] for row in rows])
        assert right > 0.9, name
    # "07" stays the text it was.
    assert {row["reconstructed zone"] for row in rows} == {"5", "07", "x"}


def test_the_error_is_that_of_the_trained_network(folder, capsys):
    rows, _ = written(folder, (folder / "t.csv").read_text(), capsys)
    run = load(folder / "a.gradwright")
    trainer = Trainer(run.experiment, prepare(run.experiment.data, run.experiment.data.load(), np.float32))
    for name, array in trainer.model.state_dict().items():
        array[...] = run.state.model[name]
    for part in (trainer.dataset.training, trainer.dataset.test):
        x = part.inputs.astype(np.float64)
        by_hand = ((trainer.predict(part.inputs) - x) ** 2).mean(axis=1)
        found = [float(rows[row]["reconstruction error"]) for row in part.rows]
        np.testing.assert_allclose(found, by_hand, rtol=1e-5)


def test_an_unusual_row_stands_out(folder, capsys):
    table = "size,rooms,zone,garden\n120,5,x,yes\n80,3,07,no\n150,1,5,no\n60,2,5,no\n"
    rows, _ = written(folder, table, capsys)
    errors = [float(row["reconstruction error"]) for row in rows]
    assert int(np.argmax(errors)) == 2
    assert errors[2] > 3 * sorted(errors)[-2]


def test_names_that_are_taken_get_a_number_and_strangers_a_note(folder, capsys):
    table = "size,rooms,zone,garden,reconstruction error\n120,5,y,yes,7\n"
    rows, notes = written(folder, table, capsys)
    assert rows[0]["reconstruction error"] == "7"
    assert float(rows[0]["reconstruction error 2"]) > 0
    assert "“zone”: “y” did not occur in training" in notes


def test_a_lacking_column_is_told(folder, capsys):
    with open("in.csv", "w", encoding="utf-8") as stream:
        stream.write("size,rooms,garden\n120,5,yes\n")
    assert main(["predict", str(folder / "a.gradwright"), "--data", "in.csv", "--out", "out.csv"]) == 2
    assert "“zone”" in capsys.readouterr().err


def test_training_prints_the_scores_of_reconstruction(capsys):
    assert main(["train", "digits-autoencoder", "--epochs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "variance_explained" in printed
    assert "mse" in printed
    for line in printed.splitlines():
        if line.startswith("validation"):
            assert len(line.split()) == 4
