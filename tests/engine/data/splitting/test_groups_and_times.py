"""Splitting by groups and by time: laws over drawn tables, and what is said where it cannot be done."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import DataSettings, Split, prepare
from engine.data.splitting.groups import group_indices, rows_in_several_parts
from engine.data.splitting.split import Parts, split_rows
from engine.data.splitting.times import times_of
from engine.errors import UserError
from tests.engine.data.tables import flags, images, numbers, table, texts


@st.composite
def splits(draw: st.DrawFn) -> Split:
    return Split(
        validation=draw(st.sampled_from([0.0, 0.1, 0.15, 0.3])),
        test=draw(st.sampled_from([0.0, 0.1, 0.15, 0.4])),
        stratified=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def all_rows(parts: Parts) -> list[np.ndarray]:
    return [parts.training, parts.validation, parts.test]


@given(splits(), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=150))
def test_a_group_is_in_one_part_and_fractions_are_met_within_a_group(split, rows):
    groups = np.unique([group for group, _ in rows], return_inverse=True)[1]
    classes = np.unique([one for _, one in rows], return_inverse=True)[1]
    parts = split_rows(split, classes, False, groups=groups)
    found = all_rows(parts)
    assert np.array_equal(np.sort(np.concatenate(found)), np.arange(len(rows)))
    for group in np.unique(groups):
        assert sum(group in groups[part] for part in found) == 1
    largest = np.bincount(groups).max()
    for part, fraction in zip(found, (split.training, split.validation, split.test), strict=True):
        # Half a row for rounding each of two parts.
        assert abs(len(part) - fraction * len(rows)) <= largest + 1
    again = split_rows(split, classes, False, groups=groups)
    assert all(np.array_equal(a, b) for a, b in zip(found, all_rows(again), strict=True))


@given(splits(), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=80))
def test_every_class_is_trained_on_where_groups_stay_whole(split, rows):
    groups = np.unique([group for group, _ in rows], return_inverse=True)[1]
    classes = np.unique([one for _, one in rows], return_inverse=True)[1]
    parts = split_rows(split, classes, True, groups=groups)
    assert set(classes[parts.training]) == set(classes)
    for group in np.unique(groups):
        assert sum(group in groups[part] for part in all_rows(parts)) == 1


@given(splits(), st.lists(st.integers(-5, 20), min_size=1, max_size=150))
def test_time_goes_on_from_part_to_part_and_ties_stay_together(split, moments):
    times = np.array(moments, float)
    parts = split_rows(split, np.zeros(len(times), np.intp), False, times=times)
    found = all_rows(parts)
    assert np.array_equal(np.sort(np.concatenate(found)), np.arange(len(times)))
    assert len(parts.training)
    filled = [times[part] for part in found if len(part)]
    assert all(one.max() < other.min() for one, other in pairwise(filled))
    most = np.unique(times, return_counts=True)[1].max()
    for part, fraction in zip(found, (split.training, split.validation, split.test), strict=True):
        assert abs(len(part) - fraction * len(times)) <= most + 1
    assert all(np.array_equal(part, part[np.argsort(times[part], kind="stable")]) for part in found)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_many_groups_of_different_sizes(seed):
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(8_000), random.integers(1, 6, 8_000))
    parts = split_rows(Split(seed=seed), np.zeros(len(groups), np.intp), False, groups=groups)
    found = all_rows(parts)
    assert sum(len(np.unique(groups[part])) for part in found) == 8_000
    for part, fraction in zip(found, (0.7, 0.15, 0.15), strict=True):
        assert abs(len(part) - fraction * len(groups)) <= 6


def test_classes_are_spread_over_the_parts_where_groups_are_of_one_class():
    # 60 groups of 5 rows; one class is in 12 of them. Without strata a part of 9 groups has none of them in
    # one of eight cases, and mostly another number than its due.
    groups = np.repeat(np.arange(60), 5)
    classes = (groups % 5 == 0).astype(np.intp)
    for seed in range(10):
        parts = split_rows(Split(seed=seed), classes, True, groups=groups)
        # .15 of 60 rows are 9, and groups have 5.
        assert [int(classes[part].sum()) // 5 for part in all_rows(parts)] in (
            [8, 2, 2],
            [9, 2, 1],
            [9, 1, 2],
        )


def test_a_split_by_order_keeps_groups_whole_in_the_order_of_the_table():
    groups = np.repeat(np.arange(10), 10)
    split = Split(in_order=True, validation=0.2, test=0.2)
    parts = split_rows(split, np.zeros(100, np.intp), False, groups=groups)
    assert [sorted(set(groups[part])) for part in all_rows(parts)] == [[0, 1, 2, 3, 4, 5], [6, 7], [8, 9]]


def test_rows_that_are_known_to_be_in_a_part_stay_there():
    fixed = np.full(100, -1, np.int8)
    fixed[:10], fixed[90:] = 1, 2
    parts = split_rows(Split(), np.zeros(100, np.intp), False, fixed=fixed)
    assert sorted(parts.validation) == list(range(10))
    assert sorted(parts.test) == list(range(90, 100))
    only_test = np.where(fixed == 1, -1, fixed)
    parts = split_rows(Split(), np.zeros(100, np.intp), False, fixed=only_test)
    assert [len(part) for part in all_rows(parts)] == [75, 15, 10]


def patients(**changes):
    rows = 60
    columns = table(
        texts("patient", [f"p{row // 4}" for row in range(rows)]),
        texts("day", [f"2024-0{1 + row % 6}-{1 + row % 28:02}" for row in range(rows)]),
        numbers("x", [float(row % 7) for row in range(rows)]),
        texts("y", ["ill" if row % 3 else "well" for row in range(rows)]),
    )
    return DataSettings(target="y", **changes), columns


def test_a_group_is_kept_whole_in_a_dataset_and_said_in_words():
    chosen, data = patients(group="patient", ignored=("day",))
    dataset = prepare(chosen, data)
    assert dataset.feature_names == ("x",)
    names = data.column("patient").values
    parts = [part.rows for part in (dataset.training, dataset.validation, dataset.test)]
    assert sum(len(set(names[rows])) for rows in parts) == 15
    assert len(rows_in_several_parts(data.column("patient"), parts)) == 0
    leaking = rows_in_several_parts(data.column("x"), parts)
    # Each of the seven values is in rows of each part.
    assert np.array_equal(leaking, np.arange(60))
    assert dataset.notes == (
        "Rows with the same “patient” are kept together: 11 for training (44 rows), "
        "2 for validation (8 rows), 2 for test (8 rows).",
    )


def test_time_splits_a_dataset_and_is_said_in_words():
    chosen, data = patients(time="day", ignored=("patient",))
    dataset = prepare(chosen, data)
    days = data.column("day").values
    assert max(days[dataset.training.rows]) < min(days[dataset.validation.rows])
    assert max(days[dataset.validation.rows]) < min(days[dataset.test.rows])
    last = max(days[dataset.training.rows])
    (said,) = [note for note in dataset.notes if note.startswith("By “day”")]
    assert said.startswith(f"By “day”: training 2024-01-01 to {last}, validation ")


def test_rows_without_a_time_are_left_out_and_rows_without_a_group_are_groups_of_their_own():
    data = table(
        numbers("t", [None, None, *range(38)]),
        numbers("g", [None, None, *(row // 2 for row in range(38))]),
        numbers("x", range(40)),
        numbers("y", [0.5 * row for row in range(40)]),
    )
    dataset = prepare(DataSettings(target="y", time="t"), data)
    assert "2 rows were left out, because “t” has no time there." in dataset.notes
    assert np.array_equal(dataset.training.rows[:3], [2, 3, 4])
    indices = group_indices(data.column("g"))
    assert len(np.unique(indices)) == 21


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["2024-03-01", "2024-02-29", "2024-02-28T23:00"], [2, 1, 0]),
        (["31.12.2023", "01.01.2024", "15.06.2023"], [2, 0, 1]),
        (["12/31/2023", "01/02/2024", "06/15/2023"], [2, 0, 1]),
        (["31/12/2023", "02/01/2024", "15/06/2023"], [2, 0, 1]),
        (["2023", "2022-11", "2022-12"], [1, 2, 0]),
        (["9:30", "10:15", "08:00"], [2, 0, 1]),
        (["2024-03-01T00:00+02:00", "2024-02-29T23:00+00:00", "2024-02-29T21:00Z"], [2, 0, 1]),
    ],
)
def test_dates_are_read_in_one_spelling(values, first):
    assert list(np.argsort(times_of(texts("when", values)), kind="stable")) == first


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (texts("t", ["2024-01-01", "soon"] * 20), "expected numbers or dates"),
        (texts("t", ["01/02/2024", "03/02/2024"] * 20), "day and month can be told apart"),
        (images("t", 40), "expected numbers or dates"),
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence(column, sentence):
    data = table(column, numbers("x", range(40)), flags("y", [0, 1] * 20))
    with pytest.raises(UserError, match=sentence):
        prepare(DataSettings(target="y", time="t"), data)


@pytest.mark.parametrize("role", ["group", "time", "weight", "part"])
def test_a_column_that_is_not_there_is_refused_with_a_sentence(role):
    data = table(numbers("x", range(40)), flags("y", [0, 1] * 20))
    with pytest.raises(UserError, match=f"table, {role}: expected a column called “gone”") as caught:
        prepare(DataSettings(target="y", **{role: "gone"}), data)
    assert caught.value.place == ("data", role)


def test_a_class_of_late_rows_alone_is_refused_with_a_sentence():
    data = table(
        numbers("t", range(40)), numbers("x", range(40)), texts("y", [*["a", "b"] * 18, "c", "c", "c", "a"])
    )
    with pytest.raises(UserError, match="found “c” in late rows alone"):
        prepare(DataSettings(target="y", time="t"), data)


def test_groups_that_the_named_parts_divide_are_not_said_to_be_kept_together():
    chosen, data = patients(group="patient", part="half", ignored=("day",))
    halves = texts("half", [("train", "test")[row % 2] for row in range(60)])
    (said,) = [note for note in prepare(chosen, table(*data.columns, halves)).notes if "patient" in note]
    assert said.startswith(
        "15 of 15 groups of “patient” are in several parts, as the parts of their rows are given: "
    )


def test_a_part_that_lacks_times_is_not_said_to_lack_rows():
    data = table(
        numbers("t", [row % 3 for row in range(90)]),
        numbers("x", [row % 7 for row in range(90)]),
        numbers("y", [row % 5 for row in range(90)]),
    )
    notes = prepare(DataSettings(target="y", time="t"), data).notes
    assert "There are too few different times for a test part." in notes
