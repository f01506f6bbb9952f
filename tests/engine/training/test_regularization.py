"""L1 by a proximal step: exact zeros, the solutions of the lasso under every optimizer, and their record."""

import json

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet

from engine.experiment import SCHEMA_VERSION, from_json
from engine.layers.dense import Dense
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adam import Adam
from engine.optimizers.gradient_descent import SGD
from engine.settings import kind_of
from engine.training import updater as updater_module
from engine.training.regularization import Penalty, soft_threshold
from engine.training.updater import Updater
from tests.engine.golden import golden
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training

SHRINKING = tuple(optimizer for optimizer in OPTIMIZERS if optimizer.has_proximal_step)
RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.5, "rmsprop": 0.003, "lion": 0.003}
RATES |= {"adam": 0.01, "adamw": 0.01, "nadam": 0.01, "adamax": 0.02, "adadelta": 3.0}


def linear(l1: float, l2: float = 0.0, **training):
    """Linear regression on all examples of the diabetes data at once."""
    loss = "mean_squared_error"
    return experiment([], {"source": "diabetes"}, l1=l1, l2=l2, loss=loss, batch_size=10_000, **training)


def one_layer(weights: list[float], dtype=np.float64) -> Network:
    network = Network((Dense(units=1, activation="linear"),), (len(weights),), dtype)
    network.parameter_views[0]["weight"][:, 0] = weights
    return network


def shrinking(network: Network, optimizer, l1: float) -> Updater:
    updater = Updater(optimizer, network)
    updater.set_l1_ranges(Penalty(network, l1, 0.0, True).l1_ranges)
    return updater


def test_a_step_by_hand():
    """ρ = 0.5, λ₁ = 0.4: the threshold is 0.2.

    1 − 0.5 · 1 = 0.5, shrunk to 0.3; −0.3 − 0.5 · 0.2 = −0.4, to −0.2; 0.1 + 0.5 · 0.1 = 0.15, to 0;
    0 + 0.5 · 0.3 = 0.15, stays 0; 0.1 − 0.5 · 1 = −0.4, to −0.2 across 0.
    The bias, 0 − 0.5 · 1, is not shrunk.
    """
    network = one_layer([1.0, -0.3, 0.1, 0.0, 0.1])
    network.gradients[...] = [1.0, 0.2, -0.1, -0.3, 1.0, 1.0]
    updater = shrinking(network, SGD(), 0.4)
    assert updater.apply(0.5) is None
    found = network.parameters
    np.testing.assert_allclose(found, [0.3, -0.2, 0.0, 0.0, -0.2, -0.5], rtol=1e-15)
    assert found[2] == found[3] == 0.0
    changes = [0.7, -0.1, 0.1, 0.0, 0.3, 0.5]
    assert updater.change_squares == pytest.approx([float(np.square(changes).sum())])


def test_the_operator_is_that_of_pytorch():
    (case,) = (case for case in golden("steps")["cases"] if case["of"] == "soft_threshold")
    for threshold in (case["threshold"], np.full(len(case["before"]), case["threshold"])):
        values = np.array(case["before"])
        soft_threshold(values, threshold, np.empty_like(values))
        np.testing.assert_array_equal(values, case["after"])


@pytest.mark.parametrize("threshold", [0.1, np.array([0.1, 0.1, 0.1])])
def test_what_is_not_finite_does_not_become_finite(threshold):
    values = np.array([np.inf, -np.inf, np.nan])
    soft_threshold(values, threshold, np.empty(3))
    assert not np.isfinite(values).any()


@pytest.mark.parametrize("l2", [0.0, 0.2])
@pytest.mark.parametrize("optimizer", SHRINKING, ids=kind_of)
def test_every_optimizer_comes_to_rest_at_the_solution_of_the_lasso(optimizer, l2):
    """scikit-learn minimizes ½ mean² + α r Σ |w| + ½ α (1 − r) Σ w²: half of mean² + λ₁ Σ |w| + ½ λ₂ Σ w².

    The same weights are exactly 0, and the others agree to 1e-4.
    """
    l1 = 0.1
    kind = kind_of(optimizer)
    chosen = {"kind": kind, "learning_rate": RATES[kind]}
    if "weight_decay" in optimizer.model_fields:
        chosen["weight_decay"] = 0.0
    run = finish(trainer(linear(l1, l2, optimizer=chosen, epochs=2000, precision="float64")))
    part = run.dataset.training
    alpha = (l1 + l2) / 2
    solution = ElasticNet(alpha=alpha, l1_ratio=l1 / (l1 + l2), tol=1e-12, max_iter=100_000)
    solution.fit(part.inputs, part.targets[:, 0])
    found = run.network.parameter_views[-1]["weight"][:, 0]
    assert 3 < (solution.coef_ == 0).sum() < 7
    np.testing.assert_array_equal(found == 0, solution.coef_ == 0)
    np.testing.assert_allclose(found, solution.coef_, atol=1e-4)
    assert run.history.steps.read("zero_weights")[-1] == (solution.coef_ == 0).sum()


@pytest.mark.parametrize("optimizer", SHRINKING, ids=kind_of)
def test_weights_whose_gradients_have_been_0_do_not_fall_to_0_at_once(optimizer):
    network = one_layer([1.0, 1.0], np.float32)
    network.gradients[...] = [0.0, 1.0, 1.0]
    shrinking(network, optimizer(learning_rate=0.01), 0.001).apply(0.01)
    assert network.parameters[0] > 0.9


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_zeros_are_exact_and_counted(precision):
    run = finish(trainer(experiment([dense(32)], l1=0.02, epochs=40, precision=precision)))
    counts = run.history.steps.read("zero_weights")
    weights = [views["weight"] for views in run.network.parameter_views]
    assert counts[-1] == sum(int((weight == 0).sum()) for weight in weights) > 5
    assert all(views["bias"].all() for views in run.network.parameter_views[:1])


