"""Fully connected layers trained as one: the same numbers as layer by layer."""

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.losses.regression import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.settings import kind_of
from engine.training import fused_layers
from engine.training.fused_layers import dense_runs
from engine.training.gradient import BatchGradient

ELEMENTWISE = [cls for cls in ACTIVATIONS if cls.elementwise]


def both_ways(layers, rows=(7, 3, 7), loss=None, monkeypatch=None):
    """(loss, gradients) of some batches as chains, and layer by layer."""
    draws = np.random.default_rng(5)
    network = Network(layers, (4,), np.float64)
    network.initialize(draws)
    network.parameters += 0.3 * draws.normal(size=network.parameters.size)
    loss = loss or SoftmaxCrossEntropy()
    results = []
    for widest in (fused_layers.WIDEST, 0):
        monkeypatch.setattr(fused_layers, "WIDEST", widest)
        gradient = BatchGradient(network, loss, max(rows), np.random.default_rng(1))
        draws = np.random.default_rng(6)
        found = []
        for count in rows:
            x = draws.normal(size=(count, 4))
            target = np.eye(3)[draws.integers(0, 3, count)]
            value, _ = gradient.evaluate(x, target)
            found.append((value, network.gradients.copy()))
        results.append(found)
    return results


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=kind_of)
@pytest.mark.parametrize("bias", [True, False])
def test_every_activation_with_and_without_bias(activation, bias, monkeypatch):
    layers = [Dense(units=units, activation=activation(), bias=bias) for units in (5, 6, 3)]
    chained, single = both_ways(layers, loss=MeanSquaredError(), monkeypatch=monkeypatch)
    for (value, gradients), (expected, wanted) in zip(chained, single, strict=True):
        assert value == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(gradients, wanted, rtol=1e-11, atol=1e-14)


def test_a_chain_behind_other_trained_layers_passes_its_gradient_on(monkeypatch):
    layers = [
        Dense(units=5, activation="softmax"),
        Dense(units=6, bias=False),
        Dense(units=4, activation="tanh"),
        Dropout(rate=0.0),
        Dense(units=4, activation="gelu"),
        Dense(units=3, activation="linear"),
    ]
    assert dense_runs(layers) == [range(0, 1), range(1, 3), range(3, 4), range(4, 6)]
    chained, single = both_ways(layers, monkeypatch=monkeypatch)
    for (value, gradients), (expected, wanted) in zip(chained, single, strict=True):
        assert value == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(gradients, wanted, rtol=1e-11, atol=1e-14)


def test_layers_between_are_found_and_wide_ones_stay_by_themselves():
    narrow, wide = Dense(units=8), Dense(units=fused_layers.WIDEST + 1)
    assert dense_runs([narrow]) == [range(0, 1)]
    assert dense_runs([narrow, narrow, wide, narrow, narrow]) == [range(0, 2), range(2, 3), range(3, 5)]
    assert dense_runs([wide, wide]) == [range(0, 1), range(1, 2)]


def test_workspaces_show_what_the_chain_finds():
    network = Network(
        [Dense(units=5, activation="tanh"), Dense(units=3, activation="linear")], (4,), np.float64
    )
    network.initialize(np.random.default_rng(1))
    gradient = BatchGradient(network, SoftmaxCrossEntropy(), 6, np.random.default_rng(1))
    x, target = np.random.default_rng(2).normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    gradient.evaluate(x, target)
    hidden = np.tanh(x @ network.parameter_views[0]["weight"] + network.parameter_views[0]["bias"])
    shown = gradient.workspaces.rows(6)
    np.testing.assert_allclose(shown[0]["y"], hidden, rtol=1e-12)
    out = hidden @ network.parameter_views[1]["weight"] + network.parameter_views[1]["bias"]
    np.testing.assert_allclose(shown[1]["y"], out, rtol=1e-12)
    network.parameters[...] = np.nan
    with np.errstate(all="ignore"):
        gradient.evaluate(x, target)
    assert gradient.first_bad_output(6) == "Dense 1"
