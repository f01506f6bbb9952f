"""The command line's words: arguments, results, sentences. What needs a process is in tests/end_to_end."""

import json
import math
import os
import re
import signal
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.cli import keeping, main
from engine.cli.interruption import Interruption
from engine.cli.train import _score
from engine.errors import UserError
from engine.files import atomic
from engine.files.opening import open_run
from engine.files.run_file import load, save, saved_run
from engine.training.state import capture
from engine.training.stepping import StepResult
from engine.training.trainer import Trainer
from tests.engine.data.idx_files import write_mnist
from tests.engine.training.runs import dataset, dense, experiment, finish, take, trainer

PARTS = ("training", "validation", "test")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_experiment(path, **training):
    path.write_text(experiment(**training).to_json())
    return str(path)


def result_of(capsys, *arguments, status=0):
    """The one JSON object on standard output."""
    assert main(["train", *map(str, arguments), "--json"]) == status
    out = capsys.readouterr().out
    assert out.count("\n") == 1

    def refuse(text):
        raise AssertionError(f"{text} is no JSON")

    return json.loads(out, parse_constant=refuse)


def sentence_of(capsys, *arguments):
    """The one line on standard error of a command that is refused."""
    assert main(list(map(str, arguments))) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("gradwright")
    assert captured.err.count("\n") == 1
    return captured.err


# --- train -----------------------------------------------------------------------------------------------


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
    assert set(result) == {"stop_reason", "epochs", "seconds", "steps_per_second", *PARTS}


def test_regression_has_its_own_metrics(capsys):
    assert set(result_of(capsys, "plane", "--epochs", 1)["test"]) == {"loss", "r2", "rmse", "mae"}


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
    assert lines[2].split() == ["loss", "accuracy", "balanced_accuracy", "f1"]
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
    assert captured.err == "Note: 6 rows were left out, because “y” is missing there.\n"


@pytest.mark.parametrize("command", ["train", "check"])
def test_columns_better_ignored_are_named(command, tmp_path, capsys):
    rows = "".join(f"{n % 7},{'uv'[n % 2]},n{n},{'ab'[n % 2]}\n" for n in range(60))
    (tmp_path / "t.csv").write_text("x,same,name,y\n" + rows)
    (tmp_path / "a.json").write_text(
        json.dumps({"data": {"source": {"kind": "csv", "path": "t.csv"}}, "training": {"epochs": 1}})
    )
    main([command, "a.json"])
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("Note: “same” gives the target “y” away")
    assert second.startswith("Note: “name” differs in nearly every row")


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
    assert one.state.parameters.tobytes() == other.state.parameters.tobytes()
    assert one.state.arrays.keys() == other.state.arrays.keys()
    for name, array in other.state.arrays.items():
        assert one.state.arrays[name].tobytes() == array.tobytes(), name
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


def test_a_run_that_was_stopped_early_tries_again(tmp_path, capsys):
    rule = {"patience": 3, "min_change": 1e6}
    write_experiment(tmp_path / "a.json", epochs=30, early_stopping=rule)
    assert result_of(capsys, "a.json", "--out", "a.gradwright")["epochs"] == 4
    assert result_of(capsys, "a.gradwright")["epochs"] == 7


