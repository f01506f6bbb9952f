"""Class numbers as targets of losses, against one-hot rows, for all losses of classes."""

import math
import tracemalloc

import numpy as np
import pytest

from engine.losses import LOSSES
from engine.losses.base import FEW_CLASSES, probability_rows, real_rows, subtract_one_hot
from engine.losses.class_weights import ClassWeighted
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from tests.engine.losses_for_tests import value_and_gradient, workspace
from tests.engine.variants import variants

ROWS = 33
MANY = FEW_CLASSES + 44

CASES = [
    pytest.param(loss, id=f"{loss.kind}-{number}")
    for cls in LOSSES
    if "classification" in cls.tasks
    for number, loss in enumerate(variants(cls))
]


def batch(classes: int, dtype: type = np.float64, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Outputs (rows, classes) and class numbers (rows,), some twice and some never."""
    draws = np.random.default_rng(3)
    return draws.normal(0, 2, (rows, classes)).astype(dtype), draws.integers(0, classes - 1, rows)


def fitted_to(loss, target, classes: int):
    """Fitted, with weights for the classes where it can have them and balances none."""
    if isinstance(loss, ClassWeighted) and loss.class_weights is not None:
        loss = loss.replace(class_weights=tuple(np.linspace(0, 3, classes).tolist()))
    return loss.fitted(target, [str(number) for number in range(classes)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("classes", [2, 10, FEW_CLASSES, MANY])
@pytest.mark.parametrize("loss", CASES)
def test_they_are_learned_as_one_hot_rows_are(loss, classes, dtype):
    output, numbers = batch(classes, dtype)
    rows = np.eye(classes, dtype=dtype)[numbers]
    loss, same = fitted_to(loss, numbers, classes), fitted_to(loss, rows, classes)
    assert loss == same
    assert loss.weight(numbers, output.dtype) == loss.weight(rows, output.dtype)
    value, gradient = value_and_gradient(loss, output, numbers)
    expected, expected_gradient = value_and_gradient(loss, output, rows)
    assert gradient.tobytes() == expected_gradient.tobytes()
    if classes <= FEW_CLASSES:
        assert value == expected
    # Of many classes, the sum does not go over the zeros between.
    assert value == pytest.approx(expected, rel=1e-6 if dtype == np.float32 else 1e-14)


@pytest.mark.parametrize("classes", [4, MANY])
@pytest.mark.parametrize("loss", CASES)
def test_they_are_only_read(loss, classes):
    output, numbers = batch(classes)
    loss = fitted_to(loss, numbers, classes)
    output.flags.writeable = numbers.flags.writeable = False
    assert numbers.dtype == np.intp
    value_and_gradient(loss, output, numbers)


@pytest.mark.parametrize("classes", [4, MANY])
@pytest.mark.parametrize("loss", CASES)
def test_steps_allocate_nothing_for_them(loss, classes):
    output, numbers = batch(classes, rows=1000)
    loss = fitted_to(loss, numbers, classes)
    scratch, dy = workspace(loss, output), np.empty_like(output)

    def work() -> None:
        for _ in range(5):
            loss.forward(output, numbers, scratch)
            loss.backward(output, numbers, dy, scratch)

    work()
    tracemalloc.start()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A column of this batch would be 8,000 bytes; the counts of the classes, for their weights, take 16 each.
    assert peak < 4000 + 16 * classes


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("classes", [4, MANY])
@pytest.mark.parametrize("loss", CASES)
def test_a_bad_output_is_not_hidden(loss, classes, bad):
    output, numbers = batch(classes)
    loss = fitted_to(loss, numbers, classes)
    row = int(np.flatnonzero(numbers > 1)[0])
    # Of the class itself −∞ is wrong, of another one +∞.
    output[row, 0 if bad > 0 else numbers[row]] = bad
    with np.errstate(all="ignore"):
        value, _ = value_and_gradient(loss, output, numbers)
    assert not math.isfinite(value)


def test_the_gradient_of_cross_entropy_by_hand():
    # Equal scores of four classes: softmax is 1/4 each, and 1 is subtracted for the class itself.
    value, gradient = value_and_gradient(SoftmaxCrossEntropy(), np.zeros((2, 4)), np.array([3, 0]))
    assert value == pytest.approx(math.log(4))
    assert gradient.tolist() == [[0.125, 0.125, 0.125, -0.375], [-0.375, 0.125, 0.125, 0.125]]


@pytest.mark.parametrize("classes", [4, MANY])
def test_as_rows_of_probabilities(classes):
    _, numbers = batch(classes)
    found = probability_rows(numbers, np.full((ROWS, classes), np.nan, np.float32))
    assert np.array_equal(found, np.eye(classes)[numbers])
    assert probability_rows(found, np.empty_like(found)) is found
    with pytest.raises(ValueError, match="expected rows of numbers as targets, found class indices"):
        real_rows(numbers)


def test_a_gradient_that_could_not_be_written_in_place_is_refused():
    with pytest.raises(ValueError, match="copy"):
        subtract_one_hot(np.zeros((3, 4)).T, np.array([0, 1, 2, 2]))
