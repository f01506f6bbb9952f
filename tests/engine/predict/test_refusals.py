"""Tables, models and places that predict cannot do with: each is refused in one sentence."""

import csv
import json

import numpy as np
import pytest

from engine.cli import main
from engine.data import prepare
from engine.files.run_file import load, save, saved_run
from engine.model import Model
from engine.training.trainer import Trainer
from tests.engine.predict.houses import refused


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
        ("size,,garden\n90,x,yes\n", "in.csv: expected the column “zone” that the model was trained with"),
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
    dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
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
