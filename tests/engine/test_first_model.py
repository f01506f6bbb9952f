"""The first experiment for a person's own table."""

from pathlib import Path

from engine.experiment import Experiment
from engine.first_model import first_experiment


def test_a_table_begins_with_one_hidden_layer_adam_and_early_stopping():
    expected = {
        "name": "penguins",
        "data": {"source": {"kind": "csv", "path": "/tables/penguins.csv"}},
        "layers": [{"kind": "dense", "units": 32}],
        "training": {
            "epochs": 100,
            "optimizer": {"kind": "adam", "learning_rate": 0.003},
            "early_stopping": {},
        },
    }
    assert first_experiment(Path("/tables/penguins.csv")) == Experiment.model_validate(expected)


def test_target_and_ignored_columns_are_those_that_were_named():
    data = first_experiment(Path("cars.csv"), "mpg", ("name", "origin")).data
    assert (data.target, data.ignored) == ("mpg", ("name", "origin"))
