"""Laws of every registered loss, with every choice that its settings offer."""

import math
import tracemalloc

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.losses import LOSSES, AnyLoss, Loss
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.huber import Huber
from engine.losses.mean_absolute_error import MeanAbsoluteError
from engine.losses.mean_squared_error import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.settings import Task, kind_of
from tests.engine.golden import golden
from tests.engine.variants import variants

ROWS = 7
CAPACITY = 12
STEP = 1e-5

CASES = [
    pytest.param(loss, task, id=f"{loss.kind}-{number}-{task}")
    for cls in LOSSES
    for number, loss in enumerate(variants(cls))
    for task in sorted(cls.tasks)
]


def batch(task: Task, rows: int = ROWS, outputs: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and targets (rows, outputs), never closer to one another than 0.1, where kinks lie."""
    draws = np.random.default_rng(11)
    if task == "regression":
        target = draws.normal(0, 2, (rows, outputs))
        away = draws.uniform(0.1, 3, target.shape) * draws.choice([-1, 1], target.shape)
        return target + away, target
    if task == "binary":
        target = draws.integers(0, 2, (rows, 1)).astype(float)
    else:
        target = np.eye(outputs)[draws.integers(0, outputs, rows)]
    output = draws.normal(0, 2, target.shape)
    near = abs(output - target) < 0.1
    output[near] += 0.5
    return output, target


def workspace(loss: Loss, output: np.ndarray) -> dict[str, np.ndarray]:
    """Scratch of a larger capacity, cut to the batch, as the trainer gives it; full of rubbish."""
    rows = len(output)
    arrays = {
        name: np.full((max(CAPACITY, rows), *shape), np.nan, output.dtype)
        for name, shape in loss.buffers(output.shape[1:]).items()
    }
    return {name: array[:rows] for name, array in arrays.items()}


def evaluated(loss: Loss, output: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient of one batch."""
    scratch = workspace(loss, output)
    value = loss.forward(output, target, scratch)
    dy = np.full_like(output, np.nan)
    loss.backward(output, target, dy, scratch)
    return value, dy


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_gradient_agrees_with_central_differences(loss, task):
    output, target = batch(task)
    _, analytic = evaluated(loss, output, target)
    numeric = np.empty_like(output)
    for place in np.ndindex(output.shape):
        kept = output[place]
        output[place] = kept + STEP
        above, _ = evaluated(loss, output, target)
        output[place] = kept - STEP
        below, _ = evaluated(loss, output, target)
        output[place] = kept
        numeric[place] = (above - below) / (2 * STEP)
    scale = np.maximum(np.maximum(abs(analytic), abs(numeric)), 1e-2 * abs(analytic).max())
    assert (abs(analytic - numeric) / scale).max() <= 1e-6


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_float32_is_near_float64(loss, task):
    output, target = batch(task)
    value, gradient = evaluated(loss, output, target)
    value32, gradient32 = evaluated(loss, output.astype(np.float32), target.astype(np.float32))
    assert type(value32) is float
    assert gradient32.dtype == np.float32
    assert value32 == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(gradient32, gradient, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_outputs_and_targets_are_only_read(loss, task):
    output, target = batch(task)
    output.flags.writeable = target.flags.writeable = False
    assert math.isfinite(evaluated(loss, output, target)[0])


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_same_batch_same_bits(loss, task):
    output, target = batch(task)
    first, gradient = evaluated(loss, output, target)
    scratch = workspace(loss, output)
    again = np.empty_like(output)
    # Twice in the same arrays: nothing may be left over from the call before.
    for _ in range(2):
        assert loss.forward(output, target, scratch) == first
        for _ in range(2):
            loss.backward(output, target, again, scratch)
            assert np.array_equal(again, gradient)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_it_is_a_mean_over_the_batch(loss, task):
    output, target = batch(task)
    value, gradient = evaluated(loss, output, target)
    doubled, gradients = evaluated(loss, np.vstack([output, output]), np.vstack([target, target]))
    assert doubled == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(gradients, np.vstack([gradient, gradient]) / 2, rtol=1e-14)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_a_small_step_against_the_gradient_lowers_it(loss, task):
    output, target = batch(task)
    value, gradient = evaluated(loss, output, target)
    assert evaluated(loss, output - 1e-3 * gradient, target)[0] < value


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("loss", "task"), CASES)
def test_large_outputs_are_finite_and_right(loss, task, dtype):
    _, target = batch(task)
    signs = np.random.default_rng(5).choice([-1.0, 1.0], target.shape)
    output, target = (1e4 * signs).astype(dtype), target.astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = evaluated(loss, output, target)
    assert math.isfinite(value)
    assert value >= 0
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("loss", "task"), CASES)
def test_a_bad_output_is_not_hidden(loss, task, bad):
    output, target = batch(task)
    # For a logit against its target: the other infinity is a sure and right answer, of loss 0.
    wrong = target[2, 0] == (0 if bad > 0 else 1)
    output[2, 0] = bad
    with np.errstate(all="ignore"):
        value, gradient = evaluated(loss, output, target)
    if math.isnan(bad):
        assert math.isnan(value)
        assert math.isnan(gradient[2, 0])
    elif wrong or loss.link is None:
        assert not math.isfinite(value)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_steady_state_allocates_nothing(loss, task):
    output, target = batch(task, rows=1000, outputs=30)
    scratch, dy = workspace(loss, output), np.empty_like(output)

    def work() -> None:
        for _ in range(20):
            loss.forward(output, target, scratch)
            loss.backward(output, target, dy, scratch)

    work()
    tracemalloc.start()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One column of this batch would be 8,000 bytes.
    assert peak < 4000


