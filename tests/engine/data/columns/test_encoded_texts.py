"""Texts in dictionary encoding: the same texts come back, and counts are those of the texts themselves."""

from collections import Counter

import numpy as np
import pytest

from engine.data.columns.encoded_texts import MOST_SHARED, EncodedTexts, count_indices
from engine.data.columns.texts import different_texts, first_texts, in_order, value_indices
from engine.data.table import TextColumn
from engine.progress import BLOCK_ROWS, Progress
from tests.engine.data.tables import flags, numbers, texts

FEW = ["b", None, "ä", "b", "", "10", None, "2"]
MANY = [None if row % 11 == 0 else f"Straße {row * 7919 % (MOST_SHARED + 100)}" for row in range(40_000)]


@pytest.mark.parametrize("values", [FEW, MANY, [None, None], []], ids=["few", "many", "missing", "empty"])
def test_texts_come_back_and_are_counted(values: list[str | None]) -> None:
    encoded = EncodedTexts.of(texts("t", values).values)
    assert encoded.array().tolist() == values
    assert len(encoded) == len(values)
    present = [value for value in values if value is not None]
    assert (encoded.missing, encoded.distinct) == (len(values) - len(present), len(set(present)))
    assert encoded.tally() == Counter(present)
    assert list(encoded.all_different(Progress())) == list(dict.fromkeys(present))


def test_of_some_rows_only_their_texts_are_counted() -> None:
    taken = EncodedTexts.of(texts("t", FEW).values).take(np.array([7, 1, 0, 3]))
    assert taken.array().tolist() == ["2", None, "b", "b"]
    assert (taken.missing, taken.distinct, taken.tally()) == (1, 2, {"b": 2, "2": 1})


def test_texts_are_translated_to_numbers() -> None:
    encoded = EncodedTexts.of(texts("t", FEW).values)
    assert encoded.mapped({"b": 5, "2": 6}).tolist() == [5, -1, -1, 5, -1, -1, -1, 6]
    assert encoded.mapped({"b": 5, None: 9}, unknown=7).tolist() == [5, 9, 7, 5, 7, 7, 9, 7]


def test_a_column_of_encoded_texts_is_like_one_of_objects() -> None:
    plain = texts("t", FEW)
    column = TextColumn.of("t", EncodedTexts.of(plain.values))
    assert (column.kind, column.rows, column.missing, column.distinct) == ("category", 8, 2, 5)
    assert different_texts(column) == different_texts(plain) == ["2", "10", "", "b", "ä"]
    taken = column.take(np.array([2, 1]))
    assert "values" not in vars(column) | vars(taken), "no object per row is made before it is asked for"
    assert (taken.rows, taken.values.tolist()) == (2, ["ä", None])


def test_the_first_texts_are_those_of_the_whole_order() -> None:
    column = texts("t", [*MANY, "7", "-1", "nan", "1e3"])
    assert first_texts(column, 4, Progress()) == ["-1", "7", "1e3", "Straße 0"]
    assert first_texts(column, 4, Progress()) == in_order(v for v in set(column.values) if v is not None)[:4]


def test_indices_stand_for_values() -> None:
    column = numbers("n", [3.0, None, -0.0, 0.0, 2.5, 3.0])
    assert value_indices(column, Progress()).tolist() == [2, -1, 0, 0, 1, 2]
    assert column.distinct == 3
    assert numbers("n", [np.inf, np.inf, -np.inf, 1.0]).distinct == 3
    assert value_indices(flags("f", [1.0, None, 0.0]), Progress()).tolist() == [1, -1, 0]


def test_indices_are_counted_in_blocks() -> None:
    indices = np.random.default_rng(0).integers(-1, 5, 5 * BLOCK_ROWS)
    assert count_indices(indices, 6).tolist() == [*np.bincount(indices[indices >= 0], minlength=6)]
