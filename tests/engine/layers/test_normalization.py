"""Normalization, noise and reshaping: what their formulas promise."""

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.layers.activation import PReLU
from engine.layers.batch_norm import BatchNorm
from engine.layers.dropout import GaussianNoise, SpatialDropout
from engine.layers.layer_norm import LayerNorm
from engine.layers.reshape import Reshape
from engine.network import Network
from tests.engine.layers.passes import passed

PLAIN = {"scale": np.array(1.0), "shift": np.array(0.0)}


@pytest.mark.parametrize("shape", [(40, 5), (9, 7, 5), (8, 50, 60, 3)])
def test_batch_norm_leaves_mean_0_and_variance_1_in_every_channel(shape):
    x = np.random.default_rng(1).normal(3, 10, shape)
    y = passed(BatchNorm(epsilon=1e-12), x, parameters=PLAIN).y.reshape(-1, shape[-1])
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-12)


def test_batch_norm_in_single_precision_survives_a_large_mean():
    x = np.random.default_rng(1).normal(1000, 1, (64, 28, 28, 4)).astype(np.float32)
    exact = passed(BatchNorm(), x.astype(np.float64), parameters=PLAIN).y
    np.testing.assert_allclose(passed(BatchNorm(), x, parameters=PLAIN).y, exact, atol=2e-3)


@pytest.mark.parametrize("layer", [BatchNorm(), LayerNorm()], ids=lambda layer: layer.kind)
def test_numbers_whose_squares_overflow_are_no_zeros(layer):
    """1 / √∞ is 0: y would be β everywhere, the loss finite, and nobody told that the network is lost."""
    x = np.random.default_rng(1).normal(size=(9, 5)).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(passed(layer, x * np.float32(1e20), parameters=PLAIN).y).all()
    assert np.abs(passed(layer, x * np.float32(1e15), parameters=PLAIN).y).max() > 1


def test_batch_norm_of_statistics_that_have_overflowed_is_no_zero():
    network = Network([BatchNorm()], (3,))
    network.initialize(np.random.default_rng(1))
    network.statistics_views[0]["variance"][1] = np.inf
    with np.errstate(invalid="ignore"):
        y = network.forward(np.ones((2, 3), np.float32), network.workspaces(2).rows(2))
    assert np.isnan(y).tolist() == [[False, True, False]] * 2


def test_batch_norm_of_one_number_a_channel_keeps_its_statistics():
    """One number has no variance: y = β, and N − 1 would divide by 0."""
    network = Network([BatchNorm()], (3,), np.float64)
    network.initialize(np.random.default_rng(1))
    y = network.forward(np.array([[1.0, 2.0, 3.0]]), network.workspaces(1).rows(1), True)
    assert y.tolist() == [[0.0, 0.0, 0.0]]
    assert network.statistics_views[0]["mean"].tolist() == [0.0, 0.0, 0.0]
    assert network.statistics_views[0]["variance"].tolist() == [1.0, 1.0, 1.0]


def test_batch_norm_by_hand():
    """x = 1, 3: μ = 2, σ² = 1, unbiased 2; momentum .1 from 0 and 1 gives .2 and 1.1."""
    network = Network([BatchNorm(epsilon=1e-12)], (1,), np.float64)
    network.initialize(np.random.default_rng(1))
    spaces = network.workspaces(2).rows(2)
    y = network.forward(np.array([[1.0], [3.0]]), spaces, True)
    np.testing.assert_allclose(y, [[-1.0], [1.0]])
    np.testing.assert_allclose(network.statistics_views[0]["mean"], [0.2])
    np.testing.assert_allclose(network.statistics_views[0]["variance"], [1.1])
    # In evaluation 1.25 is (1.25 − .2) / √1.1 = 1.0011…
    later = network.forward(np.array([[1.25], [1.25]]), spaces)
    np.testing.assert_allclose(later, np.full((2, 1), 1.05 / np.sqrt(1.1)))


@pytest.mark.parametrize(("over", "axes"), [("features", (3,)), ("sample", (1, 2, 3))])
def test_layer_norm_leaves_mean_0_and_variance_1_in_every_group(over, axes):
    x = np.random.default_rng(1).normal(3, 10, (6, 30, 40, 5))
    y = passed(LayerNorm(axes=over, epsilon=1e-12), x, parameters=PLAIN).y
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-11)
    np.testing.assert_allclose(y.std(axis=axes), 1, rtol=1e-9)


def test_prelu_by_hand():
    x = np.array([[-2.0, 3.0], [4.0, -5.0]])
    found = passed(PReLU(), x, parameters={"slope": np.array([0.5, 0.1])})
    assert found.y.tolist() == [[-1.0, 3.0], [4.0, -0.5]]
    assert found.dx.tolist() == [[0.5, 1.0], [1.0, 0.1]]
    assert found.gradients["slope"].tolist() == [-2.0, -5.0]


@pytest.mark.parametrize("shape", [(400, 6, 5), (400, 3, 4, 5)])
def test_spatial_dropout_switches_whole_channels(shape):
    y = passed(SpatialDropout(rate=0.3), np.ones(shape)).y.reshape(shape[0], -1, shape[-1])
    assert (y == y[:, :1]).all()
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    # 2,000 draws: a share of .3 has a standard error of .01.
    assert (y[:, 0] == 0).mean() == pytest.approx(0.3, abs=0.04)


def test_gaussian_noise_has_its_deviation():
    y = passed(GaussianNoise(std=2.0), np.full((100, 200), 7.0)).y
    # 20,000 draws: standard errors of .014 and .01.
    assert y.mean() == pytest.approx(7.0, abs=0.06)
    assert y.std() == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("settings", "before", "after"),
    [
        ({}, (784,), (28, 28, 1)),
        ({}, (65,), (5, 13, 1)),
        ({}, (7,), (1, 7, 1)),
        ({"channels": 3}, (48,), (4, 4, 3)),
        ({"height": 2}, (24,), (2, 12, 1)),
        ({"width": 4, "channels": 2}, (24,), (3, 4, 2)),
        ({"target_shape": "sequence"}, (24,), (24, 1)),
        ({"target_shape": "sequence", "channels": 28}, (28, 28, 1), (28, 28)),
        ({"target_shape": "sequence", "height": 6, "channels": 4}, (2, 3, 4), (6, 4)),
    ],
)
def test_reshape_takes_what_fits(settings, before, after):
    layer = Reshape.model_validate(settings)
    assert layer.output_shape(before) == after
    x = np.arange(2.0 * np.prod(before)).reshape(2, *before)
    found = passed(layer, x, dy=x.reshape(2, *after))
    assert found.y.ravel().tolist() == x.ravel().tolist()
    assert np.array_equal(found.dx, x)


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"height": 5}, "a multiple of 5 numbers"),
        ({"height": 30}, "a multiple of 30 numbers"),
        ({"width": 30}, "a multiple of 30 numbers"),
        ({"height": 5, "width": 5, "channels": 2}, "50 numbers"),
        ({"channels": 25}, "a multiple of 25 numbers"),
        ({"target_shape": "sequence", "height": 5, "channels": 4}, "20 numbers"),
    ],
)
def test_reshape_says_what_would_fit(settings, wanted):
    with pytest.raises(ShapeError, match=f"^Reshape: needs {wanted} but gets 24 numbers. Change the height"):
        Reshape.model_validate(settings).output_shape((24,))
