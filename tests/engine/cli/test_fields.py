"""`gradwright fields`: every field of an experiment, with what it may be, its default and what it is for."""

import pytest

from engine.cli import main
from engine.experiment import Experiment
from engine.settings.changes import groups, kind_name
from tests.engine.cli.words import sentence_of

GROUPS = groups(Experiment)


def told(capsys, *arguments) -> str:
    assert main(["fields", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_field_of_every_group_is_there(capsys):
    parts = in_one_line(told(capsys))
    for group in GROUPS:
        for member in group.members:
            kind = kind_name(member)
            heading = (group.paths[0] or "experiment") + (f', kind "{kind}":' if kind else ":")
            assert heading in parts
            for name, field in member.model_fields.items():
                if name not in ("kind", "schema_version"):
                    assert f" {name}: " in parts
                    assert field.description in parts
    assert len(GROUPS) > 10


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("epochs", "epochs: a whole number, at least 1, at most "),
        (
            "training.early_stopping",
            "patience: a whole number, at least 1, at most 100000, in epochs; default 20",
        ),
        ("sgd", 'training.optimizer, kind "sgd": SGD'),
        ("optimizer.adam", 'training.optimizer, kind "adam": Adam'),
        ("Optimizer", "training.optimizer: one of 13 kinds, adam, "),
        ("split", "validation: a number, at least 0, at most 0.9; default 0.15 Share of the rows"),
        ("milestones", "a list of at least 1 and at most 1000, each a whole number, at least 1,"),
        ("csv", '"," or ";" or "\\t" or "|" or " ", or null (guessed); default null'),
        ("dense", 'bias_initializer: a kind of layers.initializer; default "zeros"'),
        ("dense", "initializer: a kind of layers.initializer, or null (fits the activation)"),
        (
            "focal",
            "class_weights: a list of at most 100000, each a number, at least 0, at most 1000000000, or ",
        ),
        (
            "embedding",
            "columns: a list of at most 100000, each [position, cardinality], or null (as the data has",
        ),
        ("experiment", "layers: a list of at most 500, each a kind of layers; default []"),
        ("data", "split: the group data.split; default those of its fields"),
        ("batch-size", "training: Training batch_size: a whole number"),
    ],
)
def test_what_is_told_of_a_name(name, found, capsys):
    assert found in in_one_line(told(capsys, name))


def test_a_name_of_several_things_tells_of_all(capsys):
    text = told(capsys, "constant")
    assert 'layers.initializer, kind "constant"' in text
    assert 'training.schedule, kind "constant"' in text
    assert told(capsys, "learning_rate").count("learning_rate: ") > 5


def test_names_that_are_none(capsys):
    sentence = sentence_of(capsys, "fields", "learningrate")
    assert sentence.startswith("gradwright: fields learningrate: expected the name of a group")
    assert "Did you mean “learning_rate”" in sentence
    assert "The groups are: experiment, data, " in sentence_of(capsys, "fields", "xyzzy")
    assert "unrecognized arguments: b" in sentence_of(capsys, "fields", "a", "b")
