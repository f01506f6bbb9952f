"""Folds: every row is tested once, groups stay whole, classes are spread, time goes forward."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import DataSettings, Split
from engine.data.splitting.folds import folds
from engine.errors import UserError
from tests.engine.data.tables import numbers, table, texts


def rows_of(parts):
    return [parts.training, parts.validation, parts.test]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_laws_of_folds(data):
    count, repeats = data.draw(st.integers(2, 5)), data.draw(st.integers(1, 2))
    rows = data.draw(st.integers(4 * count, 60))
    grouped, stratified = data.draw(st.booleans()), data.draw(st.booleans())
    draws = np.random.default_rng(data.draw(st.integers(0, 1000)))
    group = draws.integers(0, max(rows // 2, 2 * count), rows)
    group[:count] = np.arange(count)
    kinds = [("a", "b", "c")[one] for one in draws.integers(0, 3, rows)]
    columns = table(numbers("g", group.tolist()), numbers("x", range(rows)), texts("y", kinds))
    chosen = DataSettings(
        target="y",
        group="g" if grouped else None,
        ignored=() if grouped else ("g",),
        split=Split(stratified=stratified, validation=data.draw(st.sampled_from([0, 0.1]))),
    )
    try:
        found = list(folds(chosen, columns, count, repeats))
    except UserError:
        # The only group of a class can be all that a fold has.
        assert grouped
        return
    assert [(one.repeat, one.number) for one in found] == list(
        itertools.product(range(repeats), range(count))
    )
    for one in found:
        assert np.array_equal(np.sort(np.concatenate(rows_of(one.parts))), np.arange(rows))
        assert {kinds[row] for row in one.parts.training} == set(kinds)
        if grouped:
            for value in np.unique(group):
                assert sum(value in group[part] for part in rows_of(one.parts)) == 1
    for repeat in range(repeats):
        tested = np.concatenate([one.parts.test for one in found if one.repeat == repeat])
        assert len(np.unique(tested)) == len(tested)
        # Only rows of a class that is in one fold alone are never tested.
        for row in set(range(rows)) - set(tested.tolist()):
            assert grouped or not stratified or kinds.count(kinds[row]) == 1
    again = [one.parts.test for one in folds(chosen, columns, count, repeats)]
    assert all(np.array_equal(one.parts.test, other) for one, other in zip(found, again, strict=True))


def test_folds_are_of_one_size_and_one_mixture():
    columns = table(numbers("x", range(100)), texts("y", ["a"] * 70 + ["b"] * 20 + ["c"] * 10))
    for one in folds(DataSettings(target="y"), columns, 10, 3):
        kinds = columns.column("y").values[one.parts.test].tolist()
        assert [kinds.count(name) for name in "abc"] == [7, 2, 1]
        assert len(one.parts.validation) == 15


def test_repeats_draw_other_folds():
    columns = table(numbers("x", range(50)), numbers("y", [0.5 * row for row in range(50)]))
    first, second = [set(one.parts.test) for one in folds(DataSettings(target="y"), columns, 5, 2)][::5]
    assert first != second


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 15), min_size=20, max_size=60).map(lambda found: [0, 0, *found]),
    st.integers(2, 4),
)
def test_folds_in_time_are_tested_on_what_follows(moments, count):
    columns = table(
        numbers("t", moments),
        numbers("x", range(len(moments))),
        numbers("y", [0.5 * i for i in range(len(moments))]),
    )
    chosen = DataSettings(target="y", time="t", split=Split(validation=0))
    if len(set(moments)) <= count:
        with pytest.raises(UserError, match="different times"):
            list(folds(chosen, columns, count))
        return
    times = np.array(moments)
    found = [one.parts for one in folds(chosen, columns, count, repeats=3)]
    assert len(found) == count
    for one in found:
        assert times[one.training].max() < times[one.test].min()
    for one, following in itertools.pairwise(found):
        assert times[one.test].max() < times[following.test].min()
        assert set(one.training) | set(one.test) == set(following.training)
    assert times[found[-1].test].max() == times.max()


def test_rows_that_the_data_has_for_the_test_are_in_no_fold():
    columns = table(
        texts("part", ["train"] * 40 + ["val"] * 10 + ["test"] * 10),
        numbers("x", range(60)),
        texts("y", ["a", "b"] * 30),
    )
    found = list(folds(DataSettings(target="y", part="part"), columns, 4))
    assert sorted(np.concatenate([one.parts.test for one in found])) == list(range(40))
    assert all(sorted(one.parts.validation) == list(range(40, 50)) for one in found)
    assert all(len(one.parts.training) == 30 for one in found)


@pytest.mark.parametrize(
    ("count", "repeats", "sentence"),
    [
        (1, 1, "a whole number from 2 to 1,000"),
        (2, 0, "a whole number from 1 to 100"),
        (7, 1, "at least 7 groups, one for each fold, found 6"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(count, repeats, sentence):
    columns = table(
        numbers("g", [row // 5 for row in range(30)]), numbers("x", range(30)), texts("y", ["a", "b"] * 15)
    )
    with pytest.raises(UserError, match=sentence):
        list(folds(DataSettings(target="y", group="g"), columns, count, repeats))