def test_without_l1_nothing_is_counted():
    assert np.isnan(take(trainer(experiment(l2=0.1)), 2).history.steps.read("zero_weights")).all()


def test_a_layer_has_its_own_l1():
    run = finish(trainer(experiment([dense(16, l1=0.05), dense(8)], epochs=30)))
    first, second = (run.network.parameter_views[index]["weight"] for index in (0, 1))
    assert (first == 0).any()
    assert second.all()
    assert run.history.steps.read("zero_weights")[-1] == (first == 0).sum()


def test_the_penalty_is_recorded_and_only_l2_is_in_the_gradient():
    run = trainer(experiment(l1=0.01, l2=0.1, precision="float64"))
    weights = [views["weight"].copy() for views in run.network.parameter_views]
    plain = take(trainer(experiment(precision="float64")), 1)
    take(run, 1)
    expected = sum(0.01 * np.abs(w).sum() + 0.05 * (w**2).sum() for w in weights)
    assert run.history.steps.read("penalty")[0] == pytest.approx(expected, rel=1e-12)
    for ours, theirs, weight in zip(
        run.network.gradient_views, plain.network.gradient_views, weights, strict=True
    ):
        np.testing.assert_allclose(ours["weight"] - theirs["weight"], 0.1 * weight, atol=1e-12)


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_blocks_do_not_matter(kind, monkeypatch):
    """A layer across the bounds of blocks, against its columns, few of them in a block of their own."""
    monkeypatch.setattr(updater_module, "BLOCK_LENGTH", 1000)
    inputs, units = 4, 577
    draws = np.random.default_rng(3)
    start, gradient = draws.normal(size=(2, inputs, units))

    def after_three_steps(columns: slice) -> np.ndarray:
        part = start[:, columns]
        network = Network(
            (Dense(units=part.shape[1], activation="linear", bias=False),), (inputs,), np.float64
        )
        network.parameters[...] = part.ravel()
        network.gradients[...] = gradient[:, columns].ravel()
        updater = shrinking(network, Adam() if kind == "adam" else SGD(), 0.7)
        for _ in range(3):
            updater.apply(0.5)
        return network.parameters.reshape(part.shape)

    whole = after_three_steps(slice(None))
    for first in range(0, units, 100):
        columns = slice(first, first + 100)
        np.testing.assert_array_equal(whole[:, columns], after_three_steps(columns))
    assert (whole == 0).mean() > 0.1


@pytest.mark.parametrize("units", [8, 600], ids=["one block", "several blocks"])
def test_a_step_that_is_not_finite_is_taken_back(units):
    runaway = {"kind": "adamw", "learning_rate": 1000.0, "weight_decay": 100.0}
    run = trainer(experiment([dense(units), dense(units)], optimizer=runaway, epochs=50, l1=1e-3))
    kept = run.network.parameters.copy()
    for _ in run.run():
        kept[...] = run.network.parameters
    assert run.stop_reason.kind == "not finite"
    np.testing.assert_array_equal(run.network.parameters, kept)
    assert np.isfinite(kept).all()


def test_turned_on_and_off_in_mid_run():
    settings = experiment([dense(16)], {"source": "moons"}, epochs=30)
    run = take(trainer(settings), 10)
    run.change(with_training(settings, l1=0.1))
    take(run, 60)
    run.change(with_training(settings, l1=0.1, l1_update="gradient"))
    take(run, 5)
    run.change(settings)
    take(run, 5)
    assert [mark.text for mark in run.history.marks] == [
        "L1 0 → 0.1",
        "L1 step proximal → gradient",
        "L1 0.1 → 0",
        "L1 step gradient → proximal",
    ]
    counts = run.history.steps.read("zero_weights")
    assert np.isnan(counts[:10]).all()
    assert counts[69] > 5
    assert counts[74] == 0
    assert np.isnan(counts[75:]).all()


def test_the_gradient_is_taken_where_there_is_no_measure_for_a_step():
    for kind in ("lbfgs", "rprop"):
        run = trainer(linear(0.1, optimizer=kind, epochs=3, precision="float64"))
        assert not run.experiment.training.l1_is_proximal
        weight = run.network.parameter_views[-1]["weight"].copy()
        plain = trainer(linear(0.0, optimizer="sgd", precision="float64"))
        plain.network.parameters[...] = run.network.parameters
        take(plain, 1)
        if kind == "rprop":
            take(run, 1)
            added = run.network.gradient_views[-1]["weight"] - plain.network.gradient_views[-1]["weight"]
            np.testing.assert_allclose(added, 0.1 * np.sign(weight), atol=1e-12)
        else:
            finish(run)
            losses = run.history.steps.read("loss") + run.history.steps.read("penalty")
            assert (np.diff(losses) <= 1e-12).all()
            assert run.history.steps.read("zero_weights")[-1] == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"training": {"l1": 0.01}}, "gradient"),
        ({"head": {"l1": 0.01}}, "gradient"),
        ({"layers": [{"kind": "dense", "l1": 0.01}]}, "gradient"),
        ({"training": {"l1": 0.0, "l2": 0.1}}, "proximal"),
        ({}, "proximal"),
    ],
)
def test_experiments_of_version_1_keep_the_gradient_where_they_had_l1(changes, expected):
    found = from_json(json.dumps({"schema_version": 1, **changes}), "old.json")
    assert found.training.l1_update == expected
    assert found.schema_version == SCHEMA_VERSION
    assert from_json(json.dumps(changes), "new.json").training.l1_update == "proximal"
