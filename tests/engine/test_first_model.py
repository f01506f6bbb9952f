"""The first experiment for a person's own table."""

from pathlib import Path

from engine.data import prepare
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.typed_table import TypedTable
from engine.experiment import Experiment
from engine.first_model import experiment_by_hand, first_experiment
from engine.layers.dense import Dense
from engine.training.trainer import Trainer


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


def test_of_what_is_made_by_hand_nothing_is_held_out():
    drawn = experiment_by_hand(DrawnPoints(points=[(0, 0, 1), (1, 1, 2), (2, 0, 1)]))
    dataset = prepare(drawn.data, drawn.data.load())
    assert (drawn.name, dataset.training.rows_count, dataset.validation.rows_count) == ("Drawn points", 3, 0)
    typed = experiment_by_hand(TypedTable(text="a,b\n1,2\n3,5\n"), "a")
    assert (typed.data.target, typed.layers) == ("a", (Dense(units=16),))
    run = Trainer(typed, prepare(typed.data, typed.data.load()))
    for _ in run.run():
        pass
    assert run.history.epochs.read("training_loss")[-1] < 1e-3
