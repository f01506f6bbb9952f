"""Losses worked by hand, class weights, and the digits that a careless formula would lose."""

import math

import numpy as np
import pytest

from engine.errors import UserError
from engine.losses import LOSSES
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.binary_focal import BinaryFocal
from engine.losses.class_weights import ClassWeighted
from engine.losses.cosine_similarity import CosineSimilarity
from engine.losses.focal import Focal
from engine.losses.hinge import Hinge
from engine.losses.huber import Huber
from engine.losses.kullback_leibler import KullbackLeibler
from engine.losses.log_cosh import LogCosh
from engine.losses.mean_absolute_error import MeanAbsoluteError
from engine.losses.mean_squared_error import MeanSquaredError
from engine.losses.multiclass_hinge import MulticlassHinge
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.settings import kind_of, read
from tests.engine.losses_for_tests import (
    ROWS,
    batch,
    check_gradient,
    evaluated,
    value_and_gradient,
    workspace,
)
from tests.engine.variants import variants


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


WEIGHTED = [cls for cls in LOSSES if issubclass(cls, ClassWeighted)]


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_balanced_classes_count_the_same_in_all(cls):
    # Of 12 examples, one class has 9 and the other 3: weights 12 / (2 · 9) and 12 / (2 · 3).
    if "binary" in cls.tasks:
        target = np.repeat([[0.0], [1.0]], [9, 3], axis=0)
    else:
        target = np.repeat(np.eye(2), [9, 3], axis=0)
    fitted = cls(balanced=True).fitted(target)
    assert fitted.class_weights == pytest.approx((2 / 3, 2))
    assert not fitted.balanced
    # The weights have mean 1, so the loss of undecided outputs is what it is without them.
    undecided = np.zeros_like(target)
    assert evaluated(fitted, undecided, target)[0] == pytest.approx(evaluated(cls(), undecided, target)[0])
    assert fitted.weight(target) == pytest.approx(12)
    # Given weights are multiplied by the balance: 2 / 3 and 10, of mean (9 · 2 / 3 + 3 · 10) / 12 = 3.
    both = cls(balanced=True, class_weights=(1, 5)).fitted(target)
    assert both.class_weights == pytest.approx((2 / 9, 10 / 3))
    assert both.weight(target) == pytest.approx(12)


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
@pytest.mark.parametrize("given", [(1e9, 1), (1e9, 1e-9), (1e-300, 1e-300), (0, 1e9)])
def test_balanced_weights_stay_in_their_range(cls, given):
    target = np.repeat([[0.0], [1.0]] if cls.link == "sigmoid" else np.eye(2), [1, 9], axis=0)
    fitted = cls(balanced=True, class_weights=given).fitted(target)
    assert fitted.weight(target) == pytest.approx(10)
    # Both classes together, as they are given: n_c w_c is to the others as what is given.
    first, second = fitted.class_weights
    assert first == pytest.approx(9 * second * (given[0] / given[1]))


def test_a_class_of_next_to_nothing_does_not_occur():
    # Pixels that are black but for rounding: there is no ink to balance the paper with.
    for shade in (0.0, 1e-12, 1 - 1e-12, 1.0):
        fitted = BinaryCrossEntropy(balanced=True).fitted(np.full((5, 4), shade))
        assert fitted.class_weights == pytest.approx((1, 1))


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_a_class_of_weight_0_is_left_out(cls):
    output, target = batch("binary" if cls.link == "sigmoid" else "classification", outputs=2)
    left_out = target[:, -1] == 1
    assert 0 < left_out.sum() < ROWS
    for loss in variants(cls):
        if loss.balanced:
            continue
        without = loss.replace(class_weights=(1, 0))
        value, gradient = value_and_gradient(without, output, target)
        # What smoothing asks of the class itself has no weight either.
        same = without if getattr(loss, "label_smoothing", 0) else loss
        alone, gradient_alone = value_and_gradient(same, output[~left_out], target[~left_out])
        assert value == pytest.approx(alone, rel=1e-12)
        np.testing.assert_allclose(gradient[~left_out], gradient_alone, rtol=1e-12)
        assert not gradient[left_out].any()
        # A batch of nothing else is no reason to divide by 0, in either precision.
        for dtype in (np.float32, np.float64):
            few = output[left_out].astype(dtype), target[left_out].astype(dtype)
            with np.errstate(all="raise", under="ignore"):
                value, gradient = value_and_gradient(without, *few)
            assert value == 0
            assert not gradient.any()
            assert 0 < without.weight(few[1]) < 1e-30


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_at_least_one_class_that_occurs_must_count(cls):
    with pytest.raises(
        UserError, match="Training, class weights: expected a weight above 0 for at least one"
    ):
        read(cls, {"class_weights": (0, 0)}, "Training")
    target = np.ones((5, 1)) if cls.link == "sigmoid" else np.eye(2)[[1] * 5]
    with pytest.raises(
        UserError, match="expected a weight above 0 for a class that the training examples have"
    ):
        cls(class_weights=(1, 0)).fitted(target)


def test_weights_far_apart_keep_their_digits_in_float32():
    """w₀ + (w₁ − w₀) t would lose the small one."""
    output, target = np.array([[2.0], [-1.0]], np.float32), np.ones((2, 1), np.float32)
    loss = BinaryCrossEntropy(class_weights=(1e9, 0.5))
    assert value_and_gradient(loss, output, target)[0] == pytest.approx(
        value_and_gradient(BinaryCrossEntropy(), output, target)[0]
    )


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_an_example_of_weight_3_counts_like_three(cls):
    output, target = batch("binary" if "binary" in cls.tasks else "classification", outputs=2)
    last = target[:, -1] == 1
    weighted, gradient = evaluated(cls(class_weights=(1, 3)), output, target)
    times = np.where(last, 3, 1)
    repeated, gradients = evaluated(cls(), output.repeat(times, axis=0), target.repeat(times, axis=0))
    assert weighted == pytest.approx(repeated, rel=1e-12)
    firsts = np.cumsum(times) - times
    np.testing.assert_allclose(gradient, gradients[firsts] * times[:, None], rtol=1e-12, atol=1e-16)


def test_a_class_without_examples_keeps_the_weight_that_is_given():
    target = np.eye(3)[[0, 0, 0, 2]]
    assert SoftmaxCrossEntropy(balanced=True).fitted(target).class_weights == pytest.approx((2 / 3, 1, 2))


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_balanced_weights_need_the_training_targets(cls):
    output, target = batch("binary" if "binary" in cls.tasks else "classification")
    loss = cls(balanced=True)
    with pytest.raises(ValueError, match="fitted"):
        loss.forward(output, target, workspace(loss, output))


def test_weights_of_other_classes_are_refused_with_a_sentence():
    with pytest.raises(UserError, match="expected 4 numbers, one for each class, found 2"):
        SoftmaxCrossEntropy(class_weights=(1, 2)).fitted(np.eye(4))
    with pytest.raises(UserError, match="expected 2 numbers, one for each class, found 3"):
        BinaryCrossEntropy(class_weights=(1, 2, 3)).fitted(np.ones((5, 1)))


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
