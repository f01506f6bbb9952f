"""Targets of several classes: one number a row, however many classes there are."""

import tracemalloc

import numpy as np
import pytest

from engine.data.encoders.inputs import fit_input
from engine.data.encoders.targets import fit_target
from engine.data.preparation import Preparation
from engine.data.settings import Missing
from engine.data.splitting.settings import Split
from engine.data.splitting.split import split_rows
from engine.data.table import Column, Table
from engine.errors import UserError
from tests.engine.data.tables import flags, numbers, table, texts

CLASSES, ROWS = 10_000, 1_000_000


def class_numbers() -> np.ndarray:
    """Every class a hundred times, in a random order."""
    return np.random.default_rng(0).permutation(ROWS) % CLASSES


def as_numbers(classes: np.ndarray) -> Column:
    return Column("t", "number", classes.astype(float))


def as_texts(classes: np.ndarray) -> Column:
    # Zeros in front, so that the order of the names is that of the numbers.
    names = np.array([f"class {number:04}" for number in range(CLASSES)], dtype=object)
    return Column("t", "category", names[classes])


@pytest.mark.parametrize("column_of", [as_numbers, as_texts])
def test_ten_thousand_classes_of_a_million_rows_take_8_megabytes(column_of):
    classes = class_numbers()
    column = column_of(classes)
    target = fit_target(column, "classification")
    x = fit_input(numbers("x", [1, 2]), "none", Missing(), "one_hot")
    preparation = Preparation(inputs=(x,), target=target)
    data = Table("table", (column,))
    tracemalloc.start()
    try:
        targets = preparation.targets(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert targets.nbytes <= 8_000_000
    # As rows with an entry for each class they took 80 GB.
    assert peak < 64_000_000
    assert np.array_equal(targets, classes)


def test_targets_of_other_tasks_are_rows_of_the_precision_asked_for():
    for column, task in ((flags("t", [0, 1, 1]), "binary"), (numbers("t", [1, 2, 6]), "regression")):
        preparation = Preparation.fit(
            table(numbers("x", range(3)), column), ("x",), "t", task, "none", Missing(), "one_hot"
        )
        for dtype in (np.float32, np.float64):
            targets = preparation.targets(table(column), dtype)
            assert targets.dtype == dtype
            assert targets.shape == (3, 1)


def test_a_class_that_was_not_trained_is_still_refused():
    target = fit_target(texts("t", ["a", "b", "c"]), "classification")
    assert target.encode(texts("t", ["c", "a"])).tolist() == [2, 0]
    with pytest.raises(UserError, match="expected the classes of the training"):
        target.encode(texts("t", ["a", "d"]))


@pytest.mark.parametrize("split", [Split(), Split(stratified=False), Split(in_order=True)])
def test_many_classes_are_dealt_in_little_memory(split):
    # In order of the classes, so that in order the last ones would all be held out.
    classes = np.sort(class_numbers())
    tracemalloc.start()
    try:
        parts = split_rows(split, classes, True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 128_000_000
    assert len(np.unique(classes[parts.training])) == CLASSES
    assert sum(map(len, (parts.training, parts.validation, parts.test))) == ROWS


def test_of_a_class_that_training_lacks_the_first_row_is_moved():
    parts = split_rows(
        Split(validation=0.2, test=0.2, in_order=True), np.array([0, 1, 0, 1, 0, 0, 2, 2, 3, 3]), True
    )
    assert parts.training.tolist() == [0, 1, 2, 3, 4, 5, 6, 8]
    assert (parts.validation.tolist(), parts.test.tolist()) == ([7], [9])
