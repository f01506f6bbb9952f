"""Preparations of numbers: the values of scikit-learn's transformers, back again, and what is constant."""

from contextlib import suppress

import numpy as np
import pytest
from sklearn.preprocessing import (
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from engine.data import DataSettings, Preparation, describe, prepare
from engine.data.columns.settings import ColumnSettings
from engine.data.encoders import PREPARATIONS, preparations_of
from engine.data.encoders.base import Missing
from engine.data.encoders.numbers import AsTheyAre, Clip, Log, MinMax, Robust, Standardize
from engine.data.encoders.power import YeoJohnson, yeo_johnson
from engine.data.encoders.quantile import Quantiles
from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.diagnosis import data_findings
from engine.layers.dense import Dense
from tests.engine.data.tables import numbers, table, texts

RNG = np.random.default_rng(0)
SKEWED = np.round(np.concatenate([RNG.lognormal(2, 1, 300), -RNG.exponential(2, 60), np.zeros(40)]), 3)
NEW = np.array([-1e3, -3.5, -0.1, 0, 0.5, 7.25, 300, 1e6])


def fitted(column, target=None, **chosen):
    """The preparation of one column."""
    target = target or numbers("target", np.arange(column.rows, dtype=float))
    settings = ColumnSettings(name=column.name, **chosen)
    return Preparation.fit(
        table(column, target),
        (column.name,),
        target.name,
        "regression",
        "standardize",
        Missing(),
        settings={column.name: settings},
    )


def inputs(preparation, column):
    return preparation.transform(table(column), np.float64)


@pytest.mark.parametrize(
    ("chosen", "reference"),
    [
        (Standardize(), StandardScaler()),
        (MinMax(), MinMaxScaler()),
        (Robust(), RobustScaler()),
        (YeoJohnson(), PowerTransformer()),
        (Quantiles(quantiles=100), QuantileTransformer(n_quantiles=100, output_distribution="normal")),
        (Quantiles(distribution="uniform"), QuantileTransformer(n_quantiles=400)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_values_of_scikit_learn(chosen, reference):
    preparation = fitted(numbers("x", SKEWED), preparation=chosen)
    expected = reference.fit(SKEWED[:, None])
    for values in (SKEWED, NEW):
        found = inputs(preparation, numbers("x", values))
        # Both search the power to about 1e-8; it is in an exponent.
        assert np.allclose(found, expected.transform(values[:, None]), rtol=1e-4, atol=1e-6)


def test_log_and_clip_by_hand():
    log = fitted(numbers("x", SKEWED), preparation=Log())
    logs = np.sign(SKEWED) * np.log(1 + np.abs(SKEWED))
    expected = np.sign(NEW) * np.log(1 + np.abs(NEW))
    assert np.allclose(inputs(log, numbers("x", NEW))[:, 0], (expected - logs.mean()) / logs.std())
    clip = fitted(numbers("x", SKEWED), preparation=Clip(tail=0.05))
    low, high = np.quantile(SKEWED, [0.05, 0.95])
    cut = SKEWED.clip(low, high)
    found = inputs(clip, numbers("x", [-1e9, low, high, 1e9]))[:, 0]
    assert np.allclose(found, ([low, low, high, high] - cut.mean()) / cut.std())


@pytest.mark.parametrize("power", [-1.5, 0, 0.5, 1, 2, 3])
def test_the_power_transform_by_its_definition(power):
    def of(x):
        if x >= 0:
            return np.log(x + 1) if power == 0 else ((x + 1) ** power - 1) / power
        return -np.log(1 - x) if power == 2 else -((1 - x) ** (2 - power) - 1) / (2 - power)

    values = np.array([-5, -0.5, 0, 0.25, 4])
    assert np.allclose(yeo_johnson(values, power), [of(x) for x in values])


@pytest.mark.parametrize("kind", preparations_of("number"), ids=lambda kind: kind.heading)
def test_numbers_come_back_and_json_keeps_every_bit(kind):
    preparation = fitted(numbers("x", SKEWED), preparation=kind())
    again = Preparation.from_json(preparation.to_json(), "preparation.json")
    assert again == preparation
    before, after = (inputs(one, numbers("x", NEW)) for one in (preparation, again))
    assert before.tobytes() == after.tobytes()
    inner = SKEWED[(np.quantile(SKEWED, 0.02) < SKEWED) & (np.quantile(SKEWED, 0.98) > SKEWED)]
    made = preparation.inputs_of_numbers(inner[:, None], np.float64)
    assert np.allclose(preparation.numbers_of_inputs(made)[:, 0], inner, rtol=1e-6, atol=0.05)


@pytest.mark.parametrize("kind", preparations_of("number"), ids=lambda kind: kind.heading)
def test_what_is_constant_in_training_has_no_influence(kind):
    preparation = fitted(numbers("x", [5, 5, None, 5]), preparation=kind())
    found = inputs(preparation, numbers("x", [5, 10, None, -1e300]))
    assert len(set(found[:, 0])) == 1
    assert np.isfinite(found).all()


def test_constant_categories_and_flags_have_no_influence():
    for column, other in (
        (texts("c", ["a", "a", "a"]), texts("c", ["a", "b", None])),
        (numbers("x", [1, 1, 1]), numbers("x", [1, 2, None])),
    ):
        for chosen in ({}, {"was_missing": True}):
            found = inputs(fitted(column, **chosen), other)
            assert np.array_equal(found, np.broadcast_to(found[0], found.shape))


@pytest.mark.parametrize(
    ("missing", "value"), [("mean", 4), ("median", 3), ("most_frequent", 2), ("constant", 7.5)]
)
def test_missing_values(missing, value):
    column = numbers("x", [2, 2, 3, 4, 9, None])
    chosen = {"preparation": AsTheyAre(), "missing": missing, "constant": "7.5", "was_missing": True}
    preparation = fitted(column, **chosen)
    assert preparation.feature_names == ("x", "x was missing")
    assert np.array_equal(inputs(preparation, numbers("x", [1, None])), [[1, 0], [value, 1]])


def test_a_constant_has_to_be_a_number():
    with pytest.raises(UserError) as caught:
        fitted(numbers("x", [1, None]), missing="constant", constant="none")
    assert str(caught.value) == (
        "Column “x”: expected a number to stand in for missing ones, found “none”. Change the constant."
    )


def test_a_preparation_for_other_columns_is_refused():
    with pytest.raises(UserError) as caught:
        fitted(texts("c", ["a", "b"]), preparation=Standardize())
    assert "expected a preparation for a column of the type category, found “Standardize”" in str(
        caught.value
    )


def test_the_usual_preparation_writes_what_it_always_wrote():
    preparation = fitted(numbers("x", [1, 2, None]))
    assert '"inputs": [\n  {\n   "kind": "number",\n   "column": "x",\n   "missing_value": 1.5,' in (
        preparation.to_json()
    )
    assert "flagged" not in preparation.to_json()
    assert "decimal" not in preparation.to_json()


def test_every_preparation_is_for_some_kind_of_column():
    assert len({kind.model_fields["kind"].default for kind in PREPARATIONS}) == len(PREPARATIONS)
    assert all(kind.kinds and kind.fills and kind.heading for kind in PREPARATIONS)


def test_float32_is_warned_of_where_it_loses_the_values():
    rows = table(numbers("x", 1e9 + np.arange(100.0)), numbers("y", np.arange(100.0)))
    settings = DataSettings(target="y", task="regression", scaling="none")
    found = [one for one in describe(rows, settings).findings if one.kind == "float32"]
    assert [one.columns for one in found] == [("x",)]
    left = len(np.unique((1e9 + np.arange(100.0)).astype(np.float32)))
    assert f"float32 keeps {left} of its 100 different values apart" in found[0].sentence
    chosen = settings.with_column(ColumnSettings(name="x", preparation=Standardize()))
    assert not [one for one in describe(rows, chosen).findings if one.kind == "float32"]
    experiment = Experiment(data=settings, layers=(Dense(units=2),))
    exact = experiment.replace(training=experiment.training.replace(precision="float64"))
    kinds = [[one.kind for one in data_findings(e, describe(rows, settings))] for e in (experiment, exact)]
    assert ["float32" in found for found in kinds] == [True, False]


def test_a_target_that_is_not_scaled_stays_in_its_unit():
    y = 1e9 + np.arange(100.0)
    rows = table(numbers("x", np.arange(100.0)), numbers("y", y))
    settings = DataSettings(target="y", task="regression", scale_target=False)
    dataset = prepare(settings, rows, np.float64)
    assert np.array_equal(dataset.training.targets[:, 0], y[dataset.training.rows])
    assert np.array_equal(dataset.in_target_units(np.array([3.5])), [3.5])
    assert [one.columns for one in describe(rows, settings).findings if one.kind == "float32"] == [("y",)]


@pytest.mark.parametrize("kind", preparations_of("number"), ids=lambda kind: kind.heading)
@pytest.mark.parametrize(
    "values",
    [
        [-1.7e308, 1.7e308],
        [1e300, 1, 2],
        [5e-324, 1e-323],
        [7.0],
        [0, 0, 0, 1],
        -np.exp(np.arange(30.0)),
        np.exp(np.arange(60.0)),
    ],
    ids=["max", "huge", "least", "one", "zeros", "negative", "exponential"],
)
def test_extreme_numbers_are_prepared_or_refused(kind, values):
    column = numbers("x", values)
    with suppress(UserError):
        assert np.isfinite(inputs(fitted(column, preparation=kind()), column)).all()
