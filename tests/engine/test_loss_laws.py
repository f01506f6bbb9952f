"""Laws of every registered loss, with every choice that its settings offer."""

import math
import tracemalloc
from typing import get_args

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.losses import LOSSES, AnyLoss
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.class_weights import ClassWeighted
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.settings import kind_of
from engine.tasks import Task
from tests.engine.golden import golden
from tests.engine.loss_formulas import formula
from tests.engine.losses_for_tests import (
    CLASS_WEIGHTS,
    LEFT_OUT,
    YES_NO_WEIGHTS,
    batch,
    check_gradient,
    evaluated,
    parts,
    value_and_gradient,
    workspace,
)
from tests.engine.variants import variants


def choices(cls):
    """What the fields offer, each also with class weights where there are any, of which one is 0."""
    for loss in variants(cls):
        yield loss
        if issubclass(cls, ClassWeighted):
            yield loss.replace(
                class_weights=YES_NO_WEIGHTS if cls.inverse_link == "sigmoid" else CLASS_WEIGHTS
            )


CASES = [
    pytest.param(loss, task, id=f"{loss.kind}-{number}-{task}")
    for cls in LOSSES
    for number, loss in enumerate(choices(cls))
    for task in sorted(cls.tasks)
]


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_gradient_agrees_with_central_differences(loss, task):
    check_gradient(loss, *batch(task))


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
    loss = loss.fitted(target)
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
def test_parts_add_up_to_the_whole_by_their_weights(loss, task):
    output, target = batch(task)
    loss = loss.fitted(target)
    value, gradient = evaluated(loss, output, target)
    cut = parts(target)
    weights = [loss.weight(target[part], output.dtype) for part in cut]
    found = [value_and_gradient(loss, output[part], target[part]) for part in cut]
    assert all(type(weight) is float for weight in weights)
    assert all(weight > 0 for weight in weights)
    assert sum(weights) == pytest.approx(loss.weight(target, output.dtype), rel=1e-14)
    assert np.dot(weights, [part[0] for part in found]) / sum(weights) == pytest.approx(value, rel=1e-12)
    parts_gradient = np.vstack([w * part[1] for w, part in zip(weights, found, strict=True)]) / sum(weights)
    np.testing.assert_allclose(parts_gradient, gradient, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_a_fitted_loss_knows_all_it_needs(loss, task):
    _, target = batch(task)
    fitted = loss.fitted(target)
    assert type(fitted) is type(loss)
    assert fitted.fitted(target[:1]) == fitted


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_a_small_step_against_the_gradient_lowers_it(loss, task):
    output, target = batch(task)
    value, gradient = evaluated(loss, output, target)
    assert evaluated(loss, output - 1e-3 * gradient, target)[0] < value


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e20])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("loss", "task"), CASES)
def test_large_outputs_are_finite_and_right(loss, task, dtype, scale):
    _, target = batch(task)
    draws = np.random.default_rng(5)
    signs = draws.choice([-1.0, 1.0], target.shape) * draws.uniform(0.5, 1.5, target.shape)
    output, target = (scale * signs).astype(dtype), target.astype(dtype)
    loss = loss.fitted(target)
    exact_output, exact_target = output.astype(np.float64), target.astype(np.float64)
    exact = formula(loss, exact_output, exact_target)
    if exact * output.size > float(np.finfo(dtype).max):
        # A sum of squares that is no number of this precision any more: to be seen, not to be hidden.
        with np.errstate(over="ignore", invalid="ignore"):
            assert not math.isfinite(value_and_gradient(loss, output, target)[0])
        return
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = value_and_gradient(loss, output, target)
    single = dtype == np.float32
    assert value == pytest.approx(exact, rel=1e-5 if single else 1e-12, abs=1e-7 if single else 1e-15)
    assert np.isfinite(gradient).all()
    _, exact_gradient = value_and_gradient(loss, exact_output, exact_target)
    np.testing.assert_allclose(gradient, exact_gradient, rtol=1e-4, atol=1e-6 * abs(exact_gradient).max())


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
    elif wrong or loss.inverse_link is None:
        assert not math.isfinite(value)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_steady_state_allocates_nothing(loss, task):
    output, target = batch(task, rows=1000)
    loss = loss.fitted(target)
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


def test_the_batch_has_rows_that_are_left_out():
    """Else the laws would say nothing of them."""
    _, target = batch("classification")
    assert 0 < target[:, LEFT_OUT].sum() < len(target)
    assert any(target[part, LEFT_OUT].all() for part in parts(target))


@pytest.mark.parametrize("cls", LOSSES, ids=kind_of)
def test_what_learns_classes_can_weight_them(cls):
    assert issubclass(cls, ClassWeighted) == (cls.inverse_link in ("softmax", "sigmoid"))


def test_every_task_has_a_loss_of_its_own_link():
    assert SoftmaxCrossEntropy.inverse_link == "softmax"
    assert BinaryCrossEntropy.inverse_link == "sigmoid"
    for task in get_args(Task):
        assert any(task in cls.tasks for cls in LOSSES)
