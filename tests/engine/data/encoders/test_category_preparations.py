"""Preparations of categories, texts and dates: against scikit-learn and the calendar, and without leakage."""

import datetime
import math
import zlib

import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from engine.data import DataSettings, Preparation, describe, prepare
from engine.data.columns.settings import ColumnSettings
from engine.data.columns.types import as_type
from engine.data.encoders.base import Missing, TargetValues
from engine.data.encoders.categories import EmbeddingCode, OneHot, Ordinal
from engine.data.encoders.dates import DateParts
from engine.data.encoders.target_encoding import TargetEncoding, fold_of_rows
from engine.data.encoders.words import HashedWords
from engine.data.settings import Split
from engine.data.table import Column, with_levels
from engine.errors import UserError
from tests.engine.data.tables import numbers, table, texts

RNG = np.random.default_rng(1)
CITIES = RNG.choice(list("abcdefgh"), 200, p=[0.3, 0.25, 0.2, 0.1, 0.08, 0.04, 0.02, 0.01]).tolist()
PRICES = np.array([ord(city) - 97 for city in CITIES]) * 10 + RNG.normal(0, 5, 200)


def fitted(column, target=None, task="regression", **chosen):
    """The preparation of one column."""
    target = target or numbers("target", np.arange(column.rows, dtype=float))
    return Preparation.fit(
        table(column, target),
        (column.name,),
        target.name,
        task,
        "standardize",
        Missing(),
        settings={column.name: ColumnSettings(name=column.name, **chosen)},
    )


def inputs(preparation, column):
    return preparation.transform(table(column), np.float64)


def objects(values):
    return np.array(values, dtype=object)[:, None]


@pytest.mark.parametrize("limits", [{"rare_rows": 10}, {"rare_fraction": 0.05}])
def test_rare_categories_are_pooled_and_unseen_ones_are_like_them(limits):
    preparation = fitted(texts("c", CITIES), preparation=OneHot(**limits))
    encoder = OneHotEncoder(min_frequency=10, handle_unknown="infrequent_if_exist", sparse_output=False)
    encoder.fit(objects(CITIES))
    new = ["a", "h", "g", "never met"]
    assert np.array_equal(inputs(preparation, texts("c", new)), encoder.transform(objects(new)))
    assert preparation.feature_names[-1] == "c other"
    code = fitted(texts("c", CITIES), preparation=EmbeddingCode(**limits))
    assert inputs(code, texts("c", new)).ravel().tolist() == [1, 6, 6, 6]
    assert code.encoded_columns[0].cardinality == 7


def test_ranks_follow_the_given_order():
    values = ["low", "high", "middle", "low", None]
    order = ("low", "middle", "high")
    preparation = fitted(texts("c", values), preparation=Ordinal(order=order), missing="median")
    ranks = OrdinalEncoder(categories=[list(order)]).fit_transform(objects(values[:4]))
    found = inputs(preparation, texts("c", [*values, "never met"]))[:, 0]
    assert np.allclose(found[:4], ((ranks - ranks.mean()) / ranks.std())[:, 0])
    middle = (0.5 - ranks.mean()) / ranks.std()
    assert np.allclose(found[4:], middle)
    with pytest.raises(UserError, match="Add them to the order"):
        fitted(texts("c", values), preparation=Ordinal(order=("low", "high")))


def test_ranks_follow_the_order_that_the_source_declares():
    values = ["low", "high", "low", "extreme"]
    (column,) = with_levels([texts("c", values)], {"c": ("low", "middle", "high")})
    preparation = fitted(column, preparation=Ordinal())
    # What was met, but not declared, comes behind; ranks 0, 2, 0, 3: mean 1.25, variance 1.6875.
    new = inputs(preparation, texts("c", ["low", "middle", "high", "extreme"]))[:, 0]
    assert np.allclose(new, (np.arange(4) - 1.25) / np.sqrt(1.6875))
    assert fitted(column, preparation=Ordinal(order=("high", "low", "extreme"))).inputs[0].order[0] == "high"


