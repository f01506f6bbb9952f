"""Residual layers: worked by hand, against PyTorch, at random, and what they refuse."""

import numpy as np
import pytest

from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.residual import Residual
from engine.network import Network
from tests.engine.golden import golden
from tests.engine.layers.passes import passed
from tests.engine.nested_layers import NESTED, conv, dense, residual
from tests.engine.sample_shapes import fitting_shapes

EXACT = {"rtol": 1e-9, "atol": 2e-12}
STORED = golden("residual")


def made(*layers, **more) -> Residual:
    return Residual.model_validate(residual(*layers, **more))


# --- results -----------------------------------------------------------------------------------------------


def test_a_shortcut_around_one_dense_layer_by_hand():
    """x = (1, 2), W = ((0.5, −1), (0.25, 0.5)), b = (0.1, 0.2):

    x W + b = (0.5 + 0.5 + 0.1, −1 + 1 + 0.2) = (1.1, 0.2); y = x + that = (2.1, 2.2).
    With dy = (1, 10): dW = xᵀ dy = ((1, 10), (2, 20)); db = (1, 10);
    dx = dy + dy Wᵀ = (1 + 0.5 − 10, 10 + 0.25 + 5) = (−8.5, 15.25).
    """
    found = passed(
        made(dense(2, "linear")),
        np.array([[1.0, 2.0]]),
        np.array([[1.0, 10.0]]),
        {"0.weight": np.array([[0.5, -1.0], [0.25, 0.5]]), "0.bias": np.array([0.1, 0.2])},
    )
    np.testing.assert_allclose(found.y, [[2.1, 2.2]])
    np.testing.assert_allclose(found.gradients["0.weight"], [[1, 10], [2, 20]])
    np.testing.assert_allclose(found.gradients["0.bias"], [1, 10])
    np.testing.assert_allclose(found.dx, [[-8.5, 15.25]])


def test_a_projection_and_an_activation_by_hand():
    """x = (1, 2), W = (1, 1), P = (3, −2): z = x W + x P = 3 + (3 − 4) = 2, y = relu(z) = 2.

    With dy = 5: dW = dP = 5 x = (5, 10); dx = 5 (W + P) = (20, −5).
    """
    found = passed(
        made(dense(1, "linear", bias=False), activation="relu"),
        np.array([[1.0, 2.0]]),
        np.array([[5.0]]),
        {"0.weight": np.array([[1.0], [1.0]]), "projection.weight": np.array([[3.0], [-2.0]])},
    )
    assert found.y.tolist() == [[2.0]]
    assert found.gradients["0.weight"].tolist() == [[5.0], [10.0]]
    assert found.gradients["projection.weight"].tolist() == [[5.0], [10.0]]
    assert found.dx.tolist() == [[20.0, -5.0]]


@pytest.mark.parametrize("case", STORED["cases"], ids=lambda case: str(len(case["parameters"])))
def test_against_pytorch_over_several_batches(case):
    layer = Residual.model_validate({"kind": "residual", **case["settings"]})
    network = Network([layer], np.shape(case["steps"][0]["x"])[1:], np.float64)
    network.initialize(np.random.default_rng(1))
    assert set(network.parameter_views[0]) == set(case["parameters"])
    for name, value in case["parameters"].items():
        network.parameter_views[0][name][...] = value
    for step in case["steps"]:
        spaces = network.workspaces(3, np.random.default_rng(STORED["mask_seed"])).rows(3)
        spaces[0].needs_dx = True
        y = network.forward(np.array(step["x"]), spaces, step["training"])
        np.testing.assert_allclose(y, step["y"], **EXACT)
        assert set(network.statistics_views[0]) == set(step["kept"])
        for name, kept in step["kept"].items():
            np.testing.assert_allclose(network.statistics_views[0][name], kept, **EXACT)
        if step["training"]:
            dx = network.backward(np.array(step["weight"]), spaces)
            np.testing.assert_allclose(dx, step["dx"], **EXACT)
            for name, gradient in step["gradients"].items():
                np.testing.assert_allclose(network.gradient_views[0][name], gradient, **EXACT)


@pytest.mark.parametrize("needed", [False, True])
def test_what_nobody_asks_for_is_not_computed(needed):
    """The gradients of what enters the first trained inner layer, and the projection."""
    layer = made({"kind": "activation", "activation": "tanh"}, dense(4), dense(5))
    network = Network([layer], (3,), np.float64)
    space = network.workspaces(2).rows(2)[0]
    space.needs_dx = needed
    places = ("0.dx", "1.dx", "projection.dx", "2.dx")
    for place in places:
        space[place].fill(np.nan)
    layer.forward(network.parameter_views[0], np.ones((2, 3)), space, True)
    layer.backward(network.parameter_views[0], network.gradient_views[0], np.ones((2, 5)), space)
    assert [bool(np.isfinite(space[place]).all()) for place in places] == [needed, needed, needed, True]


def test_every_nested_layer_of_the_laws_takes_some_shape():
    assert all(fitting_shapes(layer) for layer in NESTED)


# --- stochastic depth --------------------------------------------------------------------------------------


