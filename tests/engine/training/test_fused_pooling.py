"""Max pooling ahead of what stands before it: the same numbers as layer by layer."""

import numpy as np
import pytest

from engine.layers.activation import Activation
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv1D, Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.pooling import MaxPool
from engine.layers.reshape import Flatten
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.training import gradient
from engine.training.data_parallel import make_gradient
from engine.training.fused_layers import dense_runs, with_fused_pooling
from engine.training.gradient import BatchGradient
from engine.training.worker_pool import WorkerPool

IMAGE, SEQUENCE = (7, 6, 2), (9, 3)
CONV = Conv2D(filters=4, activation="linear")
NORM, RELU, POOL = BatchNorm(), Activation(), MaxPool()
OUT = (Flatten(), Dense(units=3, activation="linear"))

CASES = {
    "normalization, ReLU, pooling": (IMAGE, (CONV, NORM, RELU, POOL, *OUT)),
    "normalization, pooling": (IMAGE, (CONV, NORM, POOL, *OUT)),
    "ReLU, pooling": (IMAGE, (CONV, RELU, POOL, *OUT)),
    "two in a row": (IMAGE, (CONV, NORM, RELU, POOL, CONV, NORM, RELU, POOL, *OUT)),
    "nothing trained in front": (IMAGE, (NORM, RELU, POOL, *OUT)),
    "windows that overlap": (IMAGE, (CONV, NORM, RELU, MaxPool(pool_size=3, stride=2), *OUT)),
    "windows over the border": (IMAGE, (CONV, NORM, RELU, MaxPool(pool_size=3, padding="same"), *OUT)),
    "windows larger than the image": (IMAGE, (CONV, NORM, RELU, MaxPool(pool_size=20, padding="same"), *OUT)),
    "a window at every cell": (
        IMAGE,
        (CONV, NORM, RELU, MaxPool(pool_size=2, stride=1, padding="same"), *OUT),
    ),
    "windows apart": (IMAGE, (CONV, NORM, RELU, MaxPool(pool_size=2, stride=3), *OUT)),
    "a sequence": (SEQUENCE, (Conv1D(filters=4, activation="linear"), NORM, RELU, POOL, *OUT)),
}


def network_of(case, scale):
    """A network in float64 whose normalizations are scaled by numbers in this interval."""
    shape, layers = CASES[case]
    network = Network(layers, shape, np.float64)
    draws = np.random.default_rng(5)
    network.initialize(draws)
    network.parameters += 0.2 * draws.normal(size=network.parameters.size)
    for views in network.parameter_views:
        if "scale" in views:
            views["scale"][...] = draws.uniform(*scale, len(views["scale"]))
    return network


def trained(case, monkeypatch, early, parts=1, scale=(0.3, 2.0), rows=(11, 5, 1, 11)):
    """Loss, gradients and running statistics of some batches, with or without pooling ahead."""
    monkeypatch.setattr(
        gradient, "with_fused_pooling", with_fused_pooling if early else lambda layers, places: list(places)
    )
    network, pool = network_of(case, scale), WorkerPool(parts)
    evaluate = make_gradient(
        network, SoftmaxCrossEntropy(), max(rows), np.random.default_rng(1), pool
    ).evaluate
    draws, found = np.random.default_rng(6), []
    for count in rows:
        x = draws.normal(size=(count, *network.input_shape))
        value, _ = evaluate(x, np.eye(3)[draws.integers(0, 3, count)])
        found.append((value, network.gradients.copy(), network.running_statistics.copy()))
    pool.shutdown()
    return found