@pytest.mark.parametrize("smoothing", [None, 0.0, 10.0])
@pytest.mark.parametrize("task", ["regression", "binary", "classification"])
def test_means_of_the_target_are_those_of_scikit_learn(task, smoothing):
    low, high = np.quantile(PRICES, [0.4, 0.7])
    classes = np.select([low > PRICES, high > PRICES], ["low", "middle"], "high").tolist()
    if task == "regression":
        target, y = numbers("y", PRICES), (PRICES - PRICES.mean()) / PRICES.std()
    else:
        y = classes if task == "classification" else ["no" if one == "low" else "yes" for one in classes]
        target = texts("y", y)
    chosen = TargetEncoding(smoothing=smoothing)
    preparation = fitted(texts("c", CITIES), target, task, preparation=chosen)
    kind = {"regression": "continuous", "binary": "binary", "classification": "multiclass"}[task]
    smooth = "auto" if smoothing is None else smoothing
    whole = TargetEncoder(target_type=kind, smooth=smooth).fit(objects(CITIES), y)
    new = [*"abcdefgh", "never met"]
    assert np.allclose(inputs(preparation, texts("c", new)), whole.transform(objects(new)))
    # Of the training rows, each fold by an encoder that was fitted on the others.
    training = table(texts("c", CITIES), target)
    found = preparation.transform(training, np.float64, training=True)
    values = np.asarray(y, dtype=object) if task != "regression" else y
    folds = fold_of_rows(_values_of(task, y), 5, 0)
    for fold in range(5):
        rest, own = folds != fold, folds == fold
        encoder = TargetEncoder(target_type=kind, smooth=smooth).fit(objects(CITIES)[rest], values[rest])
        assert np.allclose(found[own], encoder.transform(objects(CITIES)[own]))


def _values_of(task, y):
    if task == "regression":
        return TargetValues(np.asarray(y)[:, None], ("",))
    names = sorted(set(y))
    indicators = np.array([[one == name for name in names] for one in y], float)
    if task == "binary":
        return TargetValues(indicators[:, 1:], tuple(names[1:]), of_classes=True)
    return TargetValues(indicators, tuple(names), of_classes=True)


def test_a_target_does_not_leak_through_names():
    names = texts("name", [f"n{row}" for row in range(400)])
    target = numbers("y", RNG.normal(size=400))
    settings = DataSettings(target="y", task="regression").with_column(
        ColumnSettings(name="name", preparation=TargetEncoding())
    )
    dataset = prepare(settings, table(names, target), np.float64)
    leak = np.corrcoef(dataset.training.inputs[:, 0], dataset.training.targets[:, 0])[0, 1]
    assert abs(leak) < 0.2
    assert dataset.preparation.feature_names == ("name: mean target",)


def test_words_are_hashed_alike_everywhere():
    column = Column("t", "text", texts("t", ["Red car", "blue car, blue house", None, "…"]).values)
    preparation = fitted(column, preparation=HashedWords(buckets=32))
    found = inputs(preparation, column)
    expected = np.zeros((4, 32))
    for row, words in enumerate((["red", "car"], ["blue", "car", "blue", "house"])):
        for word in words:
            expected[row, zlib.crc32(word.encode()) % 32] += 1
        expected[row] /= math.sqrt((expected[row] ** 2).sum())
    assert np.allclose(found, expected)
    assert zlib.crc32(b"123456789") == 0xCBF43926
    # A word whose bucket was empty in training has an untrained weight, and no influence.
    other = Column("t", "text", texts("t", [f"new{number}" for number in range(200)]).values)
    silent = (expected == expected[0]).all(axis=0)
    assert not inputs(preparation, other)[:, silent].any()
    assert describe(table(column), DataSettings(task="reconstruction")).columns[0].inputs == 64


DAYS = ["2020-01-01 06:00", "2021-12-31 18:30", "2022-07-15 00:00", "1968-02-29 12:00", None]