def branch_factors(rate: float, rows: int, seed: int = 1) -> np.ndarray:
    """What F(x) of each sample is multiplied by in training: (y − x) / F(x), the same for all its numbers."""
    layer = made({"kind": "activation", "activation": "softplus"}, drop_rate=rate)
    x = np.random.default_rng(2).normal(size=(rows, 4))
    factors = (passed(layer, x, seed=seed).y - x) / np.logaddexp(0, x)
    np.testing.assert_allclose(factors, np.broadcast_to(factors[:, :1], factors.shape), atol=1e-12)
    return factors[:, 0]


def test_whole_samples_are_left_out_and_the_others_made_up_for_it():
    factors = branch_factors(0.25, 4000)
    dropped = np.isclose(factors, 0)
    np.testing.assert_allclose(factors[~dropped], 1 / 0.75)
    # Four standard deviations of the mean of 4000 draws: 4 · √(0.25 · 0.75 / 4000) = 0.027.
    assert abs(dropped.mean() - 0.25) < 0.027
    assert abs(factors.mean() - 1) < 0.027 / 0.75


def test_draws_come_from_the_generator_alone():
    assert np.array_equal(branch_factors(0.5, 50, seed=7), branch_factors(0.5, 50, seed=7))
    assert not np.array_equal(branch_factors(0.5, 50, seed=7), branch_factors(0.5, 50, seed=8))


def test_prediction_leaves_nothing_out_and_draws_nothing():
    network = Network([made({"kind": "activation", "activation": "tanh"}, drop_rate=0.9)], (3,), np.float64)
    generator = np.random.default_rng(1)
    x = np.random.default_rng(2).normal(size=(5, 3))
    y = network.forward(x, network.workspaces(5, generator).rows(5))
    np.testing.assert_allclose(y, x + np.tanh(x))
    assert generator.random() == np.random.default_rng(1).random()


def test_a_drop_rate_of_0_draws_as_many_numbers():
    after = []
    for rate in (0.0, 0.5):
        generator = np.random.default_rng(1)
        network = Network([made("activation", drop_rate=rate)], (3,))
        network.forward(np.ones((5, 3), np.float32), network.workspaces(5, generator).rows(5), True)
        after.append(generator.random())
    assert after[0] == after[1]


# --- what the layers around it and inside it see -----------------------------------------------------------


def test_the_inner_settings_count_for_their_own_parameters():
    layer = made(
        dense(3, l1=0.1, bias_initializer={"kind": "constant", "value": 7}),
        residual(dense(3, l2=0.2), "batch_norm"),
        projection_initializer={"kind": "constant", "value": 5},
    )
    network = Network([layer], (2,))
    network.initialize(np.random.default_rng(1))
    views = network.parameter_views[0]
    assert views["0.bias"].tolist() == [7, 7, 7]
    assert views["1.1.scale"].tolist() == [1, 1, 1]
    assert set(views["projection.weight"].ravel()) == {5}
    assert len(set(views["1.0.weight"].ravel())) == 9
    assert layer.penalties(0.5, 0.6) == {
        "0.weight": (0.1, 0.6),
        "1.0.weight": (0.5, 0.2),
        "1.projection.weight": (0.5, 0.6),
        "projection.weight": (0.5, 0.6),
    }
    assert layer.penalized() == layer.penalties(0, 0).keys()


def test_it_couples_the_rows_of_a_batch_where_an_inner_layer_does():
    assert not made(dense(2)).couples_batch
    assert made(dense(2), "batch_norm").couples_batch
    assert made(residual("batch_norm")).couples_batch


def test_the_arrays_of_all_inner_layers_are_named_by_their_place():
    layer = made("batch_norm", residual(conv("conv2d", 3)))
    assert layer.parameter_shapes((4, 4, 2)) == {
        "0.scale": (2,),
        "0.shift": (2,),
        "1.0.weight": (3, 3, 2, 3),
        "1.0.bias": (3,),
        "1.projection.weight": (1, 1, 2, 3),
        "projection.weight": (1, 1, 2, 3),
    }
    assert layer.statistics_shapes((4, 4, 2)).keys() == {"0.mean", "0.variance"}
    assert layer.workspace_arrays((4, 4, 2)).keys() > {"y", "0.block", "1.y", "1.0.dweight", "projection.y"}


def test_ten_and_more_inner_layers_keep_their_arrays_apart():
    layer = made(*(dense(2, "linear", bias=False) for _ in range(12)))
    parameters = {f"{number}.weight": np.eye(2) * (1 + number / 10) for number in range(12)}
    x = np.array([[1.0, -2.0]])
    found = passed(layer, x, parameters=parameters)
    np.testing.assert_allclose(found.y, x * (1 + np.prod([1 + number / 10 for number in range(12)])))


def test_work_is_counted_inside():
    layer = made(conv("conv2d", 4, stride=2), conv("conv2d", 4))
    before, half = (8, 8, 3), (4, 4, 4)
    inner = Conv2D(filters=4, stride=2).multiplications(before) + Conv2D(filters=4).multiplications(half)
    # The projection: 3 · 4 weights at each of 4 · 4 places.
    assert layer.multiplications(before) == inner + 3 * 4 * 4 * 4
    assert inner == (3 * 3 * 3 * 4 + 3 * 3 * 4 * 4) * 4 * 4
    assert layer.simple_layers(before) == 4
    assert layer.largest_product(before) == 3 * 3 * 4 * 4
    assert BatchNorm().multiplications(before) == 0
    assert Dense(units=5).multiplications((3,)) == 15
