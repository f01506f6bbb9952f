"""The estimate of what training costs: counted by hand, and near what the trainer really takes."""

import time

import pytest

from engine.data import Dataset, prepare
from engine.errors import ShapeError
from engine.experiment import Experiment
from engine.files.opening import preset
from engine.insight.cost import Cost, estimate
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.network_assembly import network_layers
from engine.training.stopping import Event
from engine.training.trainer import Trainer

SMALL = (Dense(units=8), Dropout(), Dense(units=6), Dense(units=2))


def test_parameters_are_counted_as_in_the_design():
    # (2·8 + 8) + (8·6 + 6) + (6·2 + 2) = 24 + 54 + 14
    assert estimate(SMALL, (2,), rows=350, batch_size=32).parameters == 92


def test_memory_holds_data_weights_and_one_batch():
    layers = (Dense(units=3, activation="linear"),)
    cost = estimate(layers, (4,), rows=100, held_out_rows=20, batch_size=10, slots=2)
    weights = 15 * (2 + 2)
    # Of each sample y (3), dx (4) and the bias (3), a linear layer has no dz; the evaluator takes 512 rows
    # at a time.
    workspace = (10 + 512) * 10
    data = 120 * (4 + 3)
    assert cost.memory_bytes == 4 * (weights + workspace + data)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_class_number_takes_8_bytes_a_row(precision):
    layers, rows = (Dense(units=1000, activation="linear"),), 1_000_000
    usual = {"rows": rows, "batch_size": 32, "precision": precision}
    numbers, all_outputs = (
        estimate(layers, (4,), **usual, class_indices=one).memory_bytes for one in (True, False)
    )
    assert all_outputs - numbers == rows * (1000 * (8 if precision == "float64" else 4) - 8)


def test_double_precision_takes_twice_the_memory_and_more_time():
    single = estimate(SMALL, (2,), rows=350, batch_size=32)
    double = estimate(SMALL, (2,), rows=350, batch_size=32, precision="float64")
    assert double.memory_bytes == 2 * single.memory_bytes
    assert double.seconds_per_epoch > single.seconds_per_epoch


@pytest.mark.parametrize(
    "dearer",
    [
        {"rows": 7000},
        {"batch_size": 4},
        {"held_out_rows": 50_000},
        {"slots": 20},
        {"precision": "float64"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_makes_an_epoch_longer(dearer):
    usual = {"rows": 3500, "batch_size": 32, "slots": 0}
    first = estimate((Dense(units=256), Dense(units=2)), (64,), **usual)
    second = estimate((Dense(units=256), Dense(units=2)), (64,), **(usual | dearer))
    assert second.seconds_per_epoch > first.seconds_per_epoch


def test_a_batch_larger_than_the_data_is_the_data():
    few = estimate(SMALL, (2,), rows=20, batch_size=20)
    assert estimate(SMALL, (2,), rows=20, batch_size=5000) == few


def test_no_rows_cost_no_steps():
    assert estimate(SMALL, (2,), rows=0, batch_size=32).seconds_per_epoch < 1e-3


def test_a_network_that_does_not_fit_is_refused_with_its_place():
    with pytest.raises(ShapeError) as caught:
        estimate((Dropout(), Dense()), (8, 8, 1), rows=1, batch_size=1)
    assert caught.value.layer_index == 1


@pytest.mark.parametrize("name", ["spiral", "digits", "diabetes"])
def test_the_time_is_right_within_a_factor_of_three(name):
    experiment = preset(name)
    dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
    estimated = _estimate(experiment, dataset).seconds_per_epoch
    # The quickest of some epochs, in the processor's time: others may use it meanwhile.
    measured = min(_epoch_times(Trainer(experiment, dataset), 15))
    assert measured / 3 < estimated < measured * 3


def _estimate(experiment: Experiment, dataset: Dataset) -> Cost:
    layers, _ = network_layers(experiment, dataset.outputs, dataset.task)
    training = experiment.training
    return estimate(
        layers,
        dataset.input_shape,
        rows=dataset.training.rows_count,
        held_out_rows=dataset.validation.rows_count,
        batch_size=training.batch_size,
        precision=training.precision,
        slots=len(training.optimizer.slots),
    )


def _epoch_times(trainer: Trainer, epochs: int) -> list[float]:
    times, began = [], time.thread_time()
    for event in trainer.run():
        if event is Event.EPOCH:
            times.append(time.thread_time() - began)
            began = time.thread_time()
            if len(times) == epochs:
                break
    return times
