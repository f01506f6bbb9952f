"""Losses worked by hand, and the digits that a careless formula would lose."""

import math

import numpy as np
import pytest

from engine.errors import UserError
from engine.losses.binary_cross_entropy import BinaryCrossEntropy, BinaryFocal
from engine.losses.hinge import Hinge, MulticlassHinge
from engine.losses.regression import CosineSimilarity, Huber, LogCosh, MeanAbsoluteError, MeanSquaredError
from engine.losses.softmax_cross_entropy import Focal, KullbackLeibler, SoftmaxCrossEntropy
from tests.engine.losses_for_tests import (
    ROWS,
    batch,
    check_gradient,
    evaluated,
)


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


def test_a_single_number_has_no_direction():
    with pytest.raises(UserError, match="two outputs or more for cosine similarity"):
        CosineSimilarity().fitted(np.ones((5, 1)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("length", [1e-7, 1e20, 1e37])
def test_a_direction_is_the_same_at_any_length(dtype, length):
    output, target = (array.astype(dtype) for array in batch("reconstruction"))
    value, gradient = evaluated(CosineSimilarity(), output, target)
    with np.errstate(all="raise", under="ignore"):
        scaled, scaled_gradient = evaluated(CosineSimilarity(), dtype(length) * output, target)
        other, _ = evaluated(CosineSimilarity(), output, dtype(length) * target)
    assert scaled == pytest.approx(value, rel=1e-5)
    assert other == pytest.approx(value, rel=1e-5)
    # In float32, what is left of a gradient of 1e-38 is a digit or two.
    rough = 1e-4 if length < 1e30 or dtype is np.float64 else 0.2
    np.testing.assert_allclose(
        length * scaled_gradient.astype(np.float64), gradient, rtol=rough, atol=rough / 50
    )


@pytest.mark.parametrize("nothing", [0.0, 1e-9])
def test_what_has_no_direction_is_not_pushed_anywhere(nothing):
    output, target = np.array([[3.0, 4.0], [nothing, 0.0]]), np.array([[4.0, 3.0], [0.0, 1.0]])
    # The first row alone has a cosine, 24 / 25.
    value, gradient = evaluated(CosineSimilarity(), output, target)
    assert value == pytest.approx((1 / 25 + 1) / 2)
    assert gradient[0].all()
    assert gradient[1].tolist() == [0, 0]
    value, gradient = evaluated(CosineSimilarity(), target, output)
    assert value == pytest.approx((1 / 25 + 1) / 2)
    assert gradient[1].tolist() == [0, 0]


def test_losses_of_classes_by_hand():
    # Label smoothing 0.2 over 4 classes: the target is 0.85, 0.05, 0.05, 0.05; undecided, ln 4 all the same.
    smooth = SoftmaxCrossEntropy(label_smoothing=0.2)
    value, gradient = evaluated(smooth, np.zeros((1, 4)), np.eye(4)[:1])
    assert value == pytest.approx(math.log(4))
    np.testing.assert_allclose(gradient, [[-0.6, 0.2, 0.2, 0.2]], rtol=1e-14)
    # Undecided: (1 − ½)² ln 2.
    assert evaluated(Focal(), np.zeros((1, 2)), np.eye(2)[:1])[0] == pytest.approx(math.log(2) / 4)
    assert evaluated(BinaryFocal(), np.zeros((1, 1)), np.ones((1, 1)))[0] == pytest.approx(math.log(2) / 4)
    # Scores 3 and ½ for yes: nothing and ½ are missing. Then −½ for no: ½ is missing.
    scores, answers = np.array([[3.0], [0.5], [-0.5]]), np.array([[1.0], [1.0], [0.0]])
    value, gradient = evaluated(Hinge(), scores, answers)
    assert value == pytest.approx(1 / 3)
    np.testing.assert_allclose(gradient, [[0], [-1 / 3], [1 / 3]])
    # Right class at 2, others at 1.5 and −1: ½ and nothing are missing, over 3 outputs.
    value, gradient = evaluated(MulticlassHinge(), np.array([[2.0, 1.5, -1.0]]), np.eye(3)[:1])
    assert value == pytest.approx(0.5 / 3)
    np.testing.assert_allclose(gradient, [[-1 / 3, 1 / 3, 0]])
    # Targets of their own entropy: nothing is left to learn.
    shares = np.array([[0.5, 0.3, 0.2, 0.0]])
    agreeing = np.log(np.fmax(shares, 1e-300))
    value, gradient = evaluated(KullbackLeibler(), agreeing, shares)
    assert value == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(gradient, np.zeros((1, 4)), atol=1e-15)
    # At right angles, the same way, and opposite.
    ways = np.array([[0.0, 2.0], [3.0, 0.0], [-1.0, 0.0]])
    value, _ = evaluated(CosineSimilarity(), ways, np.array([[1.0, 0.0]] * 3))
    assert value == pytest.approx((1 + 0 + 2) / 3)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_focal_losses_stay_finite_where_answers_are_certain(gamma, dtype):
    sure = np.array([[40.0, -40.0], [-40.0, 40.0], [9.0, -9.0]], dtype)
    cases = [
        (Focal(gamma=gamma), sure, np.eye(2, dtype=dtype)[[0, 0, 0]]),
        (BinaryFocal(gamma=gamma), sure[:, :1].copy(), np.ones((3, 1), dtype)),
    ]
    for loss, output, target in cases:
        value, gradient = evaluated(loss, output, target)
        assert math.isfinite(value)
        assert np.isfinite(gradient).all()
        assert abs(gradient[0]).max() <= 1e-10
        # Wrong and certain: as steep as cross-entropy.
        assert gradient[1, 0] == pytest.approx(-1 / 3, rel=1e-5)


def test_log_cosh_keeps_the_digits_of_small_errors_in_float32():
    small = np.full((1000, 1), 1e-4, np.float32)
    assert evaluated(LogCosh(), small, np.zeros_like(small))[0] == pytest.approx(5e-9, rel=1e-4)
    large = np.full((3, 1), -1e30, np.float32)
    assert evaluated(LogCosh(), large, np.zeros_like(large))[0] == pytest.approx(1e30)


@pytest.mark.parametrize("squared", [False, True])
def test_soft_targets_have_exact_gradients_too(squared):
    """Mixed examples have targets between the classes."""
    draws = np.random.default_rng(7)
    shares = draws.dirichlet(np.ones(4), ROWS)
    for loss, target in (
        (MulticlassHinge(squared=squared), shares),
        (Hinge(squared=squared), shares[:, :1]),
        (Focal(gamma=1.7, class_weights=(1, 2, 3, 4)), shares),
        (BinaryFocal(gamma=1.7, alpha=0.3), shares[:, :1]),
        (KullbackLeibler(), shares),
        (KullbackLeibler(class_weights=(1, 2, 0, 4)), shares),
        (MulticlassHinge(squared=squared, class_weights=(1, 2, 0, 4)), shares),
        (Hinge(squared=squared, class_weights=(1, 2)), shares[:, :1]),
        (Focal(gamma=1.7, class_weights=(1, 2, 0, 4), label_smoothing=0.1), shares),
        (BinaryFocal(alpha=0.3, class_weights=(1, 2), label_smoothing=0.1), shares[:, :1]),
        (SoftmaxCrossEntropy(class_weights=(1, 2, 3, 4), label_smoothing=0.1), shares),
        (BinaryCrossEntropy(class_weights=(1, 2), label_smoothing=0.1), shares[:, :1]),
    ):
        check_gradient(loss, draws.normal(0, 2, target.shape), target)


def test_sure_and_right_answers_keep_their_small_loss_in_float32():
    # ln(1 + e⁻¹⁵) ≈ e⁻¹⁵, although 15 + e⁻¹⁵ is 15 in float32.
    expected = math.log1p(math.exp(-15))
    many = np.ones((1000, 1), np.float32)
    value, _ = evaluated(BinaryCrossEntropy(), 15 * many, many)
    assert value == pytest.approx(expected, rel=1e-5)
