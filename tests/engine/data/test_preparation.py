"""Preparation: right numbers, fitted on training rows alone, exact in JSON, clear about what does not fit."""

import numpy as np
import pytest

from engine.data.encoders.category_inputs import MOST_CATEGORIES
from engine.data.encoders.inputs import NumberInput
from engine.data.settings import Scaling
from engine.data.table import Column
from engine.errors import UserError
from tests.engine.data.encoders.preparations import fitted
from tests.engine.data.tables import flags, images, numbers, table, texts


def test_standardize_by_hand() -> None:
    # Mean 4, deviations −2, 0, 2, so the standard deviation is √(8/3) = 1.632993….
    preparation = fitted(numbers("x", [2, 4, 6]))
    inputs = preparation.transform(table(numbers("x", [2, 4, 6, 10])), np.float64)
    assert np.allclose(inputs[:, 0], np.array([-2, 0, 2, 6]) / 1.632993161855452, atol=1e-15)


def test_min_max_by_hand() -> None:
    preparation = fitted(numbers("x", [2, 4, 6]), scaling="minmax")
    assert preparation.transform(table(numbers("x", [2, 4, 6, 10]))).ravel().tolist() == [0, 0.5, 1, 2]


def test_without_scaling() -> None:
    preparation = fitted(numbers("x", [2, 4, 6]), scaling="none")
    assert preparation.transform(table(numbers("x", [2, None]))).ravel().tolist() == [2, 4]


@pytest.mark.parametrize(("how", "fill"), [("mean", 4.0), ("median", 2.0)])
def test_missing_numbers(how: str, fill: float) -> None:
    preparation = fitted(numbers("x", [1, 2, None, 9]), scaling="none", numbers=how)
    assert preparation.transform(table(numbers("x", [None]))).item() == fill


@pytest.mark.parametrize("scaling", ["standardize", "minmax"])
@pytest.mark.parametrize("value", [3.0, 0.1, 1e-300, -7e22])
def test_a_constant_column_becomes_zero(scaling: Scaling, value: float) -> None:
    preparation = fitted(numbers("x", [value] * 7), scaling=scaling)
    assert np.allclose(preparation.transform(table(numbers("x", [value] * 3))), 0)
    number = preparation.inputs[0]
    assert isinstance(number, NumberInput)
    assert number.scale == 1


def test_categories_by_hand() -> None:
    preparation = fitted(texts("colour", ["red", "blue", None, "red"]))
    assert preparation.feature_names == ("colour = blue", "colour = red", "colour missing")
    inputs = preparation.transform(table(texts("colour", ["blue", "red", None, "green"])))
    # A colour that was not there in training is nothing at all.
    assert inputs.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_missing_categories_may_be_the_most_frequent_one() -> None:
    preparation = fitted(texts("colour", ["red", "blue", None, "red"]), categories="most_frequent")
    assert preparation.feature_names == ("colour = blue", "colour = red")
    assert preparation.transform(table(texts("colour", [None, "green"]))).tolist() == [[0, 1], [0, 0]]


def test_a_category_never_missing_in_training_is_nothing_where_it_is() -> None:
    preparation = fitted(texts("colour", ["red", "blue", "red"]))
    assert preparation.transform(table(texts("colour", [None]))).tolist() == [[0, 0]]


def test_yes_and_no() -> None:
    preparation = fitted(flags("wet", [0, 1, 1, None]))
    assert preparation.feature_names == ("wet = yes",)
    assert preparation.transform(table(flags("wet", [0, 1, None]))).ravel().tolist() == [0, 1, 1]
    assert preparation.transform(table(numbers("wet", [0, 1]))).ravel().tolist() == [0, 1]
    assert preparation.transform(table(texts("wet", ["Yes", "no"]))).ravel().tolist() == [1, 0]


def test_images_have_one_offset_and_scale() -> None:
    column = images("image", 20)
    preparation = fitted(column)
    assert preparation.input_shape == (2, 2, 1)
    assert preparation.feature_names[1] == "row 1, column 2"
    inputs = preparation.transform(table(column), np.float64)
    assert inputs.mean() == pytest.approx(0, abs=1e-6)
    assert inputs.std() == pytest.approx(1, abs=1e-6)
    expected = (column.values - column.values.mean()) / column.values.std()
    assert np.allclose(inputs, expected, atol=1e-5)


def test_inputs_stand_side_by_side_in_the_tables_order() -> None:
    columns = (numbers("x", [0, 2]), texts("c", ["a", "b"]), flags("f", [0, 1]))
    preparation = fitted(*columns, scaling="none")
    shuffled = table(*reversed(columns), numbers("unused", [5, 5]))
    assert preparation.feature_names == ("x", "c = a", "c = b", "f = yes")
    assert preparation.transform(shuffled).tolist() == [[0, 1, 0, 0], [2, 0, 1, 1]]


def test_classes() -> None:
    target = texts("t", ["10", "9", "word", "9"])
    preparation = fitted(numbers("x", range(4)), target=target, task="classification")
    assert (preparation.task, preparation.classes, preparation.outputs) == (
        "classification",
        ("9", "10", "word"),
        3,
    )
    targets = preparation.targets(table(target))
    assert targets.tolist() == [1, 0, 2, 0]
    assert list(preparation.predictions(np.array([[0.2, 0.1, 0.7], [0.5, 0.3, 0.2]]))) == ["word", "9"]


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (flags("t", [0, 1, 1, 0], ("False", "True")), ("False", "True")),
        (numbers("t", [0, 1, 1, 0]), ("0", "1")),
        (texts("t", ["alive", "dead", "dead", "alive"]), ("alive", "dead")),
    ],
)
def test_yes_or_no(target: Column, classes: tuple[str, str]) -> None:
    preparation = fitted(numbers("x", range(4)), target=target, task="binary")
    assert (preparation.classes, preparation.outputs) == (classes, 1)
    assert preparation.targets(table(target)).ravel().tolist() == [0, 1, 1, 0]
    assert list(preparation.predictions(np.array([[0.49], [0.5]]))) == list(classes)


