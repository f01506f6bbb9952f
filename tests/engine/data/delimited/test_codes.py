"""Categories as codes: their order, what is unknown or missing, exact in JSON, and what does not fit."""

import json
from typing import Any

import numpy as np
import pytest

from engine.arrays import IntegerEncodedColumn
from engine.data import DataSettings, Missing, Preparation, Table, describe, prepare
from engine.data.encoders.category_inputs import MOST_CATEGORIES, MOST_CODES, CategoryInput, IntegerInput
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column
from engine.errors import UserError
from engine.files.run_file import unpack_preparation
from tests.engine.data.tables import flags, images, numbers, table, texts

COLOURS = texts("colour", ["red", "blue", None, "red", "10", "9"])


def fitted(*columns: Column, **missing: Any) -> Preparation:
    target = numbers("target", range(len(columns[0].values)))
    names = tuple(column.name for column in columns)
    return Preparation.fit(
        table(*columns, target), names, "target", "regression", "standardize", Missing(**missing), "integer"
    )


def codes_of(preparation: Preparation, *values: str | None) -> list[float]:
    found: list[float] = preparation.transform(table(texts("colour", values))).ravel().tolist()
    return found


def test_codes_count_the_training_categories_from_1_in_their_order() -> None:
    preparation = fitted(texts("colour", ["red", "blue", "10", "9", "red"]))
    assert preparation.feature_names == ("colour",)
    assert codes_of(preparation, "9", "10", "blue", "red") == [1, 2, 3, 4]
    # In whatever order they come.
    assert codes_of(preparation, "red", "9", "red") == [4, 1, 4]
    assert preparation.encoded_columns == (IntegerEncodedColumn(0, 5),)


def test_what_training_did_not_hold_is_0() -> None:
    preparation = fitted(texts("colour", ["red", "blue"]))
    assert codes_of(preparation, "green", "Red", "", None) == [0, 0, 0, 0]


def test_a_missing_category_has_a_code_of_its_own() -> None:
    preparation = fitted(COLOURS)
    assert codes_of(preparation, None, "9", "red", "green") == [5, 1, 4, 0]
    assert preparation.encoded_columns == (IntegerEncodedColumn(0, 6),)


def test_a_missing_category_may_be_the_most_frequent_one() -> None:
    preparation = fitted(COLOURS, categories="most_frequent")
    assert codes_of(preparation, None, "red", "green") == [4, 4, 0]
    assert preparation.encoded_columns == (IntegerEncodedColumn(0, 5),)


def test_other_columns_stay_as_they_are_beside_the_codes() -> None:
    columns = (
        texts("a", ["x", "y", "x", "z"]),
        numbers("n", [1, 2, 3, 4]),
        texts("b", ["p", None, "q", "q"]),
        flags("f", [0, 1, 1, 0]),
    )
    preparation = fitted(*columns)
    assert preparation.feature_names == ("a", "n", "b", "f = yes")
    assert preparation.encoded_columns == (IntegerEncodedColumn(0, 4), IntegerEncodedColumn(2, 4))
    inputs = preparation.transform(table(*columns), np.float64)
    np.testing.assert_allclose(inputs[:, 1], (np.arange(4) - 1.5) / np.std(range(4)))
    assert inputs[:, [0, 2, 3]].tolist() == [[1, 1, 0], [2, 3, 1], [1, 2, 1], [3, 2, 0]]


def test_numbers_as_names_are_the_same_category() -> None:
    preparation = fitted(texts("zone", ["5", "7", "x"]))
    assert preparation.transform(table(numbers("zone", [7, 5, 6, None]))).ravel().tolist() == [2, 1, 0, 0]


def test_there_are_no_codes_without_the_choice_or_without_texts() -> None:
    plain = Preparation.fit(
        table(COLOURS, numbers("t", range(6))), ("colour",), "t", "regression", "none", Missing()
    )
    assert isinstance(plain.inputs[0], CategoryInput)
    assert plain.encoded_columns == ()
    assert fitted(numbers("x", [1, 2]), flags("f", [0, 1])).encoded_columns == ()
    assert fitted(images("image", 3)).encoded_columns == ()


def test_codes_are_fitted_on_the_training_part_alone() -> None:
    rows = 200
    names = ["only here" if row == 7 else "ab"[row % 2] for row in range(rows)]
    data = table(texts("c", names), numbers("y", np.arange(rows) % 7.0))
    settings = DataSettings(source=CSVFile(path="t.csv"), target="y", categories="integer")
    held_out = False
    for seed in range(20):
        dataset = prepare(settings.replace(split=settings.split.replace(seed=seed)), data)
        (codes,) = dataset.preparation.inputs
        assert isinstance(codes, IntegerInput)
        known = 7 in dataset.training.rows
        assert ("only here" in codes.categories) == known
        for part in (dataset.training, dataset.validation, dataset.test):
            assert ((part.inputs == 0).ravel() == ((part.rows == 7) & (not known))).all()
        held_out |= not known
    assert held_out


def test_codes_come_back_from_json() -> None:
    preparation = fitted(texts("c", ["ä", None, "“b”"]), numbers("n", [1, 2, 3]))
    again = Preparation.from_json(preparation.to_json(), "preparation.json")
    assert again == preparation
    assert again.encoded_columns == (IntegerEncodedColumn(0, 4),)