@pytest.mark.parametrize("case", golden("losses")["cases"], ids=lambda case: str(case["settings"]))
def test_same_numbers_as_pytorch(case):
    loss = TypeAdapter(AnyLoss).validate_python(case["settings"])
    value, gradient = evaluated(loss, np.array(case["output"]), np.array(case["target"]))
    assert value == pytest.approx(case["loss"], rel=1e-13, abs=1e-15)
    np.testing.assert_allclose(gradient, case["gradient"], rtol=1e-12, atol=1e-16)


def test_every_loss_is_compared_with_pytorch():
    compared = {case["settings"]["kind"] for case in golden("losses")["cases"]}
    assert compared == {kind_of(cls) for cls in LOSSES}


def test_every_task_has_a_loss_of_its_own_link():
    assert SoftmaxCrossEntropy.link == "softmax"
    assert BinaryCrossEntropy.link == "sigmoid"
    for task in ("classification", "binary", "regression"):
        assert any(task in cls.tasks for cls in LOSSES)


def test_by_hand():
    # Two outputs, targets 1 and 0, so the differences are 2 and −1.
    output, target = np.array([[3.0, -1.0]]), np.array([[1.0, 0.0]])
    # (4 + 1) / 2; 2 · difference / 2
    value, gradient = evaluated(MeanSquaredError(), output, target)
    assert (value, gradient.tolist()) == (2.5, [[2.0, -1.0]])
    # ½ (4 + 1); the difference itself
    value, gradient = evaluated(MeanSquaredError(reduction="half_sum"), output, target)
    assert (value, gradient.tolist()) == (2.5, [[2.0, -1.0]])
    # Of two such rows the half sums are averaged, and each row's gradient counts half.
    value, gradient = evaluated(
        MeanSquaredError(reduction="half_sum"), np.vstack([output, output]), np.vstack([target, target])
    )
    assert (value, gradient.tolist()) == (2.5, [[1.0, -0.5]] * 2)
    # (2 + 1) / 2; the signs / 2
    value, gradient = evaluated(MeanAbsoluteError(), output, target)
    assert (value, gradient.tolist()) == (1.5, [[0.5, -0.5]])
    # δ = 1: 1 · (2 − ½) for the first, ½ · 1² for the second; the differences clipped to ±1, / 2
    value, gradient = evaluated(Huber(), output, target)
    assert (value, gradient.tolist()) == (1.0, [[0.5, -0.5]])


def test_undecided_logits_cost_ln_of_the_number_of_classes():
    for classes in (2, 10):
        target = np.eye(classes)[:1]
        value, gradient = evaluated(SoftmaxCrossEntropy(), np.full((1, classes), 3.0), target)
        assert value == pytest.approx(math.log(classes), rel=1e-15)
        np.testing.assert_allclose(gradient, 1 / classes - target, rtol=1e-15)
    value, gradient = evaluated(BinaryCrossEntropy(), np.zeros((1, 1)), np.ones((1, 1)))
    assert value == pytest.approx(math.log(2), rel=1e-15)
    assert gradient.tolist() == [[-0.5]]


def test_sure_and_right_answers_keep_their_small_loss_in_float32():
    # ln(1 + e⁻¹⁵) ≈ e⁻¹⁵, although 15 + e⁻¹⁵ is 15 in float32.
    expected = math.log1p(math.exp(-15))
    many = np.ones((1000, 1), np.float32)
    value, _ = evaluated(BinaryCrossEntropy(), 15 * many, many)
    assert value == pytest.approx(expected, rel=1e-5)