def assert_equal(found, expected):
    for (value, gradients, kept), (wanted, others, statistics) in zip(found, expected, strict=True):
        assert value == pytest.approx(wanted, rel=1e-13)
        np.testing.assert_allclose(gradients, others, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(kept, statistics, rtol=1e-13)


@pytest.mark.parametrize("case", CASES)
def test_the_same_numbers_as_layer_by_layer(case, monkeypatch):
    early = trained(case, monkeypatch, early=True)
    assert_equal(early, trained(case, monkeypatch, early=False))
    assert all(np.abs(gradients).max() > 1e-3 for _, gradients, _ in early)


@pytest.mark.parametrize("case", CASES)
def test_the_same_numbers_in_parts(case, monkeypatch):
    parts = trained(case, monkeypatch, early=True, parts=3)
    assert_equal(parts, trained(case, monkeypatch, early=False, parts=3))


@pytest.mark.parametrize("scale", [(-2.0, 2.0), (0.0, 0.0)], ids=["of both signs", "zero"])
def test_scales_that_turn_the_order_around(scale, monkeypatch):
    case = "normalization, ReLU, pooling"
    early = trained(case, monkeypatch, early=True, scale=scale)
    assert_equal(early, trained(case, monkeypatch, early=False, scale=scale))


def test_a_scale_may_change_its_sign_from_one_batch_to_the_next(monkeypatch):
    network = network_of("normalization, ReLU, pooling", (0.5, 1.0))
    draws = np.random.default_rng(3)
    x, target = draws.normal(size=(6, *IMAGE)), np.eye(3)[draws.integers(0, 3, 6)]
    early = BatchGradient(network, SoftmaxCrossEntropy(), 6, np.random.default_rng(1))
    monkeypatch.setattr(gradient, "with_fused_pooling", lambda layers, places: list(places))
    plain = BatchGradient(network, SoftmaxCrossEntropy(), 6, np.random.default_rng(1))
    for sign in (1.0, -1.0, 1.0):
        network.parameter_views[1]["scale"][2] = 0.7 * sign
        value, _ = early.evaluate(x, target)
        gradients = network.gradients.copy()
        assert value == pytest.approx(plain.evaluate(x, target)[0], rel=1e-13)
        np.testing.assert_allclose(gradients, network.gradients, rtol=1e-10, atol=1e-13)


def test_which_layers_are_trained_as_one():
    layers = (CONV, NORM, RELU, POOL, RELU, POOL, POOL, NORM, POOL, Dropout(), POOL, NORM, RELU, *OUT)
    runs = with_fused_pooling(layers, dense_runs(layers))
    assert [run for run in runs if len(run) > 1] == [range(1, 4), range(4, 6), range(7, 9)]
    assert [index for run in runs for index in run] == list(range(len(layers)))
    others = (CONV, NORM, Activation(activation="tanh"), POOL, *OUT)
    assert all(len(run) == 1 for run in with_fused_pooling(others, dense_runs(others)))


@pytest.mark.parametrize(("index", "name"), [(0, "weight"), (1, "shift")])
def test_the_layer_whose_output_is_not_finite_is_named(index, name):
    """Though its output, and that of others, is not there unless somebody asks."""
    network = network_of("normalization, ReLU, pooling", (0.5, 1.0))
    batch = BatchGradient(network, SoftmaxCrossEntropy(), 6, np.random.default_rng(1))
    x, target = np.random.default_rng(3).normal(size=(6, *IMAGE)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    batch.evaluate(x, target)
    assert batch.first_bad_output(6) is None
    network.parameter_views[index][name].flat[0] = np.inf
    with np.errstate(all="ignore"):
        batch.evaluate(x, target)
        assert batch.first_bad_output(6) == network.names[index]


def test_workspaces_show_all_outputs_to_whoever_asks(monkeypatch):
    network = network_of("normalization, ReLU, pooling", (0.5, 1.0))
    batch = BatchGradient(network, SoftmaxCrossEntropy(), 6, np.random.default_rng(1))
    x, target = np.random.default_rng(3).normal(size=(6, *IMAGE)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    batch.evaluate(x, target)
    batch.first_bad_output(6)
    spaces = network.workspaces(6).rows(6)
    network.forward(x, spaces, training=True)
    for found, expected in zip(batch.workspaces.rows(6), spaces, strict=True):
        if "y" in expected:
            np.testing.assert_allclose(found["y"], expected["y"], rtol=1e-12, atol=1e-12)
