"""`gradwright train` on a saved run: on to more epochs, on data that was moved or changed, and anew."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.cli import main
from engine.files.run_file import load, save, saved_run
from tests.engine.cli.words import GOOD, PARTS, result_of, sentence_of, write_experiment
from tests.engine.training.runs import bits, dense, experiment, take, trainer


@pytest.mark.parametrize(
    "training",
    [
        {"optimizer": {"kind": "sgd", "learning_rate": 0.1}},
        {"optimizer": {"kind": "momentum", "learning_rate": 0.05}},
        {"optimizer": {"kind": "adam", "learning_rate": 0.01}, "early_stopping": {"patience": 100}},
        {"optimizer": {"kind": "rmsprop", "learning_rate": 0.3}, "early_stopping": {"patience": 100}},
    ],
    ids=["sgd", "momentum", "adam", "best weights kept"],
)
@pytest.mark.parametrize("dropout", [False, True])
def test_ten_epochs_and_ten_more_are_twenty(tmp_path, capsys, training, dropout):
    layers = [dense(8), {"kind": "dropout", "rate": 0.3}, dense(8)] if dropout else None
    (tmp_path / "a.json").write_text(experiment(layers, **training).to_json())
    first = result_of(capsys, "a.json", "--epochs", 10, "--out", "ten.gradwright")
    more = result_of(capsys, "ten.gradwright", "--epochs", 20, "--out", "more.gradwright")
    whole = result_of(capsys, "a.json", "--epochs", 20, "--out", "whole.gradwright")
    assert (first["epochs"], more["epochs"], whole["epochs"]) == (10, 20, 20)
    assert more["stop_reason"] == whole["stop_reason"]
    assert all(more[part] == whole[part] for part in PARTS)
    one, other = load(tmp_path / "more.gradwright"), load(tmp_path / "whole.gradwright")
    assert bits(one.state) == bits(other.state)
    for name, array in other.history.items():
        if not name.startswith("marks/") and name != "epochs/seconds":
            np.testing.assert_array_equal(one.history[name], array, err_msg=name)
    assert one.history["marks/text"].tolist() == ["epochs 10 → 20"]


def test_a_file_may_be_trained_on_in_place(tmp_path, capsys):
    write_experiment(tmp_path / "a.json")
    for epochs in (2, 3, 5):
        name = "run.gradwright" if (tmp_path / "run.gradwright").exists() else "a.json"
        assert result_of(capsys, name, "--epochs", epochs, "--out", "run.gradwright")["epochs"] == epochs


@pytest.mark.parametrize("epochs", [4, 3, 1])
def test_a_run_that_has_its_epochs_says_so_and_stays_as_it_is(tmp_path, capsys, epochs):
    write_experiment(tmp_path / "a.json")
    before = result_of(capsys, "a.json", "--epochs", 4, "--out", "four.gradwright")
    after = result_of(capsys, "four.gradwright", "--epochs", epochs, "--out", "copy.gradwright")
    assert (
        after["stop_reason"] == f"Nothing to train: the run has 4 epochs, and {epochs} were asked for in all."
    )
    assert after["epochs"] == 4
    assert after["steps_per_second"] is None
    assert all(after[part] == before[part] for part in PARTS)
    first, copy = load(tmp_path / "four.gradwright"), load(tmp_path / "copy.gradwright")
    assert copy.experiment == first.experiment
    assert copy.state.numbers == first.state.numbers
    assert copy.history["marks/text"].tolist() == []


def test_without_epochs_a_saved_run_goes_on_to_its_own_number(tmp_path, capsys):
    save(tmp_path / "a.gradwright", saved_run(take(trainer(experiment(epochs=4)), 9)))
    assert result_of(capsys, "a.gradwright")["epochs"] == 4


def test_what_is_said_where_nothing_was_trained(tmp_path, capsys):
    write_experiment(tmp_path / "a.json", epochs=1)
    assert main(["train", "a.json", "--out", "one.gradwright"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "The one epoch is done."
    assert second.startswith("1 epoch, ")
    assert main(["train", "one.gradwright", "--epochs", "1"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == "Nothing to train: the run has 1 epoch, and 1 were asked for in all."
    assert last == "Nothing was trained, so there is nothing to keep."


def test_a_run_that_was_stopped_early_tries_again(tmp_path, capsys):
    rule = {"patience": 3, "min_delta": 1e6}
    write_experiment(tmp_path / "a.json", epochs=30, early_stopping=rule)
    assert result_of(capsys, "a.json", "--out", "a.gradwright")["epochs"] == 4
    assert result_of(capsys, "a.gradwright")["epochs"] == 7


def test_a_run_whose_data_was_moved_goes_on_with_it(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(GOOD)
    data = {"source": {"kind": "csv", "path": str(tmp_path / "t.csv")}, "target": "kind"}
    (tmp_path / "a.json").write_text(json.dumps({"data": data, "training": {"epochs": 1}}))
    result_of(capsys, "a.json", "--out", "a.gradwright")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "t.csv").rename(tmp_path / "elsewhere" / "u.csv")
    arguments = ("a.gradwright", "--data", "elsewhere/u.csv", "--epochs", 2)
    assert result_of(capsys, *arguments)["epochs"] == 2
    (tmp_path / "elsewhere" / "u.csv").write_text(GOOD + "9,9,b\n")
    assert "found other data" in sentence_of(capsys, "train", *arguments)


def test_other_data_at_the_same_place(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(GOOD)
    (tmp_path / "a.json").write_text(json.dumps({"data": {"source": {"kind": "csv", "path": "t.csv"}}}))
    assert main(["train", "a.json", "--epochs", "1", "--out", "a.gradwright"]) == 0
    capsys.readouterr()
    (tmp_path / "t.csv").write_text(GOOD.replace("\n3,", "\n4,"))
    sentence = sentence_of(capsys, "train", "a.gradwright", "--epochs", 2)
    assert "found other data at the same place" in sentence
    # What it says to do can be done.
    assert "gradwright train a.gradwright --restart" in sentence
    more = result_of(capsys, "a.gradwright", "--restart", "--epochs", 2, "--out", "a.gradwright")
    anew = result_of(capsys, "a.json", "--epochs", 2)
    assert more["epochs"] == anew["epochs"] == 2
    assert more["training"] == anew["training"]
    assert result_of(capsys, "a.gradwright", "--epochs", 3)["epochs"] == 3


def test_another_split_names_what_can_be_done(tmp_path, capsys):
    write_experiment(tmp_path / "a.json", epochs=1)
    result_of(capsys, "a.json", "--out", "a.gradwright")
    run = load(tmp_path / "a.gradwright")
    data = run.experiment.data
    other = run.experiment.replace(data=data.replace(split=data.split.replace(seed=data.split.seed + 1)))
    save(tmp_path / "a.gradwright", replace(run, experiment=other))
    assert "gradwright train a.gradwright --restart" in sentence_of(
        capsys, "train", "a.gradwright", "--epochs", 2
    )
    assert result_of(capsys, "a.gradwright", "--restart")["epochs"] == 1


def test_the_old_spelling_of_restart_goes_on_working(tmp_path, capsys):
    write_experiment(tmp_path / "a.json", epochs=1)
    result_of(capsys, "a.json", "--out", "a.gradwright")
    found = result_of(capsys, "a.gradwright", "--anew", "--epochs", 2)
    expected = result_of(capsys, "a.gradwright", "--restart", "--epochs", 2)
    assert found["epochs"] == expected["epochs"] == 2
    assert found["training"] == expected["training"]
    for command in ("train", "check"):
        assert main([command, "--help"]) == 0
        shown = capsys.readouterr().out
        assert "--restart" in shown
        assert "--anew" not in shown