def test_a_preparation_from_before_there_were_codes() -> None:
    text = (
        '{"inputs_fitted": [{"kind": "category", "column": "c", "categories": ["a", "b"], '
        '"own_missing": true, "fill": null}], "target": {"kind": "number", "column": "t", "mean": 0, '
        '"deviation": 1}}'
    )
    preparation = unpack_preparation(text.encode(), 1, "preparation.json")
    assert preparation.feature_names == ("c = a", "c = b", "c missing")
    assert preparation.encoded_columns == ()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"categories": ["a", "b", "a"]}, "expected categories that differ"),
        ({"categories": []}, "expected a longer list, of 1 or more"),
        ({"categories": [f"n{i}" for i in range(MOST_CODES + 1)]}, "expected at most 10000 entries"),
        ({"missing_value": "c"}, "expected one of the categories to stand in for a missing one"),
        ({"missing_value": "a", "own_missing": True}, "expected missing texts in one category, not in two"),
        ({"codes": 7}, "inputs, entry 1, integer: expected the name of a field, found “codes”"),
        ({"kind": "codes"}, "'integer'"),
    ],
)
def test_damaged_json_is_refused(changes: dict[str, Any], sentence: str) -> None:
    values = json.loads(fitted(texts("c", ["a", "b"])).to_json())
    values["inputs"][0] |= changes
    with pytest.raises(UserError) as caught:
        Preparation.from_json(json.dumps(values), "preparation.json")
    assert str(caught.value).startswith("preparation.json, inputs, entry 1")
    assert sentence in str(caught.value)


def test_codes_cannot_be_reconstructed() -> None:
    settings = DataSettings(source=CSVFile(path="t.csv"), task="reconstruction", categories="integer")
    data = table(numbers("n", range(20)), texts("c", ["a", "b"] * 10))
    with pytest.raises(UserError) as caught:
        prepare(settings, data)
    assert str(caught.value) == (
        "Column “c”: expected one input per category, where the input itself is to be learned, found codes, "
        "which are no quantities that could be reconstructed. "
        "Set Categories to one input per category in the data panel."
    )
    # Told beforehand, too.
    assert str(describe(data, settings).problem) == str(caught.value)
    assert describe(data, settings.replace(categories="one_hot")).problem is None
    assert describe(data, settings.replace(ignored=("c",))).problem is None
    values = json.loads(fitted(texts("c", ["a", "b"])).to_json())
    values["target"] = {"kind": "reconstruction", "outputs": 1}
    with pytest.raises(UserError, match="expected no codes, as they are no quantities"):
        Preparation.from_json(json.dumps(values), "preparation.json")


def test_there_may_be_more_codes_than_inputs_of_categories() -> None:
    many = texts("c", [f"n{i}" for i in range(MOST_CATEGORIES + 1)])
    assert fitted(many).encoded_columns == (IntegerEncodedColumn(0, MOST_CATEGORIES + 2),)
    with pytest.raises(UserError, match="expected at most 10,000 different texts, found 10,001"):
        fitted(texts("c", [f"n{i}" for i in range(MOST_CODES + 1)]))


def test_the_description_says_what_codes_make_of_the_columns() -> None:
    rows = 60
    data = Table(
        "t.csv",
        (
            texts("shop", [f"s{i % 55}" for i in range(rows)]),
            numbers("size", np.random.default_rng(1).normal(size=rows).tolist()),
            texts("day", [None if i % 9 == 0 else "abc"[i % 3] for i in range(rows)]),
            numbers("sales", np.random.default_rng(2).normal(size=rows).tolist()),
        ),
    )
    settings = DataSettings(source=CSVFile(path="t.csv"), target="sales", categories="integer")
    found = describe(data, settings)
    assert [column.inputs for column in found.columns] == [1, 1, 1, 0]
    assert (found.inputs, found.input_shape) == (3, (3,))
    assert found.encoded_columns == (IntegerEncodedColumn(0, 56), IntegerEncodedColumn(2, 5))
    assert not any("an input of its own" in finding.sentence for finding in found.findings)
    own = describe(data, settings.replace(missing=Missing(categories="most_frequent"))).encoded_columns
    assert own == (IntegerEncodedColumn(0, 56), IntegerEncodedColumn(2, 4))
    plain = describe(data, settings.replace(categories="one_hot"))
    assert plain.encoded_columns == ()
    assert plain.inputs == 55 + 1 + 4
    filled = settings.replace(categories="one_hot", missing=Missing(categories="most_frequent"))
    assert describe(data, filled).inputs == 55 + 1 + 3


@pytest.mark.parametrize("missing", ["own", "most_frequent"])
@pytest.mark.parametrize("categories", ["one_hot", "integer"])
def test_the_description_knows_the_shape_before_anything_is_fitted(categories: Any, missing: Any) -> None:
    data = table(
        COLOURS, numbers("size", range(6)), flags("new", [True, False] * 3), numbers("price", range(6))
    )
    settings = DataSettings(target="price", categories=categories, missing=Missing(categories=missing))
    found, columns = describe(data, settings), ("colour", "size", "new")
    prepared = Preparation.fit(
        data, columns, "price", "regression", settings.scaling, settings.missing, categories
    )
    assert [one.inputs for one in found.columns[:3]] == [len(one.names) for one in prepared.inputs]
    assert (found.input_shape, found.encoded_columns) == (prepared.input_shape, prepared.encoded_columns)
