"""The record of a run: rows one by one, or many at once."""

import numpy as np
import pytest

from engine.training.checkpoint import restore_history
from engine.training.history import CHUNK_ROWS, History, HistoryRows, Record


@pytest.mark.parametrize("first", [0, 5, CHUNK_ROWS - 1, CHUNK_ROWS])
@pytest.mark.parametrize("more", [0, 1, CHUNK_ROWS, 2 * CHUNK_ROWS + 3])
def test_many_rows_at_once_are_the_same_as_one_by_one(first, more):
    rows = np.random.default_rng(1).normal(size=(first + more + 2, 3))
    record = Record(["a", "b", "c"])
    for row in rows[:first]:
        record.append(row)
    record.extend(list(rows[first:-2].T))
    for row in rows[-2:]:
        record.append(row)
    assert record.count == len(rows)
    for place, column in enumerate(record.columns):
        assert np.array_equal(record.read(column), rows[:, place])


def test_a_long_record_is_read_back_in_chunks_and_not_row_by_row(monkeypatch):
    names = {0: "Dense 1", 1: "Dense 2", 2: "Output"}
    long = History(names, ("accuracy",))
    values = np.random.default_rng(1).normal(size=200_000)
    long.steps.extend([values] * len(long.steps.columns))
    arrays = HistoryRows.of(long).arrays()
    again = History(names, ("accuracy",))
    monkeypatch.setattr(Record, "append", None)
    restore_history(again, arrays, "test")
    assert np.array_equal(again.steps.read("gradient_norm/2"), values)
