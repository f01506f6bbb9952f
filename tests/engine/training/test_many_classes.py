"""Runs on class numbers: as on one-hot rows, and in memory that does not grow with the classes."""

import tracemalloc
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.data import Dataset, DataSettings, prepare
from engine.data.dataset import Part
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from engine.insight.gradient_check import check_trainer
from engine.layers.dense import Dense
from engine.losses.base import FEW_CLASSES
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.settings import read
from engine.training.evaluator import MOST_ROWS_AT_ONCE, Evaluator
from engine.training.trainer import Trainer
from tests.engine.data.tables import numbers, table
from tests.engine.training.runs import dense, finish, take

MANY = FEW_CLASSES + 44


@cache
def dataset(classes: int, rows: int = 1200) -> Dataset:
    """Classes that follow a number, with another number beside it."""
    draws = np.random.default_rng(0)
    drawn = draws.permutation(rows) % classes
    data = table(numbers("x", drawn + draws.normal(0, 0.1, rows)), numbers("noise", draws.normal(0, 1, rows)))
    data = table(*data.columns, numbers("t", drawn))
    return prepare(DataSettings(source=CSVFile(path="any.csv"), target="t", task="classification"), data)


def with_one_hot_rows(data: Dataset) -> Dataset:
    """The same dataset as it would be with rows of zeros and a 1."""
    rows = np.eye(data.outputs, dtype=np.float32)
    training, validation, test = (
        Part(part.inputs, rows[part.targets], part.rows)
        for part in (data.training, data.validation, data.test)
    )
    return replace(data, training=training, validation=validation, test=test)


def experiment(**training) -> Experiment:
    values = {"layers": [dense(8)], "training": {"epochs": 3, "batch_size": 50, **training}}
    return read(Experiment, values, "test")


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"shuffle": False},
        {"accumulate_batches": 2},
        {"augmentation": ["mixup"]},
        {"augmentation": ["noise"]},
        {"loss": {"kind": "softmax_cross_entropy", "balanced": True, "label_smoothing": 0.1}},
        {"loss": "focal"},
        {"loss": "multiclass_hinge"},
        {"loss": "mean_squared_error"},
    ],
    ids=str,
)
@pytest.mark.parametrize("classes", [3, MANY])
def test_the_same_weights_as_on_one_hot_rows(classes, training):
    data = dataset(classes)
    assert data.training.targets.dtype == np.intp
    run, other = (finish(Trainer(experiment(**training), one)) for one in (data, with_one_hot_rows(data)))
    assert run.network.parameters.tobytes() == other.network.parameters.tobytes()
    losses, expected = (one.history.steps.read("loss") for one in (run, other))
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    for part in ("training", "validation", "test"):
        scores, expected = run.evaluate(part), other.evaluate(part)
        assert np.array_equal(scores.confusion, expected.confusion)
        assert scores.metrics == expected.metrics
        assert scores.loss == pytest.approx(expected.loss, rel=1e-6)


def test_many_classes_have_right_gradients():
    run = take(Trainer(experiment(), dataset(MANY)), 3)
    assert {found.verdict for found in check_trainer(run, rows=4, entries=20)} <= {"right", "fine"}


def test_scores_never_hold_the_outputs_of_all_rows():
    data = dataset(MANY, 20_000)
    run = take(Trainer(experiment(), data), 1)
    all_outputs = data.training.rows_count * MANY * 4
    run.evaluate("training", 2000)
    tracemalloc.start()
    try:
        run.evaluate("training")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < all_outputs / 2


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_the_loss_of_pieces_has_the_bits_of_the_whole(pieces):
    classes, rows = 5, 3 * MOST_ROWS_AT_ONCE + 40
    draws = np.random.default_rng(1)
    outputs = draws.normal(0, 2, (rows, classes)).astype(np.float32)
    targets = draws.integers(0, classes, rows)
    loss = SoftmaxCrossEntropy(class_weights=(1, 0, 2, 3, 0.5))
    network = Network([Dense(units=classes, activation="linear")], (1,))
    evaluator = Evaluator(network, loss)
    running = evaluator.running_loss(targets)
    for piece in np.array_split(outputs, pieces):
        running.add(piece)
    # As chunks of the evaluator's size, one after the other, and each by its weight.
    total = weights = 0.0
    for start in range(0, rows, MOST_ROWS_AT_ONCE):
        chunk = slice(start, start + MOST_ROWS_AT_ONCE)
        value, weight = evaluator.chunk_loss(outputs[chunk], targets[chunk])
        total, weights = total + value * weight, weights + weight
    assert running.mean() == total / weights == evaluator.loss(outputs, targets)
