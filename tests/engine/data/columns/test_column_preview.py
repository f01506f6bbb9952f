"""What a column looks like at a glance: bars and cells."""

import collections

import numpy as np
import pytest

from engine.data.columns.dates import DAY_S
from engine.data.columns.preview import BARS, SAMPLED_ROWS, all_column_bars, cell_texts, column_bars
from engine.data.table import Column, Table
from engine.progress import Cancelled, Progress


def number(values) -> Column:
    return Column("x", "number", np.array(values, np.float64))


def category(values) -> Column:
    return Column("kind", "category", np.array(values, object))


def test_numbers_are_counted_in_bars_of_one_width():
    values = np.random.default_rng(0).uniform(0, 12, 600)
    bars = column_bars(number([*values, np.nan, 0, 12]))
    expected = collections.Counter(min(int(value), 11) for value in [*values, 0, 12])
    assert bars.counts == tuple(expected[place] for place in range(BARS))
    assert bars.others == 0
    assert bars.labels[0] == "0 … 1"


def test_a_far_outlier_does_not_flatten_the_rest():
    bars = column_bars(number([*range(100), 1e9]))
    assert sum(bars.counts) == 100
    assert bars.others == 1
    assert min(bars.counts) > 0


def test_few_different_numbers_have_a_bar_each():
    bars = column_bars(number([4, 8, 4, 6, 4, np.nan]))
    assert (bars.labels, bars.counts) == (("4", "6", "8"), (3, 1, 1))


def test_categories_come_by_how_frequent_they_are():
    bars = column_bars(category(["b", "a", "a", None, "c", "a", "c"]))
    assert (bars.labels, bars.counts, bars.ordered) == (("a", "c", "b"), (3, 2, 1), False)


def test_of_many_categories_the_others_are_counted_together():
    bars = column_bars(category([f"k{n % 20}" for n in range(200)]))
    assert len(bars.counts) == BARS
    assert sum(bars.counts) + bars.others == 200
    assert not bars.all_different


def test_names_of_rows_are_all_different():
    assert column_bars(category([f"row {n}" for n in range(30)])).all_different


def test_yes_and_no_keep_their_words():
    column = Column("member", "boolean", np.array([1.0, 0, 1, np.nan]), ("nein", "ja"))
    assert column_bars(column).labels == ("nein", "ja")
    assert column_bars(column).counts == (1, 2)
    assert cell_texts(column, slice(0, 4)) == ["ja", "nein", "ja", None]


def test_cells_are_as_they_are_understood():
    assert cell_texts(number([3, 0.5, np.nan]), slice(0, 3)) == ["3", "0.5", None]
    assert cell_texts(category(["001", None]), np.array([1, 0])) == [None, "001"]
    images = Column("image", "image", np.zeros((3, 4, 5, 1), np.uint8))
    assert cell_texts(images, slice(1, 3)) == ["4 × 5 × 1"] * 2


def test_nothing_is_shown_of_a_column_without_values():
    assert column_bars(number([np.nan] * 3)).counts == ()


def test_numbers_with_no_float_between_them_are_one_bar():
    close = [np.nextafter(1e9, np.inf, dtype=np.float64)] * 3
    ladder = [1e9]
    for _ in range(13):
        ladder.append(float(np.nextafter(ladder[-1], np.inf)))
    bars = column_bars(number([*close, *ladder]))
    assert sum(bars.counts) + bars.others == len(close) + len(ladder)


def test_of_a_long_table_evenly_spaced_rows_stand_for_all():
    values = np.arange(4 * SAMPLED_ROWS, dtype=np.float64)
    bars = column_bars(number(values))
    assert bars.step == 4
    assert sum(bars.counts) == SAMPLED_ROWS
    assert max(bars.counts) - min(bars.counts) <= 1


def test_it_can_be_cancelled():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        all_column_bars(Table("t", (number([1, 2]),)), progress)


def test_bars_of_dates_reach_from_day_to_day():
    days = np.arange(36, dtype=np.float64)
    bars = column_bars(Column("day", "date", days * DAY_S))
    assert bars.counts == (3,) * BARS
    assert bars.labels[0] == "1970-01-01 … 1970-01-03"
    assert bars.ordered
    assert column_bars(Column("day", "date", np.array([0.0, DAY_S, 0.0]))).labels == (
        "1970-01-01",
        "1970-01-02",
    )


def test_bars_of_times_reach_from_second_to_second():
    bars = column_bars(Column("at", "date", np.arange(24, dtype=np.float64) * 60.5))
    assert bars.labels[0] == "1970-01-01 … 1970-01-01 00:01:55"
