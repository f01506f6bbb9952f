"""`gradwright train`: what it prints for people and for programs, and what it notes of the data."""

import json
import math
import re

import pytest

from engine.cli import main
from engine.cli.train import _score
from engine.files.opening import open_run
from engine.files.run_file import load
from engine.metrics import metrics_for
from tests.engine.cli.words import PARTS, result_of, sentence_of, write_experiment
from tests.engine.data.images.idx_files import write_mnist
from tests.engine.training.runs import dataset, dense, experiment, finish, trainer


def test_json_has_what_the_run_has(tmp_path, capsys):
    name = write_experiment(tmp_path / "a.json", epochs=3)
    result = result_of(capsys, name)
    run = finish(trainer(experiment(epochs=3)))
    assert result["stop_reason"] == "All 3 epochs are done."
    assert result["epochs"] == 3
    assert result["seconds"] > 0
    assert result["steps_per_second"] == pytest.approx(run.step / result["seconds"], rel=1e-3)
    for part in PARTS:
        scores = run.evaluate(part)
        assert result[part] == {"loss": scores.loss, **scores.metrics}
    assert set(result) == {"stop_reason", "epochs", "seconds", "steps_per_second", "findings", *PARTS}


def test_regression_has_its_own_metrics(capsys):
    found = result_of(capsys, "plane", "--epochs", 1)["test"]
    assert set(found) == {"loss", *(metric.name for metric in metrics_for("regression"))}


def test_parts_without_rows_and_scores_that_are_not_defined_are_null(tmp_path, capsys):
    values = json.loads(experiment(epochs=1).to_json())
    values["data"]["split"] |= {"test": 0.0}
    (tmp_path / "a.json").write_text(json.dumps(values))
    result = result_of(capsys, tmp_path / "a.json")
    assert result["test"] is None
    assert result["validation"] is not None


def test_a_run_gone_astray_still_gives_valid_json(tmp_path, capsys):
    path = tmp_path / "a.json"
    wild = experiment(
        [dense(8, "relu")], {"source": "plane"}, optimizer={"kind": "sgd", "learning_rate": 1000.0}
    )
    path.write_text(wild.to_json())
    result = result_of(capsys, path, "--out", tmp_path / "a.gradwright")
    assert "no longer a finite number" in result["stop_reason"]
    assert load(tmp_path / "a.gradwright").state.numbers["stop_kind"] == "not finite"


def test_text_for_people(tmp_path, capsys):
    name = write_experiment(tmp_path / "a.json", epochs=2)
    assert main(["train", name]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "All 2 epochs are done."
    assert lines[2].split() == ["loss", "accuracy", "balanced_accuracy", "f1_macro"]
    assert [line.split()[0] for line in lines[3:6]] == list(PARTS)
    assert lines[-1] == "Not saved; name a file with --out to keep the trained model."
    assert captured.err == ""
    assert main(["train", name, "--out", "out.gradwright"]) == 0
    assert capsys.readouterr().out.endswith("Saved as out.gradwright\n")


def test_notes_go_to_standard_error(tmp_path, capsys):
    rows = "".join(f"{n % 7},{'ab'[n % 2] if n % 10 else ''}\n" for n in range(60))
    (tmp_path / "t.csv").write_text("x,y\n" + rows)
    (tmp_path / "a.json").write_text(
        json.dumps({"data": {"source": {"kind": "csv", "path": "t.csv"}}, "training": {"epochs": 1}})
    )
    assert main(["train", "a.json", "--json"]) == 0
    captured = capsys.readouterr()
    json.loads(captured.out)
    assert captured.err.splitlines() == [
        "Note: Read as UTF-8, separated by commas.",
        "Note: 6 rows were left out, because “y” is missing there.",
    ]


@pytest.mark.parametrize("command", ["train", "check"])
def test_columns_better_ignored_are_named(command, tmp_path, capsys):
    rows = "".join(f"{n % 7},{'uv'[n % 2]},n{n},{'ab'[n % 2]}\n" for n in range(60))
    (tmp_path / "t.csv").write_text("x,same,name,y\n" + rows)
    (tmp_path / "a.json").write_text(
        json.dumps({"data": {"source": {"kind": "csv", "path": "t.csv"}}, "training": {"epochs": 1}})
    )
    main([command, "a.json"])
    read, first, second = capsys.readouterr().err.splitlines()
    assert read == "Note: Read as UTF-8, separated by commas."
    assert first.startswith("Note: “same” almost determines the target “y”")
    assert second.startswith("Note: “name” differs in nearly every row")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (0.96667, "0.9667"),
        (-12.345678, "-12.3457"),
        (0.000012345, "1.234e-05"),
        (0.0123456, "0.01235"),
        (12345678.0, "1.235e+07"),
    ],
)
def test_a_score_has_digits_that_say_something(value, text):
    assert _score(value) == text


@pytest.mark.parametrize(("text", "epochs"), [("1e1", 10), ("2E0", 2), ("0.3e1", 3)])
def test_a_number_of_epochs_may_be_written_with_an_exponent(text, epochs, tmp_path, capsys):
    write_experiment(tmp_path / "a.json", epochs=1)
    assert result_of(capsys, "a.json", "--epochs", text)["epochs"] == epochs


def test_ready_experiments_on_data_of_ones_own(tmp_path, capsys):
    assert "Choose the folder that holds the four files of MNIST" in sentence_of(
        capsys, "train", "mnist-nielsen"
    )
    write_mnist(tmp_path / "digits")
    assert main(["train", "mnist-nielsen", "--data", "digits", "--epochs", "1", "--out", "a.gradwright"]) == 0
    assert re.search(r"^test +\d\.\d+ +\d\.\d+", capsys.readouterr().out, re.MULTILINE)
    assert load(tmp_path / "a.gradwright").experiment.data.source.path == str(tmp_path / "digits")


def test_opening_is_what_training_does(tmp_path):
    """`dataset` of these tests and the command's own agree on the split, or the tests above prove nothing."""
    write_experiment(tmp_path / "a.json")
    chosen = open_run(str(tmp_path / "a.json")).experiment
    assert math.isclose(dataset(chosen.data, chosen.dtype).training.rows_count, 84)