def test_numbers_as_classes_keep_their_names() -> None:
    target = numbers("t", [8, 4, 10, 4.5])
    preparation = fitted(numbers("x", range(4)), target=target, task="classification")
    assert preparation.classes == ("4", "4.5", "8", "10")


@pytest.mark.parametrize("scaling", ["standardize", "minmax", "none"])
def test_regression_targets_are_standardized_and_come_back(scaling: Scaling) -> None:
    target = numbers("t", [100, 200, 300])
    preparation = fitted(numbers("x", range(3)), target=target, scaling=scaling)
    targets = preparation.targets(table(target), np.float64)
    assert np.allclose(targets.ravel(), [-1.224744871391589, 0, 1.224744871391589])
    assert np.allclose(preparation.predictions(targets), [100, 200, 300])
    assert np.allclose(preparation.in_target_units(targets), [[100], [200], [300]])


def test_a_new_table_must_have_the_columns() -> None:
    preparation = fitted(numbers("x", [1, 2]), numbers("y", [1, 2]), numbers("z", [1, 2]))
    with pytest.raises(UserError) as caught:
        preparation.transform(table(numbers("y", [1]), numbers("q", [1])))
    assert str(caught.value) == (
        "table: expected the columns “x”, “z” that the model was trained with, found only “y”, “q”. "
        "Rename or add columns: the names have to be those of the training."
    )


@pytest.mark.parametrize(
    ("trained", "given_", "sentence"),
    [
        (numbers("x", [1, 2]), texts("x", ["1", "two"]), "expected numbers, found text such as “two”"),
        (numbers("x", [1, 2]), flags("x", [0, 1]), "expected numbers, found text such as “yes”"),
        (
            flags("x", [0, 1]),
            texts("x", ["perhaps", "no"]),
            "expected “no” or “yes”, found “perhaps”",
        ),
        (flags("x", [0, 1]), numbers("x", [0, 2]), "expected “no” or “yes”, found “2”"),
        (images("x", 2), numbers("x", [0, 2]), "expected images of 2 × 2 × 1, found no images"),
        (images("x", 2), images("x", 2, side=3), "expected images of 2 × 2 × 1, found images of 3 × 3 × 1"),
        (numbers("x", [1, 2]), numbers("x", [1e300, 2]), "the network's precision can hold, found 1e+300"),
    ],
)
def test_a_new_table_must_have_the_kinds(trained: Column, given_: Column, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        fitted(trained).transform(table(given_))
    assert sentence in str(caught.value)
    assert caught.value.where == "Column “x”"


def test_a_new_table_may_lack_every_value() -> None:
    preparation = fitted(numbers("x", [1, 3]), texts("c", ["a", "b"]), flags("f", [1, 1]))
    nothing = table(*(numbers(name, [None, None]) for name in "xcf"))
    assert preparation.transform(nothing).tolist() == [[0, 0, 0, 1], [0, 0, 0, 1]]


def test_an_unknown_class_is_refused() -> None:
    target = texts("t", ["a", "b"])
    preparation = fitted(numbers("x", [1, 2]), target=target, task="classification")
    with pytest.raises(UserError, match="expected the classes of the training, “a”, “b”, found “c”"):
        preparation.targets(table(texts("t", ["a", "c"])))
    with pytest.raises(UserError, match="expected a target in every row, found none in 1 row"):
        preparation.targets(table(texts("t", ["a", None])))


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (
            numbers("x", [None] * 4),
            "expected at least one value in the training part, found none. Ignore this",
        ),
        (numbers("x", [1e300, -1e300, 0, 1]), "expected numbers below 1e150, found 1e+300"),
        (
            texts("x", [f"n{i}" for i in range(MOST_CATEGORIES + 1)]),
            "expected at most 1,000 different texts, found 1,001. It looks like a name or an identifier",
        ),
        (
            texts("x", [f"{1000 + i}-01-31" for i in range(MOST_CATEGORIES + 1)]),
            "found 1,001. It holds dates: choose the type Date for it, or ignore this column.",
        ),
    ],
)
def test_what_cannot_be_an_input(column: Column, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        fitted(column)
    assert sentence in str(caught.value)


def test_original_units_and_back() -> None:
    preparation = fitted(numbers("x", [1, 2, 4]), numbers("y", [-5, 0, 9]))
    points = np.array([[1.5, 3.0], [0.0, -2.0]])
    inputs = preparation.inputs_of_numbers(points, np.float64)
    in_table = preparation.transform(
        table(numbers("x", points[:, 0]), numbers("y", points[:, 1])), np.float64
    )
    assert np.array_equal(inputs, in_table)
    assert np.allclose(preparation.numbers_of_inputs(inputs), points)
    with pytest.raises(ValueError, match="not every input"):
        fitted(numbers("x", [1, 2]), texts("c", ["a", "b"])).inputs_of_numbers(points)