def test_interrupted_at_a_step_boundary_and_gone_on(tmp_path, capsys, monkeypatch):
    """A signal in the middle of a step: the step is finished, the run is saved and goes on unharmed."""
    write_experiment(tmp_path / "a.json", epochs=6)
    step = Trainer._take_step

    def interrupted(self):
        if self.step == 16:
            signal.raise_signal(signal.SIGINT)
        return step(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_take_step", interrupted)
        result = result_of(capsys, "a.json", "--out", "part.gradwright", status=130)
    assert result["stop_reason"] == "Interrupted from the keyboard."
    assert result["epochs"] == 2
    assert load(tmp_path / "part.gradwright").state.numbers["step"] == 17
    result_of(capsys, "part.gradwright", "--out", "all.gradwright")
    whole = capture(finish(trainer(experiment(epochs=6))))
    assert np.array_equal(load(tmp_path / "all.gradwright").state.parameters, whole.parameters)


def test_a_second_interruption_does_not_wait():
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.status == 130
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_mid_training_leaves_what_was_trained(tmp_path, capsys, monkeypatch):
    write_experiment(tmp_path / "a.json", epochs=6)
    step = Trainer._take_step

    def exhausted(self):
        if self.step == 16:
            raise MemoryError
        return step(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_take_step", exhausted)
        assert main(["train", "a.json", "--out", "part.gradwright"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    note, sentence = captured.err.splitlines()
    assert note == "Note: part.gradwright holds the run as it was after step 16."
    assert "expected enough memory" in sentence
    result_of(capsys, "part.gradwright", "--out", "all.gradwright")
    whole = capture(finish(trainer(experiment(epochs=6))))
    assert np.array_equal(load(tmp_path / "all.gradwright").state.parameters, whole.parameters)


def test_a_second_ctrl_c_leaves_what_was_trained(tmp_path, capsys, monkeypatch):
    write_experiment(tmp_path / "a.json", epochs=6)
    step = Trainer._take_step

    def interrupted(self):
        if self.step == 16:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return step(self)

    monkeypatch.setattr(Trainer, "_take_step", interrupted)
    assert main(["train", "a.json", "--out", "part.gradwright"]) == 130
    told = "gradwright: interrupted; part.gradwright holds the run as it was after step 16.\n"
    assert capsys.readouterr().err == told
    assert load(tmp_path / "part.gradwright").state.numbers["step"] == 16


def test_a_step_without_its_record_is_not_saved(tmp_path, capsys, monkeypatch):
    """Such a file could not be opened; the one that was there stays."""
    write_experiment(tmp_path / "a.json", epochs=6)
    result_of(capsys, "a.json", "--epochs", 1, "--out", "a.gradwright")
    kept = (tmp_path / "a.gradwright").read_bytes()

    def interrupted(self, place, updater):
        raise KeyboardInterrupt

    monkeypatch.setattr(StepResult, "row", interrupted)
    assert main(["train", "a.gradwright", "--epochs", "6", "--out", "a.gradwright"]) == 130
    assert capsys.readouterr().err == "gradwright: interrupted; no file was changed.\n"
    assert (tmp_path / "a.gradwright").read_bytes() == kept


def test_a_run_is_saved_now_and_then(tmp_path, capsys, monkeypatch):
    """At ends of epochs, not more often than it is to be; a disk that is full for a while ends nothing."""
    write_experiment(tmp_path / "a.json", epochs=6)
    clock, saved = iter(range(0, 10_000, 100)), []

    def note(path, run):
        saved.append(run.state.numbers["epoch"])
        if len(saved) == 1:
            raise UserError("a.gradwright", expected="room", got="none", help="Free some.")

    monkeypatch.setattr(keeping, "monotonic", lambda: next(clock))
    monkeypatch.setattr(keeping, "SECONDS_BETWEEN_SAVES", 150.0)
    monkeypatch.setattr(keeping, "save", note)
    assert main(["train", "a.json", "--out", "a.gradwright"]) == 0
    # The clock is looked at once when training begins, at each end of an epoch, and after a save.
    assert saved == [2, 4]
    assert capsys.readouterr().err.splitlines() == [
        "Note: the run could not be saved. a.gradwright: expected room, found none. Free some."
    ]


def test_a_save_that_fails_at_the_end_does_not_hide_the_result(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(atomic.os, "fsync", full)
    write_experiment(tmp_path / "a.json", epochs=1)
    assert main(["train", "a.json", "--json", "--out", "a.gradwright"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["epochs"] == 1
    assert "a.gradwright: expected a place that can be written to, found no space left" in captured.err
    assert not (tmp_path / "a.gradwright").exists()


def test_too_little_memory_is_a_sentence(tmp_path, capsys, monkeypatch):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(Trainer, "_take_step", exhausted)
    write_experiment(tmp_path / "a.json", epochs=1)
    assert "expected enough memory" in sentence_of(capsys, "train", "a.json")


def test_interrupted_before_training(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.cli.train.open_run", interrupted)
    assert main(["train", "iris"]) == 130
    assert capsys.readouterr().err == "gradwright: interrupted; no file was changed.\n"


# --- refused ---------------------------------------------------------------------------------------------

GOOD = "x,y,kind\n" + "".join(f"{n},{n * 7 % 11},{'ab'[n % 2]}\n" for n in range(40))

UNNAMED = "expected a column that can be predicted"

BAD_TABLES = {
    "missing file": (None, "found nothing there"),
    "empty header": (",,\n" + GOOD, "line 1, column 1: expected a column name, found an empty one"),
    "ragged rows": (GOOD + "1,2\n", "line 42: expected 3 fields, as in the header, found 2"),
    "one class": (GOOD.replace(",b", ",a"), "Target “kind”: expected at least two classes, found only “a”"),
    "as many classes as rows": (
        "x,kind\n" + "".join(f"{n},n{n}\n" for n in range(1000)),
        "expected classes that come up again and again, in two rows or more on average, found 1,000",
    ),
    "too many classes": (
        "x,kind\n" + "".join(f"{n},n{n % 1001}\n" for n in range(3003)),
        "expected at most 1,000 classes, found 1,001 different values in 3,003 rows",
    ),
    "a column without values": (
        "e," + GOOD.replace("\n", "\n,", 40),
        "Column “e”: expected at least one value in the training part, found none",
    ),
    "no values at all": ("x,kind\n,\n,\n,\n", UNNAMED),
    "only a target": ("kind\n" + "a\nb\n" * 20, "at least one input column"),
    "no table": ("\x00\x01\x02\xff", "t.csv"),
}


@pytest.mark.parametrize(("table", "found"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_tables(table, found, tmp_path, capsys):
    if table is not None:
        (tmp_path / "t.csv").write_text(table)
    data = {"source": {"kind": "csv", "path": "t.csv"}, "target": None if found in UNNAMED else "kind"}
    (tmp_path / "a.json").write_text(json.dumps({"data": data}))
    assert found in sentence_of(capsys, "train", "a.json", "--out", "a.gradwright")
    assert not (tmp_path / "a.gradwright").exists()


def test_ready_experiments_on_data_of_ones_own(tmp_path, capsys):
    assert "Choose the folder that holds the four files of MNIST" in sentence_of(
        capsys, "train", "mnist-nielsen"
    )
    write_mnist(tmp_path / "digits")
    assert main(["train", "mnist-nielsen", "--data", "digits", "--epochs", "1", "--out", "a.gradwright"]) == 0
    assert re.search(r"^test +\d\.\d+ +\d\.\d+", capsys.readouterr().out, re.MULTILINE)
    assert load(tmp_path / "a.gradwright").experiment.data.source.path == str(tmp_path / "digits")


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


def test_data_for_an_experiment_that_needs_none(capsys):
    assert sentence_of(capsys, "train", "spiral", "--data", "t.csv").endswith(
        "--data t.csv: expected an experiment whose data is in files, found the source “Spiral”, which "
        "reads none. Leave --data out.\n"
    )
    assert "found nothing. Choose the folder" in sentence_of(capsys, "train", "mnist-conv", "--data", "")


def test_a_column_with_no_numbers_where_numbers_are_to_be_predicted(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(GOOD)
    data = {"source": {"kind": "csv", "path": "t.csv"}, "target": "kind", "task": "regression"}
    (tmp_path / "a.json").write_text(json.dumps({"data": data}))
    assert "Target “kind”: expected numbers, for regression" in sentence_of(capsys, "train", "a.json")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (
            {"training": {"optimizer": {"kind": "sgd", "learning_rate": -1}}},
            "learning rate: expected a number",
        ),
        ({"training": {"optimizer": {"kind": "sgd", "learning_rate": "abc"}}}, "found 'abc'"),
        ({"training": {"optimizer": "warp"}}, "found 'warp'"),
        (
            {"data": {"source": "digits"}, "layers": [{"kind": "dense"}]},
            "Layer 1, Dense: needs a list of num",
        ),
        ({"training": {"loss": "binary_cross_entropy"}, "data": {"source": "iris"}}, "Training, loss"),
        ({"data": {"source": "iris", "target": "petals"}}, "found “petals”"),
        ({"learning_rate": 3}, "There is no such field; those there are: "),
    ],
)
def test_bad_experiments(values, found, tmp_path, capsys):
    (tmp_path / "a.json").write_text(json.dumps(values))
    assert found in sentence_of(capsys, "train", "a.json")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--epochs", "0"], "--epochs: expected a number of at least 1, found '0'"),
        (["--epochs", "-3"], "found '-3'"),
        (["--epochs", "abc"], "--epochs: expected a whole number, found 'abc'"),
        (["--epochs", "1.5"], "found '1.5'"),
        (["--epochs", ""], "--epochs"),
        (["--epochs", "1e99"], "--epochs"),
        (["--epochs", "1.5e0"], "--epochs: expected a whole number, found '1.5e0'"),
        (["--epochs", "nan"], "--epochs: expected a whole number, found 'nan'"),
        (["--epochs", "9" * 30], "--epochs"),
        (["--epochs"], "expected one argument"),
        (
            ["--out", "no/such/folder/a.gradwright"],
            "found no folder 'no/such/folder'. Nothing was changed. Make the folder first",
        ),
        (["--out", "a.h5"], "--out a.h5: expected a name that ends in .gradwright, found 'a.h5'"),
        (["--out", ""], "expected a name that ends in .gradwright"),
        (["--out", "folder.gradwright"], "a folder of that name"),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["second"], "unrecognized arguments: second"),
    ],
)
def test_bad_arguments_of_train(arguments, found, tmp_path, capsys):
    (tmp_path / "folder.gradwright").mkdir()
    assert found in sentence_of(capsys, "train", "xor", *arguments)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], "required"),
        (["trian", "iris"], "gradwright: unknown command “trian”; did you mean train?"),
        (["iris", "spiral"], "unknown command “iris”; the commands are train, predict, check."),
        (["train"], "required: FILE"),
        (["predict", "a.gradwright"], "required: --out"),
        (["train", "no.gradwright"], "found nothing at this path"),
        (["train", "nosuch"], "Ready experiments are:"),
        (["train", "."], "found a folder"),
    ],
)
def test_bad_commands(arguments, found, capsys):
    assert found in sentence_of(capsys, *arguments)


def test_a_damaged_model(tmp_path, capsys):
    (tmp_path / "a.gradwright").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "t.csv").write_text(GOOD)
    for command in (
        ["train", "a.gradwright"],
        ["predict", "a.gradwright", "--data", "t.csv", "--out", "o.csv"],
    ):
        assert "found a truncated or damaged archive" in sentence_of(capsys, *command)
    assert not (tmp_path / "o.csv").exists()


def test_other_data_at_the_same_place(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(GOOD)
    (tmp_path / "a.json").write_text(json.dumps({"data": {"source": {"kind": "csv", "path": "t.csv"}}}))
    assert main(["train", "a.json", "--epochs", "1", "--out", "a.gradwright"]) == 0
    capsys.readouterr()
    (tmp_path / "t.csv").write_text(GOOD.replace("\n3,", "\n4,"))
    sentence = sentence_of(capsys, "train", "a.gradwright", "--epochs", 2)
    assert "found other data at the same place" in sentence
    # What it says to do can be done.
    assert "gradwright train a.gradwright --anew" in sentence
    more = result_of(capsys, "a.gradwright", "--anew", "--epochs", 2, "--out", "a.gradwright")
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
    assert "gradwright train a.gradwright --anew" in sentence_of(
        capsys, "train", "a.gradwright", "--epochs", 2
    )
    assert result_of(capsys, "a.gradwright", "--anew")["epochs"] == 1


@pytest.mark.parametrize(("text", "epochs"), [("1e1", 10), ("2E0", 2), ("0.3e1", 3)])
def test_a_number_of_epochs_may_be_written_with_an_exponent(text, epochs, tmp_path, capsys):
    write_experiment(tmp_path / "a.json", epochs=1)
    assert result_of(capsys, "a.json", "--epochs", text)["epochs"] == epochs


def test_a_network_too_large_for_the_machine(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("engine.training.memory.memory_of_this_machine", lambda: 1000)
    write_experiment(tmp_path / "a.json", epochs=1)
    sentence = sentence_of(capsys, "train", "a.json")
    assert "Network: expected one that can be trained in the 0.0 GiB of memory" in sentence


# --- help and version ------------------------------------------------------------------------------------


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"Gradwright {engine.__version__}\n"
    for arguments in (["--help"], ["train", "--help"], ["predict", "-h"]):
        assert main(arguments) == 0
        captured = capsys.readouterr()
        assert captured.out.startswith("usage: gradwright")
        assert captured.err == ""
    assert main(["train", "--help"]) == 0
    assert "breast-cancer" in capsys.readouterr().out


def test_opening_is_what_training_does(tmp_path):
    """`dataset` of these tests and the command's own agree on the split, or the tests above prove nothing."""
    write_experiment(tmp_path / "a.json")
    chosen = open_run(str(tmp_path / "a.json")).experiment
    assert math.isclose(dataset(chosen.data, chosen.dtype).training.rows_count, 84)