def test_dates_become_parts_and_cycles():
    column, unreadable = as_type(texts("d", DAYS), "date")
    assert not len(unreadable)
    preparation = fitted(column, preparation=DateParts(cycles=False, days=True))
    found = inputs(preparation, column)
    days = [datetime.datetime.fromisoformat(day) for day in DAYS[:4]]
    epoch = datetime.datetime(1970, 1, 1)
    parts = np.array(
        [
            [
                (day - epoch) / datetime.timedelta(days=1),
                day.year,
                day.month,
                day.day,
                day.weekday(),
                day.hour + day.minute / 60,
            ]
            for day in days
        ]
    )
    assert np.allclose(found[:4], (parts - parts.mean(axis=0)) / parts.std(axis=0))
    cycles = fitted(column, preparation=DateParts(year=False))
    waves = inputs(cycles, column)[:4]
    phases = 2 * np.pi * (parts[:, 2:] - [1, 1, 0, 0]) / [12, 31, 7, 24]
    assert np.allclose(waves[:, ::2], np.sin(phases))
    assert np.allclose(waves[:, 1::2], np.cos(phases))
    assert cycles.feature_names[:2] == ("d: month (sin)", "d: month (cos)")
    assert describe(table(column), DataSettings(task="reconstruction")).columns[0].inputs == 9


def test_a_part_that_never_changed_has_no_influence():
    column, _ = as_type(texts("d", ["2020-01-01", "2020-02-02", "2020-03-03"]), "date")
    preparation = fitted(column, preparation=DateParts(month=False, day=False, weekday=False, hour=False))
    other, _ = as_type(texts("d", ["1990-05-05", "2020-01-01"]), "date")
    assert inputs(preparation, other).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    ("column", "chosen"),
    [
        (texts("c", CITIES), OneHot(rare_rows=5)),
        (texts("c", CITIES), EmbeddingCode()),
        (texts("c", CITIES), Ordinal()),
        (texts("c", CITIES), TargetEncoding()),
        (texts("c", CITIES), HashedWords()),
        (as_type(texts("c", [f"2020-01-{1 + row % 28:02}" for row in range(200)]), "date")[0], DateParts()),
    ],
    ids=lambda one: getattr(one, "kind", ""),
)
def test_json_keeps_every_bit(column, chosen):
    preparation = fitted(column, numbers("y", PRICES), preparation=chosen, was_missing=True)
    again = Preparation.from_json(preparation.to_json(), "preparation.json")
    assert again == preparation
    before, after = (inputs(one, column) for one in (preparation, again))
    assert before.tobytes() == after.tobytes()


def test_the_description_counts_what_is_fitted():
    rows = table(
        texts("c", CITIES), numbers("x", PRICES), texts("y", [(city < "c" and "u") or "v" for city in CITIES])
    )
    for chosen in (OneHot(rare_rows=10), EmbeddingCode(), Ordinal(), TargetEncoding(), HashedWords()):
        settings = DataSettings(target="y", split=Split(validation=0, test=0)).with_column(
            ColumnSettings(name="c", preparation=chosen)
        )
        described, dataset = describe(rows, settings), prepare(settings, rows)
        assert described.problem is None
        assert described.inputs == len(dataset.feature_names)
        assert described.encoded_columns == dataset.preparation.encoded_columns


def test_means_of_several_targets():
    rows = table(texts("c", CITIES), numbers("y", PRICES), numbers("z", -PRICES))
    settings = DataSettings(target="y", further_targets=("z",), task="regression").with_column(
        ColumnSettings(name="c", preparation=TargetEncoding())
    )
    dataset = prepare(settings, rows, np.float64)
    assert dataset.feature_names == ("c: mean of y", "c: mean of z")
    assert np.allclose(dataset.training.inputs[:, 0], -dataset.training.inputs[:, 1])
    assert describe(rows, settings).inputs == 2
