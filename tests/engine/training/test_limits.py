"""Limits on gradients and weights: clipping by value, layer and norm, and the longest vector into a unit."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.layers.dense import Dense
from engine.network import Network
from engine.training.regularization import Clipping, MaxNorm
from engine.training_settings import Training
from tests.engine.golden import golden
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training

CASES = golden("steps")["cases"]
SGD = {"kind": "sgd", "learning_rate": 1.0}


def two_layers(dtype=np.float64) -> Network:
    return Network((Dense(units=4), Dense(units=2)), (3,), dtype)


def clipped(gradients, dtype=np.float64, **limits) -> Network:
    network = two_layers(dtype)
    network.gradients[...] = gradients
    layers = [network.gradients[place].astype(np.float64) for place in network.layer_slices().values()]
    Clipping(network, Training(**limits)).apply([float(part @ part) for part in layers])
    return network


def flat(arrays) -> np.ndarray:
    return np.concatenate([np.ravel(array) for array in arrays])


@pytest.mark.parametrize("case", [c for c in CASES if c["of"] == "clipping"], ids=lambda c: c["limited"])
def test_clipping_is_that_of_pytorch(case):
    """But for the 1e-6 that PyTorch adds to norms."""
    network = clipped(flat(case["before"]), **{case["limited"]: case["limit"]})
    np.testing.assert_allclose(network.gradients, flat(case["after"]), rtol=2e-6)


def test_all_three_by_hand():
    """Layers of 16 and 10 entries: (3, 4, 0 …) and (−2, 0 …).

    Entries to ±3: (3, 3) and −2. Layers to 3: the first, of length √18, by 3 / √18 to (3, 3) / √2; the second
    stays. All to 2: the length is √(9 + 4) = √13.
    """
    before = np.zeros(26)
    before[[0, 1, 16]] = 3, 4, -2
    network = clipped(before, clip_value=3.0, clip_layer_norm=3.0, clip_norm=2.0)
    expected = np.zeros(26)
    expected[[0, 1, 16]] = 3 / np.sqrt(2), 3 / np.sqrt(2), -2
    np.testing.assert_allclose(network.gradients, expected * 2 / np.sqrt(13), rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_limit_holds_at_the_end(dtype):
    draws = np.random.default_rng(2)
    for scale in (0.01, 1.0, 100.0):
        before = (scale * draws.normal(size=26)).astype(dtype)
        network = clipped(before, dtype, clip_value=0.5, clip_layer_norm=0.9, clip_norm=1.1)
        layers = [network.gradients[place] for place in network.layer_slices().values()]
        assert network.gradients.dtype == dtype
        assert np.abs(network.gradients).max() <= 0.5
        assert max(np.linalg.norm(part) for part in layers) <= 0.9 * (1 + 1e-6)
        assert np.linalg.norm(network.gradients) <= 1.1 * (1 + 1e-6)
        if scale == 0.01:
            np.testing.assert_array_equal(network.gradients, before)


def test_the_record_is_of_the_gradient_before_clipping():
    limits = {"clip_value": 1e-3, "clip_layer_norm": 2e-3, "clip_norm": 3e-3}
    plain = take(trainer(experiment(optimizer=SGD)), 1).history.steps
    run = trainer(experiment(optimizer=SGD, **limits))
    before = run.network.parameters.copy()
    take(run, 1)
    for column in plain.columns:
        if "norm" in column:
            assert run.history.steps.read(column)[0] == plain.read(column)[0], column
    assert 0 < np.abs(before - run.network.parameters).max() <= 1e-3 * (1 + 1e-4)


@pytest.mark.parametrize("limit", ["clip_value", "clip_layer_norm", "clip_norm"])
def test_any_clipping_rescues_gradients_whose_squares_overflow(limit):
    run = trainer(
        experiment(
            [dense(8, "linear")],
            {"source": "plane"},
            loss="mean_squared_error",
            optimizer={"kind": "sgd", "learning_rate": 0.1},
            **{limit: 1.0},
        )
    )
    run.network.parameter_views[0]["weight"][...] = 1e12
    run.network.parameter_views[1]["weight"][...] = 1e5
    take(run, 1)
    assert run.stop_reason is None
    assert run.history.steps.read("gradient_norm")[0] > 2e19
    assert np.abs(run.network.gradients).max() <= 1.0


def test_max_norm_is_that_of_pytorch():
    """But for the 1e-7 that PyTorch adds to norms."""
    (case,) = (case for case in CASES if case["of"] == "max_norm")
    network = Network((Dense(units=4),), (5,), np.float64)
    network.parameter_views[0]["weight"][...] = case["before"]
    network.parameter_views[0]["bias"][...] = 9.0
    MaxNorm(network, case["limit"]).apply()
    np.testing.assert_allclose(network.parameter_views[0]["weight"], case["after"], rtol=1e-6)
    assert (network.parameter_views[0]["bias"] == 9.0).all()


def vectors(network: Network) -> list[float]:
    """The length of every vector into a unit, the slow way."""
    found = []
    for views in network.parameter_views:
        weight = views.get("weight")
        if weight is not None and weight.ndim > 1:
            found += [float(np.linalg.norm(weight[..., unit])) for unit in range(weight.shape[-1])]
    return found


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_max_norm_holds_after_every_step(precision):
    run = trainer(
        experiment(
            optimizer={"kind": "sgd", "learning_rate": 2.0}, max_norm=0.8, precision=precision, epochs=4
        )
    )
    longest = []
    for _ in run.run():
        longest.append(max(vectors(run.network)))
    assert max(longest) <= 0.8 * (1 + 1e-6)
    assert min(longest) > 0.7


def test_the_filters_of_a_convolution_are_limited_and_slopes_and_scales_are_not():
    layers = [
        {"kind": "conv2d", "filters": 3},
        {"kind": "batch_norm"},
        {"kind": "prelu"},
        {"kind": "flatten"},
    ]
    run = trainer(experiment(layers, {"source": "digits"}, batch_size=256, epochs=1, max_norm=0.1))
    network = run.network
    kept = {index: network.parameter_views[index] for index in (1, 2)}
    take(run, 1)
    assert max(vectors(network)) <= 0.1 * (1 + 1e-6)
    assert all(np.abs(array).max() > 0.1 for array in (kept[1]["scale"], kept[2]["slope"]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_whose_squares_overflow_are_shortened_too(dtype):
    network = Network((Dense(units=3, bias=False),), (2,), dtype)
    huge = float(np.sqrt(np.finfo(dtype).max)) * 8
    network.parameter_views[0]["weight"][...] = [[3 * huge, 0, 0.3], [-4 * huge, 0, 0.4]]
    with np.errstate(all="ignore"):
        MaxNorm(network, 2.0).apply()
    expected = [[1.2, 0, 0.3], [-1.6, 0, 0.4]]
    np.testing.assert_allclose(network.parameter_views[0]["weight"], expected, rtol=1e-6)


def test_limits_change_in_mid_run_and_leave_marks():
    settings = experiment(optimizer={"kind": "sgd", "learning_rate": 0.5}, epochs=30)
    run = take(trainer(settings), 5)
    limits = {"max_norm": 0.5, "clip_value": 0.01, "clip_layer_norm": 0.02, "clip_norm": 0.03}
    run.change(with_training(settings, **limits))
    before = run.network.parameters.copy()
    take(run, 1)
    assert max(vectors(run.network)) <= 0.5 * (1 + 1e-6)
    bias = run.network.parameter_views[0]["bias"] - run.network.views(before)[0]["bias"]
    assert np.abs(bias).max() <= 0.5 * 0.01 * (1 + 1e-6)
    run.change(settings)
    finish(run)
    assert max(vectors(run.network)) > 0.5
    texts = [mark.text for mark in run.history.marks]
    assert sorted(texts[:4]) == [
        "clip layer norm off → 0.02",
        "clip norm off → 0.03",
        "clip value off → 0.01",
        "max norm off → 0.5",
    ]
    assert len(texts) == 8


@pytest.mark.parametrize("name", ["clip_value", "clip_layer_norm", "clip_norm", "max_norm"])
def test_a_line_search_takes_no_limits(name):
    with pytest.raises(UserError, match=f"expected no {name.replace('_', ' ')}, as a line search"):
        experiment(optimizer="lbfgs", **{name: 1.0})
