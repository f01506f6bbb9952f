"""Classes that count more than others: balanced, left out, refused, and like so many examples."""

import json

import numpy as np
import pytest

from engine.errors import UserError
from engine.losses import LOSSES
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.class_weights import ClassWeighted
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.settings import kind_of, read
from tests.engine.losses_for_tests import ROWS, batch, evaluated, value_and_gradient, workspace
from tests.engine.variants import variants

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
    assert fitted.weight(target, target.dtype) == pytest.approx(12)
    # Given weights are multiplied by the balance: 2 / 3 and 10, of mean (9 · 2 / 3 + 3 · 10) / 12 = 3.
    both = cls(balanced=True, class_weights=(1, 5)).fitted(target)
    assert both.class_weights == pytest.approx((2 / 9, 10 / 3))
    assert both.weight(target, target.dtype) == pytest.approx(12)


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
@pytest.mark.parametrize("given", [(1e9, 1), (1e9, 1e-9), (1e-300, 1e-300), (0, 1e9)])
def test_balanced_weights_stay_in_their_range(cls, given):
    target = np.repeat([[0.0], [1.0]] if cls.inverse_link == "sigmoid" else np.eye(2), [1, 9], axis=0)
    fitted = cls(balanced=True, class_weights=given).fitted(target)
    assert fitted.weight(target, target.dtype) == pytest.approx(10)
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
    output, target = batch("binary" if cls.inverse_link == "sigmoid" else "classification", outputs=2)
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
            assert 0 < without.weight(few[1], few[0].dtype) < 1e-30


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_at_least_one_class_that_occurs_must_count(cls):
    with pytest.raises(
        UserError, match="Training, class weights: expected a weight above 0 for at least one"
    ):
        read(cls, {"class_weights": (0, 0)}, "Training")
    target = np.ones((5, 1)) if cls.inverse_link == "sigmoid" else np.eye(2)[[1] * 5]
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


# --- as people write them --------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
@pytest.mark.parametrize("word", ["balanced", ["balanced"]], ids=["in JSON", "in a form"])
def test_balanced_is_a_word_for_weights(cls, word):
    assert read(cls, {"class_weights": word}, "Training") == cls(balanced=True)
    assert read(cls, {"balanced": False, "class_weights": word}, "Training") == cls(balanced=True)
    assert cls(class_weights=(1, 2)).replace(class_weights=word) == cls(balanced=True)


@pytest.mark.parametrize("cls", WEIGHTED, ids=kind_of)
def test_weights_by_name(cls):
    target = np.repeat([[0.0], [1.0]] if cls.inverse_link == "sigmoid" else np.eye(2), [9, 3], axis=0)
    named = read(cls, {"class_weights": {"sly fox": 2.5}}, "Training")
    assert named.class_weights == ("sly fox: 2.5",)
    # What a form gives is the same.
    assert named == cls(class_weights=("sly fox : 2.50",))
    # The other class counts 1.
    assert named.fitted(target, ("hen", "sly fox")).class_weights == (1, 2.5)
    assert named.fitted(target, ("sly fox", "hen")).class_weights == (2.5, 1)
    # Balanced as well, as numbers are: 2 / 3 and 5, of mean (9 · 2 / 3 + 3 · 5) / 12 = 7 / 4.
    both = named.replace(balanced=True).fitted(target, ("hen", "sly fox"))
    assert both.class_weights == pytest.approx((8 / 21, 20 / 7))


def test_names_with_colons_and_digits_and_weights_of_any_size():
    weights = {"ratio 1:2": 0.1 + 0.2, "7": 1e-12, "a: b: c": 0.0, "x": 1e9}
    loss = read(SoftmaxCrossEntropy, {"class_weights": weights}, "Training")
    again = json.loads(json.dumps(loss.model_dump(mode="json")))
    assert again["class_weights"] == weights
    assert SoftmaxCrossEntropy.model_validate(again) == loss
    assert loss.fitted(np.eye(4), tuple(weights)).class_weights == tuple(weights.values())


def test_a_class_may_be_left_out_by_name():
    loss = SoftmaxCrossEntropy(class_weights=("b: 0",))
    assert loss.fitted(np.eye(3), ("a", "b", "c")).class_weights == (1, 0, 1)
    with pytest.raises(UserError, match="expected a weight above 0 for a class that the training examples"):
        loss.fitted(np.eye(3)[[1, 1]], ("a", "b", "c"))


@pytest.mark.parametrize(
    ("given", "expected", "got"),
    [
        ("even", "numbers by class such as {“cat”: 2}, or “balanced”", "'even'"),
        ([1], "a longer list, of 2 or more, or a class by name such as “cat: 2”", "1"),
        ([1, "b: 2"], "each class by name and once", "[1, 'b: 2']"),
        (["b: 1", "b: 2"], "each class by name and once", "['b: 1', 'b: 2']"),
        ({"b": -1}, "a number of at least 0", "'b: -1'"),
        ({"b": "much"}, "a number, or a class and its number such as “cat: 2”", "'b: much'"),
        ({"b": None}, "a number, or a class and its number", "'b: None'"),
        ([": 2", "b: 1"], "a number, or a class and its number", "': 2'"),
        ([True, 1], "a number, or a class and its number", "true"),
        ({"b": 2e9}, "a number of at most 1000000000", "'b: 2000000000'"),
    ],
)
def test_what_is_no_weight_is_refused_with_a_sentence(given, expected, got):
    with pytest.raises(UserError) as caught:
        read(SoftmaxCrossEntropy, {"class_weights": given}, "Training")
    assert expected in caught.value.expected
    assert got in caught.value.got


def test_names_that_no_class_has():
    loss = SoftmaxCrossEntropy(class_weights=("Gento: 2",))
    with pytest.raises(UserError) as caught:
        loss.fitted(np.eye(2), ("Adelie", "Gentoo"))
    assert str(caught.value) == (
        "Training, loss, class weights: expected classes of the target, “Adelie”, “Gentoo”, found “Gento”. "
        "Did you mean “Gentoo”?"
    )
    with pytest.raises(UserError, match=r"found “gentoo”\. Did you mean “Gentoo”"):
        SoftmaxCrossEntropy(class_weights=("gentoo: 2",)).fitted(np.eye(2), ("Adelie", "Gentoo"))
    with pytest.raises(UserError, match="no classes with names here, found “yes: 2”"):
        BinaryCrossEntropy(class_weights=("yes: 2",)).fitted(np.full((3, 4), 0.5))
    with pytest.raises(UserError, match="in the order of the classes, “a”, “b”, or leave all away"):
        SoftmaxCrossEntropy(class_weights=(1, 2, 3)).fitted(np.eye(2), ("a", "b"))
