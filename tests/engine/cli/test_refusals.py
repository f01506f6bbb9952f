"""What is refused, each with one sentence: tables, experiments, arguments, models."""

import json
import os
import re

import pytest

from engine.cli import main
from engine.data.sources import SOURCES
from engine.data.sources.table_file import TableFile
from tests.engine.cli.words import GOOD, sentence_of, write_experiment
from tests.engine.commands import gradwright

UNNAMED = "expected a column that can be predicted"


BAD_TABLES = {
    "missing file": (None, "found nothing there"),
    "empty header": (",,\n1,2,3\n", "line 1: expected column names, found empty fields"),
    "ragged rows": (GOOD + 20 * "1,2\n", "line 42: expected 3 fields, as in the header, found 2"),
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
        ({"learning_rate": 3}, "a.json: expected the name of a field, found “learning_rate”. It belongs in "),
    ],
)
def test_bad_experiments(values, found, tmp_path, capsys):
    (tmp_path / "a.json").write_text(json.dumps(values))
    assert found in sentence_of(capsys, "train", "a.json")


def test_a_layer_that_mends_a_network_can_be_copied_from_the_sentence(tmp_path, capsys):
    values = {"data": {"source": "digits"}, "layers": [{"kind": "batch_norm"}, {"kind": "gru"}]}
    (tmp_path / "a.json").write_text(json.dumps(values))
    told = sentence_of(capsys, "train", "a.json", "--epochs", 1)
    layer = json.loads(re.search(r"In the experiment: (\{.+\}) in front of layer 2\.$", told)[1])
    values["layers"].insert(1, layer)
    (tmp_path / "a.json").write_text(json.dumps(values))
    assert main(["train", "a.json", "--epochs", "1"]) == 0


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
        (["iris"], "unknown command “iris”; the commands are train, predict, data, check, inspect, fields."),
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


def test_a_network_too_large_for_the_machine(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("engine.training.resources.memory_of_this_machine", lambda: 1000)
    write_experiment(tmp_path / "a.json", epochs=1)
    sentence = sentence_of(capsys, "train", "a.json")
    assert "Network: expected one that can be trained in the 0.0 GiB of memory" in sentence


PIPES_OF_TABLES = [f"pipe{kind.suffixes[0]}" for kind in SOURCES if issubclass(kind, TableFile)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", ["pipe.json", "pipe.gradwright", "pipe", *PIPES_OF_TABLES])
@pytest.mark.parametrize("command", ["train", "check"])
def test_a_pipe_is_not_waited_for(tmp_path, capsys, command, name):
    os.mkfifo(tmp_path / name)
    sentence_of(capsys, command, name)
    sentence_of(capsys, "train", "iris", "--data", name)


def test_a_device_is_not_read_to_its_end(capsys):
    assert "found a device, which is no file" in sentence_of(capsys, "train", "/dev/zero")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
def test_whatever_is_quoted_can_be_printed_on_any_terminal(tmp_path, encoding):
    (tmp_path / "a.json").write_text(
        json.dumps({"training": {"loss": "\u202e\ud800größer\x1b[31m\n" + "x" * 70_000}, "layers": 10**400})
    )
    result = gradwright("train", "a.json", cwd=tmp_path, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("gradwright: a.json, ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.strip().isprintable()
    assert len(result.stderr) < 1000
