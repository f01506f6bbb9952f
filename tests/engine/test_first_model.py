"""The first experiment for a person's own data: each rule by what it chooses."""

from pathlib import Path

import numpy as np
import pytest

from engine.data import Column, DataSettings, Table, prepare
from engine.data.dimensions import DataDimensions
from engine.data.sources.bundled import Diabetes, Digits, Iris
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.typed_table import TypedTable
from engine.experiment_by_hand import experiment_by_hand
from engine.first_model import Suggested, first_experiment, first_model, offer
from engine.layers.dense import Dense
from engine.network import infer_shapes
from engine.training.trainer import Trainer


def table_of(rows, task="classification", inputs=5, held_out=100, outputs=3):
    return DataDimensions((inputs,), outputs, task, rows, held_out)


def images_of(height, width, rows=1000):
    return DataDimensions((height, width, 1), 10, "classification", rows, rows // 5)


def test_a_table_begins_with_few_units_adam_and_all_its_columns():
    found = first_experiment(Path("/tables/penguins.csv"))
    assert found.name == "penguins"
    assert found.data == DataSettings.model_validate(
        {"source": {"kind": "csv", "path": "/tables/penguins.csv"}}
    )
    assert found.layers == (Dense(units=16),)


def test_target_and_ignored_columns_are_those_that_were_named():
    data = first_experiment(Path("cars.csv"), "mpg", ("name", "origin")).data
    assert (data.target, data.ignored) == ("mpg", ("name", "origin"))


@pytest.mark.parametrize(
    ("rows", "units", "rate"),
    [
        (1, [16], 0.01),
        (999, [16], 0.01),
        (1000, [64], 0.003),
        (4999, [64], 0.003),
        (5000, [64, 32], 0.003),
        (10**7, [64, 32], 0.003),
    ],
)
def test_units_and_learning_rate_follow_the_rows(rows, units, rate):
    model = first_model(table_of(rows))
    assert [layer.units for layer in model.layers] == units
    assert model.training.optimizer.learning_rate == rate
    assert f"{' and '.join(map(str, units))} units" in model.reasons[0]


@pytest.mark.parametrize(
    ("task", "activation"), [("classification", "relu"), ("binary", "relu"), ("regression", "gelu")]
)
def test_a_number_is_predicted_smoothly_and_so_are_classes_of_many_rows(task, activation):
    (layer,) = first_model(table_of(200, task)).layers
    assert (layer.activation.kind, layer.initializer.kind) == (activation, "glorot_uniform")
    (layer,) = first_model(table_of(1000, task)).layers
    assert layer.activation.kind == "gelu"
    assert {layer.activation.kind for layer in first_model(table_of(5000, task)).layers} == {"relu"}


@pytest.mark.parametrize(
    ("rows", "task", "l2"),
    [
        (300, "classification", 0.01),
        (440, "regression", 0.007),
        (10, "binary", 0.03),
        (60_000, "binary", 5e-5),
    ],
)
def test_l2_counts_as_much_as_a_few_rows(rows, task, l2):
    assert first_model(table_of(rows, task)).training.l2 == l2


@pytest.mark.parametrize(
    ("rows", "batch", "epochs"),
    [
        (100, 32, 100),
        (1_000, 32, 50),
        (4_999, 32, 50),
        (5_000, 128, 50),
        (40_000, 128, 25),
        (100_000, 512, 10),
        (10**6, 512, 5),
    ],
)
def test_batches_and_epochs_follow_the_rows(rows, batch, epochs):
    training = first_model(table_of(rows)).training
    assert (training.batch_size, training.epochs, training.schedule.kind) == (batch, epochs, "cosine")


def test_only_many_validation_rows_may_choose_an_epoch():
    few, many = (first_model(table_of(5000, held_out=rows)) for rows in (499, 500))
    assert few.training.early_stopping is None
    assert few.reasons[-1] == "No early stopping: 499 validation rows would stop it by chance."
    assert many.training.early_stopping.restore_best_weights
    assert many.reasons[-1] == "Early stopping keeps the best epoch, as 500 validation rows tell it."


@pytest.mark.parametrize(
    ("height", "width", "filters", "last"),
    [
        (8, 8, [16], (4, 4, 16)),
        (28, 28, [16, 32], (7, 7, 32)),
        (64, 64, [16, 32, 64], (8, 8, 64)),
        (200, 100, [16, 32], (12, 6, 32)),
        (4, 300, [16], (2, 150, 16)),
    ],
)
def test_images_are_halved_until_little_is_left(height, width, filters, last):
    model = first_model(images_of(height, width))
    assert [layer.filters for layer in model.layers if layer.kind == "conv2d"] == filters
    shapes = infer_shapes(model.layers, (height, width, 1))
    assert shapes[[layer.kind for layer in model.layers].index("flatten")] == last
    assert f"{height} × {width} pixels" in model.reasons[0]


def test_images_of_three_pixels_are_treated_as_tables():
    assert [layer.kind for layer in first_model(images_of(3, 3)).layers] == ["flatten", "dense"]


def test_what_is_to_be_reconstructed_gets_an_autoencoder():
    model = first_model(table_of(500, "reconstruction", inputs=16, outputs=16))
    assert [layer.units for layer in model.layers] == [8, 2, 8]


@pytest.mark.parametrize("source", [Iris(), Diabetes(), Digits()])
def test_the_table_alone_has_the_dimensions_that_the_prepared_data_has(source):
    settings = DataSettings(source=source)
    table = settings.load()
    assert DataDimensions.of_table(table, settings) == DataDimensions.of(prepare(settings, table))


def test_missing_targets_and_integer_codes_count_in_the_dimensions():
    kinds = np.array([*"abc" * 20, None], dtype=object)
    values = np.arange(61.0)
    values[:3] = np.nan
    table = Table("t", (Column("kind", "category", kinds), Column("y", "number", values)))
    settings = DataSettings.model_validate({"target": "y", "categories": "integer"})
    found = DataDimensions.of_table(table, settings)
    assert found == DataDimensions.of(prepare(settings, table))
    assert first_model(found).layers[0].kind == "embedding"


def test_the_offered_model_learns_in_the_experiment_that_it_is_offered_for():
    experiment = first_experiment(Path("iris.csv")).replace(data=DataSettings(source=Iris()))
    table = experiment.data.load()
    found = offer(experiment, table)
    assert found.experiment.data == experiment.data
    trainer = Trainer(found.experiment, prepare(experiment.data, table))
    for _ in trainer.run():
        pass
    assert trainer.evaluate("test").metrics["accuracy"] > 0.85
    assert all(reason.endswith(".") for reason in found.reasons)
    data = DataDimensions.of_table(table, experiment.data)
    assert Suggested.layers(data) == found.experiment.layers
    assert Suggested.training(data) == found.experiment.training


def test_of_what_is_made_by_hand_nothing_is_held_out():
    drawn = experiment_by_hand(DrawnPoints(points=[(0, 0, 1), (1, 1, 2), (2, 0, 1)]))
    dataset = prepare(drawn.data, drawn.data.load())
    assert (drawn.name, dataset.training.rows_count, dataset.validation.rows_count) == ("Drawn points", 3, 0)
    typed = experiment_by_hand(TypedTable(text="a,b\n1,2\n3,5\n"), "a")
    # Scaled, a single row would be zeros.
    assert (typed.data.scaling, typed.data.scale_target) == ("none", False)
    assert drawn.data.scaling == "standardize"
    assert (typed.data.target, typed.layers) == ("a", (Dense(units=16),))
    run = Trainer(typed, prepare(typed.data, typed.data.load()))
    for _ in run.run():
        pass
    assert run.history.epochs.read("training_loss")[-1] < 1e-3


def test_what_was_pasted_is_treated_as_a_table_of_a_file():
    text = "a,b\n" + "".join(f"{row},{row % 2}\n" for row in range(60))
    found = experiment_by_hand(TypedTable(text=text), "b")
    assert (found.data.split, found.data.target) == (DataSettings().split, "b")
    assert found.training.epochs < 1000
