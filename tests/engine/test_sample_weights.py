"""Sample weights in every loss: a weight of 2 is a doubled row, a weight of 0 a removed one."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.losses import AnyLoss, Loss
from engine.losses.sample_weights import batch_weight, loss_arrays, weight_rows, weighted_mean
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from tests.engine.golden import golden
from tests.engine.losses_for_tests import STEP, batch, value_and_gradient
from tests.engine.test_loss_laws import CASES


def weighted(
    loss: Loss, output: np.ndarray, target: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray, float]:
    """Loss, gradient and weight of a batch whose rows count by their weights."""
    arrays = {
        name: np.full((len(output), *shape), np.nan, output.dtype)
        for name, shape in loss_arrays(loss, output.shape[1:]).items()
    }
    loss.forward(output, target, arrays)
    value, weight = weighted_mean(loss, output, target, weights, arrays)
    dy = np.full_like(output, np.nan)
    loss.backward(output, target, dy, arrays)
    weight_rows(loss, target, weights, weight, dy, arrays)
    return value, dy, weight


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_weights_of_1_change_nothing(loss, task):
    output, target = batch(task)
    loss = loss.fitted(target)
    value, gradient, weight = weighted(loss, output, target, np.ones(len(output)))
    plain, plain_gradient = value_and_gradient(loss, output, target)
    assert value == pytest.approx(plain, rel=1e-13)
    assert weight == pytest.approx(loss.weight(target, output.dtype), rel=1e-13)
    np.testing.assert_allclose(gradient, plain_gradient, rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_whole_weights_are_repeated_rows(loss, task):
    output, target = batch(task)
    loss = loss.fitted(target)
    weights = np.array([2.0, 1.0, 0.0, 3.0, 1.0, 2.0, 0.0])
    rows = np.repeat(np.arange(7), weights.astype(int))
    value, gradient, weight = weighted(loss, output, target, weights)
    repeated, repeated_gradient = value_and_gradient(loss, output[rows], target[rows])
    assert value == pytest.approx(repeated, rel=1e-12)
    assert weight == pytest.approx(loss.weight(target[rows], output.dtype), rel=1e-13)
    summed = np.zeros_like(gradient)
    np.add.at(summed, rows, repeated_gradient)
    np.testing.assert_allclose(gradient, summed, rtol=1e-12, atol=1e-17)
    assert not gradient[weights == 0].any()


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_gradient_agrees_with_central_differences(loss, task):
    output, target = batch(task)
    loss = loss.fitted(target)
    weights = np.random.default_rng(3).uniform(0, 3, len(output))
    _, analytic, _ = weighted(loss, output, target, weights)
    numeric = np.empty_like(output)
    for place in np.ndindex(output.shape):
        sides = []
        for step in (STEP, -STEP):
            moved = output.copy()
            moved[place] += step
            sides.append(weighted(loss, moved, target, weights)[0])
        numeric[place] = (sides[0] - sides[1]) / (2 * STEP)
    scale = np.maximum(np.maximum(abs(analytic), abs(numeric)), 1e-2 * abs(analytic).max())
    assert (abs(analytic - numeric) / scale).max() <= 1e-6


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_parts_of_a_batch_add_up_by_their_weights(loss, task):
    output, target = batch(task)
    loss = loss.fitted(target)
    weights = np.array([2.0, 0.5, 0.0, 3.0, 1.0, 2.5, 0.0])
    value, gradient, weight = weighted(loss, output, target, weights)
    # The last part has no row that counts.
    cuts = [slice(0, 3), slice(3, 6), slice(6, 7)]
    parts = [weighted(loss, output[cut], target[cut], weights[cut]) for cut in cuts]
    assert [part[2] for part in parts] == [batch_weight(loss, target[cut], weights[cut]) for cut in cuts]
    assert sum(part[2] for part in parts) == pytest.approx(weight, rel=1e-13)
    assert sum(part[0] * part[2] for part in parts) / weight == pytest.approx(value, rel=1e-12)
    together = np.vstack([part[1] * part[2] for part in parts]) / weight
    np.testing.assert_allclose(together, gradient, rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_a_batch_in_which_no_row_counts_has_no_loss_and_no_gradient(loss, task):
    output, target = batch(task)
    value, gradient, weight = weighted(loss.fitted(target), output, target, np.zeros(len(output)))
    assert value == 0
    assert not gradient.any()
    assert 0 < weight < 1e-30


@pytest.mark.parametrize("case", golden("sample_weights")["cases"], ids=lambda case: str(case["settings"]))
def test_same_numbers_as_pytorch(case):
    loss = TypeAdapter(AnyLoss).validate_python(case["settings"])
    output, target, weights = (np.array(case[name]) for name in ("output", "target", "weights"))
    value, gradient, _ = weighted(loss, output, target, weights)
    assert value == pytest.approx(case["loss"], rel=1e-13)
    np.testing.assert_allclose(gradient, case["gradient"], rtol=1e-12, atol=1e-16)


def test_class_indices_are_weighted_as_one_hot_rows_are():
    output, target = batch("classification")
    weights = np.array([2.0, 0.5, 0.0, 3.0, 1.0, 2.5, 4.0])
    for loss in (SoftmaxCrossEntropy(), SoftmaxCrossEntropy(class_weights=(1.0, 2.0, 0.0, 4.0))):
        value, gradient, _ = weighted(loss, output, target, weights)
        other, other_gradient, _ = weighted(loss, output, target.argmax(axis=1), weights)
        assert value == pytest.approx(other, rel=1e-14)
        np.testing.assert_allclose(gradient, other_gradient, rtol=1e-13, atol=1e-17)


def test_balanced_classes_have_the_same_total_of_sample_weights():
    target = np.array([0, 0, 0, 1, 1])
    weights = np.array([1.0, 1.0, 2.0, 3.0, 5.0])
    fitted = SoftmaxCrossEntropy(balanced=True).fitted(target, ("a", "b"), weights)
    # Of 12 in all, 4 are of the first class and 8 of the second: 12 / (2 · 4) and 12 / (2 · 8).
    assert fitted.class_weights == (1.5, 0.75)
