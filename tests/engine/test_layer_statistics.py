"""Statistics of layers and correlations of units, against NumPy on the same rows."""

import numpy as np
import pytest

from engine.insight.layer_statistics import LayerStatisticsQuery, UnitCorrelationsQuery, correlations
from engine.insight.unit_sample import unit_sample
from tests.engine.training.runs import dense, experiment, take, trainer


def run_of(*layers):
    return trainer(experiment(list(layers), epochs=9))


def test_saturated_shares_and_dead_units():
    run = run_of(dense(4, "tanh"), dense(5, "sigmoid"), dense(6, "relu"))
    first, second, third = (run.network.parameter_views[index] for index in range(3))
    first["weight"] *= 40.0
    second["weight"][...] = 0.0
    second["bias"][...] = (-9.0, -3.0, 0.0, 3.0, 9.0)
    third["bias"][...] = -1e3
    third["weight"][:, 2] = 0.0
    third["bias"][2] = 1.0
    found = LayerStatisticsQuery().answer(run).layers
    activations = unit_sample(run).layers
    assert found[0].saturated == pytest.approx(float(np.mean(np.abs(activations[0]) > 0.97)))
    assert found[0].saturated > 0.5
    # 1 / (1 + e³) = .0474 is not within .015 of an end, 1 / (1 + e⁹) is.
    assert found[1].saturated == pytest.approx(2 / 5)
    assert (found[2].dead, found[2].units) == (5, 6)
    assert found[0].dead is found[2].saturated is found[3].saturated is None


def test_gradients_ratios_and_moments():
    run = take(run_of(dense(7), dense(6)), 12)
    found = LayerStatisticsQuery().answer(run)
    assert found.rows == 84
    for index, layer in enumerate(found.layers):
        gradients = np.concatenate([array.ravel() for array in run.network.gradient_views[index].values()])
        assert layer.gradient == pytest.approx(float(np.sqrt(np.mean(gradients.astype(float) ** 2))))
        ratios = run.history.steps.read(f"update_ratio/{index}")
        assert layer.log_ratio == pytest.approx(float(np.log10(np.median(ratios))))
        values = unit_sample(run).layers[index].astype(float)
        assert (layer.mean, layer.std) == pytest.approx((values.mean(), values.std()))


def test_before_the_first_step_there_are_no_gradients():
    (layer, *_) = LayerStatisticsQuery().answer(run_of(dense(3))).layers
    assert layer.gradient is layer.log_ratio is None


def test_what_is_not_finite_is_counted():
    run = run_of(dense(3), dense(4))
    run.network.parameter_views[1]["weight"][0, 0] = np.nan
    layers = LayerStatisticsQuery().answer(run).layers
    assert (layers[0].non_finite, layers[1].non_finite) == (0, 84)
    assert np.isfinite(layers[1].mean)


def test_correlations_are_those_of_numpy():
    run = run_of(dense(6), dense(5))
    found = UnitCorrelationsQuery(0).answer(run)
    expected = np.corrcoef(unit_sample(run).layers[0].astype(float), rowvar=False)
    np.testing.assert_allclose(found.matrix, expected, atol=1e-12)
    assert (found.units, found.rows) == (6, 84)
    assert UnitCorrelationsQuery(9).answer(run) is None


def test_a_unit_that_never_changes_has_no_correlation():
    values = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    values[:, 1] = 0.1
    found = correlations(values)
    assert np.isnan(found[1]).all()
    assert found[0, 2] == pytest.approx(np.corrcoef(values[:, 0], values[:, 2])[0, 1], abs=1e-6)


def test_positions_of_a_picture_count_as_rows():
    layers = [{"kind": "conv2d", "filters": 4, "activation": "relu"}, "flatten", dense(5)]
    run = trainer(experiment(layers, data={"source": {"kind": "digits"}}))
    sample = unit_sample(run)
    assert sample.layers[0].shape[1] == 4
    assert len(sample.layers[0]) % sample.rows == 0
