"""Recurrent layers: step by step by hand and in plain loops, both directions, long sequences, learning."""

import threading

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.initializers.fixed_scale import Orthogonal
from engine.initializers.variance_scaling import GlorotUniform
from engine.layers.dense import Dense
from engine.layers.gru import GRU
from engine.layers.lstm import LSTM
from engine.layers.reshape import Reshape
from engine.layers.simple_recurrent import SimpleRecurrent
from engine.network import Network
from tests.engine.layers.lessons import accuracy_after
from tests.engine.layers.passes import passed
from tests.engine.layers.references import agrees_with

KINDS = (SimpleRecurrent, GRU, LSTM)
ROWS, STEPS, FEATURES, UNITS = 3, 5, 4, 2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def simple_step(x, state, p):
    h = np.tanh(x @ p["weight"] + state[0] @ p["recurrent"] + p["bias"])
    return (h,)


def gru_step(x, state, p):
    (h,) = state
    from_x = np.split(x @ p["weight"] + p["bias"], 3)
    from_h = np.split(h @ p["recurrent"] + p["recurrent_bias"], 3)
    r, z = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
    n = np.tanh(from_x[2] + r * from_h[2])
    return ((1 - z) * n + z * h,)


def lstm_step(x, state, p):
    h, c = state
    i, f, o, g = np.split(x @ p["weight"] + h @ p["recurrent"] + p["bias"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


STEP_OF = {SimpleRecurrent: simple_step, GRU: gru_step, LSTM: lstm_step}


def all_states(cls, x, parameters, turned):
    """The state after each step of each sample, in the order of the steps."""
    found = np.empty((*x.shape[:2], UNITS))
    for row in range(len(x)):
        state = (np.zeros(UNITS), np.zeros(UNITS))[: 1 + (cls is LSTM)]
        order = range(x.shape[1] - 1, -1, -1) if turned else range(x.shape[1])
        for step in order:
            state = STEP_OF[cls](x[row, step], state, parameters)
            found[row, step] = state[0]
    return found


def drawn(cls, seed=1):
    """A layer that reads both ways, its parameters, and a batch."""
    draws = np.random.default_rng(seed)
    layer = cls(units=UNITS, direction="both", returns="sequence")
    shapes = layer.parameter_shapes((STEPS, FEATURES))
    return {name: draws.normal(size=shape) for name, shape in shapes.items()}, draws.normal(
        size=(ROWS, STEPS, FEATURES)
    )


def one_way(parameters, suffix):
    names = [name for name in parameters if name.endswith("_backward") == bool(suffix)]
    return {name.removesuffix("_backward"): parameters[name] for name in names}


@pytest.mark.parametrize("returns", ["last", "sequence"])
@pytest.mark.parametrize("cls", KINDS)
def test_outputs_and_gradients_are_those_of_plain_loops(cls, returns):
    def both_ways(x, parameters):
        forwards = all_states(cls, x, one_way(parameters, ""), turned=False)
        backwards = all_states(cls, x, one_way(parameters, "_backward"), turned=True)
        if returns == "sequence":
            return np.concatenate([forwards, backwards], axis=2)
        return np.concatenate([forwards[:, -1], backwards[:, 0]], axis=1)

    parameters, x = drawn(cls)
    agrees_with(both_ways, cls(units=UNITS, direction="both", returns=returns), x, parameters)


@pytest.mark.parametrize("returns", ["last", "sequence"])
@pytest.mark.parametrize("cls", KINDS)
def test_both_ways_are_the_two_directions_side_by_side(cls, returns):
    parameters, x = drawn(cls)
    both = cls(units=UNITS, direction="both", returns=returns)
    dy = np.random.default_rng(5).normal(size=(ROWS, *both.output_shape((STEPS, FEATURES))))
    whole = passed(both, x, dy, parameters)
    dx = np.zeros_like(x)
    for direction, suffix, own in (("forward", "", slice(UNITS)), ("backward", "_backward", slice(UNITS, 9))):
        layer = cls(units=UNITS, direction=direction, returns=returns)
        part = passed(layer, x, dy[..., own], one_way(parameters, suffix))
        np.testing.assert_allclose(part.y, whole.y[..., own], rtol=1e-12)
        for name, gradient in part.gradients.items():
            np.testing.assert_allclose(gradient, whole.gradients[name + suffix], rtol=1e-10, atol=1e-14)
        dx += part.dx
    np.testing.assert_allclose(whole.dx, dx, rtol=1e-10, atol=1e-14)


def one_unit(**blocks):
    """Parameters of a layer with one feature and one unit; what is left out is 0."""
    return {name: np.array(value, dtype=float) for name, value in blocks.items()}


def test_two_steps_of_a_simple_layer_by_hand():
    layer = SimpleRecurrent.model_validate({"units": 1, "activation": "relu"})
    parameters = one_unit(weight=[[2]], recurrent=[[0.5]], bias=[1])
    found = passed(layer, np.array([[[1.0], [-1.0]]]), np.array([[1.0]]), parameters)
    # h₁ = 2 · 1 + ½ · 0 + 1 = 3; h₂ = 2 · (−1) + ½ · 3 + 1 = ½, both above 0.
    assert found.y.tolist() == [[0.5]]
    # dz₂ = 1; dz₁ = 1 · ½.
    assert found.dx.tolist() == [[[1.0], [2.0]]]
    # dW = x₁ dz₁ + x₂ dz₂ = ½ − 1; dU = 0 · dz₁ + h₁ dz₂ = 3; db = ½ + 1.
    assert found.gradients["weight"].item() == -0.5
    assert found.gradients["recurrent"].item() == 3
    assert found.gradients["bias"].item() == 1.5


X = np.array([[[np.log(3) / 2], [np.log(2)]]])
"""tanh x₁ = ½ and tanh x₂ = .6."""


def test_two_steps_of_a_gru_by_hand():
    parameters = one_unit(weight=[[0, 0, 1]], recurrent=[[0, 0, 0]], bias=[0, 0, 0], recurrent_bias=[0, 0, 0])
    found = passed(GRU(units=1), X, np.array([[1.0]]), parameters)
    # r = z = σ(0) = ½ and n = tanh x: h₁ = ½ · .5 = .25; h₂ = ½ · .6 + ½ · .25 = .425.
    np.testing.assert_allclose(found.y, [[0.425]])
    # dx₂ = (1 − z) (1 − n₂²) = ½ · .64; dx₁ = z (1 − z) (1 − n₁²) = ½ · ½ · .75.
    np.testing.assert_allclose(found.dx, [[[0.1875], [0.32]]])
    # Of z: (h₁ − n₂) ¼ = (.25 − .6) / 4 in step 2, ½ (0 − .5) / 4 in step 1; no reset, for h′ Uₙ is 0.
    np.testing.assert_allclose(found.gradients["bias"], [0, -0.0875 - 0.0625, 0.32 + 0.1875])
    # On the state's side r = ½ comes before the candidate's constant.
    np.testing.assert_allclose(found.gradients["recurrent_bias"], [0, -0.15, 0.16 + 0.09375])


def test_two_steps_of_an_lstm_by_hand():
    parameters = one_unit(weight=[[0, 0, 0, 1]], recurrent=[[0, 0, 0, 0]], bias=[0, 0, 0, 0])
    found = passed(LSTM(units=1), X, np.array([[1.0]]), parameters)
    # i = f = o = σ(0) = ½, g = tanh x: c₁ = ½ · .5 = .25; c₂ = ½ · .25 + ½ · .6 = .425; h₂ = ½ tanh c₂.
    bent = np.tanh(0.425)
    np.testing.assert_allclose(found.y, [[bent / 2]])
    # dc₂ = ½ (1 − tanh² c₂), dc₁ = ½ dc₂; dx = dc · ½ (1 − g²).
    dc = (1 - bent**2) / 2
    np.testing.assert_allclose(found.dx, [[[dc / 2 * 0.5 * 0.75], [dc * 0.5 * 0.64]]])
    # σ' = ¼. i: dc₂ · .6 + ½ dc₂ · .5; f: dc₂ c₁, and c₀ = 0; o: tanh c₂ in step 2 only.
    expected = [dc * 0.85 / 4, dc * 0.25 / 4, bent / 4, dc * (0.32 + 0.1875)]
    np.testing.assert_allclose(found.gradients["bias"], expected)


@pytest.mark.parametrize("returns", ["last", "sequence"])
@pytest.mark.parametrize("cls", KINDS)
def test_five_hundred_steps_in_single_precision(cls, returns):
    found = {}
    for dtype in (np.float64, np.float32):
        network = Network([cls(units=12, returns=returns)], (500, 3), dtype)
        network.initialize(np.random.default_rng(2))
        space = network.workspaces(4).rows(4)
        space[0].needs_dx = True
        x = np.random.default_rng(3).normal(size=(4, 500, 3)).astype(dtype)
        y = network.forward(x, space, True)
        weight = np.random.default_rng(4).normal(size=y.shape).astype(dtype)
        dx = network.backward(weight, space)
        found[dtype] = [y.copy(), dx.copy(), network.gradients.copy()]
    for exact, single in zip(*found.values(), strict=True):
        assert single.dtype == np.float32
        assert np.isfinite(single).all()
        assert np.linalg.norm(single - exact) < 1e-4 * np.linalg.norm(exact)


@pytest.mark.parametrize("cls", [GRU, LSTM])
def test_numbers_far_out_saturate_without_a_warning(cls):
    x = np.array([[[1e4], [-1e4], [1e4]]], np.float32)
    found = passed(cls(units=3), x)
    assert np.isfinite(found.y).all()
    assert np.isfinite(found.dx).all()
    assert (abs(found.y) <= 1).all()


def test_every_gate_starts_as_a_matrix_of_its_own():
    network = Network([LSTM(units=30, forget_bias=2, direction="both")], (4, 20), np.float64)
    network.initialize(np.random.default_rng(1))
    parameters = network.parameter_views[0]
    for suffix in ("", "_backward"):
        # ±√(6 / (20 + 30)) = ±.346: a quarter of the columns are what one unit's gate sees.
        for block in np.split(parameters[f"weight{suffix}"], 4, axis=1):
            assert 0.33 < abs(block).max() <= 0.3465
        for block in np.split(parameters[f"recurrent{suffix}"], 4, axis=1):
            np.testing.assert_allclose(block.T @ block, np.eye(30), atol=1e-12)
        assert parameters[f"bias{suffix}"].reshape(4, 30).mean(axis=1).tolist() == [0, 2, 0, 0]
    assert not np.array_equal(parameters["weight"], parameters["weight_backward"])


@pytest.mark.parametrize("cls", KINDS)
def test_penalties_act_on_weights_alone(cls):
    layer = cls(direction="both", l2=0.5)
    names = set(layer.parameter_shapes((STEPS, FEATURES)))
    assert layer.penalized() == {name for name in names if "bias" not in name}
    assert layer.penalties(0.1, 0.2) == dict.fromkeys(layer.penalized(), (0.1, 0.5))
    assert set(layer.initializers()) == names


@pytest.mark.parametrize(("cls", "gates"), [(SimpleRecurrent, 1), (GRU, 3), (LSTM, 4)])
def test_multiplications_count_every_step(cls, gates):
    # In each of 7 steps: (3 features + 5 units) · 5 units for every gate, for each direction.
    assert cls(units=5).multiplications((7, 3)) == 7 * 8 * 5 * gates
    assert cls(units=5, direction="both").multiplications((7, 3)) == 2 * 7 * 8 * 5 * gates


@pytest.mark.parametrize("cls", KINDS)
def test_what_is_no_sequence_is_refused(cls):
    with pytest.raises(ShapeError, match=r"needs a sequence .+ but gets 64 numbers\. Insert a Reshape"):
        Network([cls()], (64,))


@pytest.mark.parametrize("cls", KINDS)
@pytest.mark.parametrize(
    ("shape", "step", "sequence"), [((64,), "number", (64, 1)), ((8, 6, 3), "row of the image", (8, 18))]
)
def test_the_layer_that_mends_it_is_named_and_can_be_applied(cls, shape, step, sequence):
    with pytest.raises(ShapeError) as caught:
        Network([cls()], shape)
    help, layer = caught.value.help, caught.value.insert_before
    assert help == f"Insert a Reshape into sequences before it: each {step} is then a step."
    assert Reshape.model_validate(layer).output_shape(shape) == sequence
    Network([Reshape.model_validate(layer), cls()], shape)


def test_defaults_are_those_of_the_literature():
    layer = LSTM()
    assert (layer.initializer, layer.recurrent_initializer) == (GlorotUniform(), Orthogonal())
    assert layer.forget_bias == 1


@pytest.mark.parametrize("cls", KINDS)
def test_workspaces_do_not_touch_each_other(cls):
    """Four threads go through the same layer, each with a batch and gradients of its own."""
    network = Network([cls(units=8, direction="both")], (12, 3), np.float64)
    network.initialize(np.random.default_rng(1))
    batches = [np.random.default_rng(seed).normal(size=(6, 12, 3)) for seed in range(4)]
    spaces = [network.workspaces(6).rows(6) for _ in batches]
    vectors = [np.zeros_like(network.gradients) for _ in batches]

    def work(number):
        for _ in range(20):
            y = network.forward(batches[number], spaces[number], True)
            network.backward(np.ones_like(y), spaces[number], network.views(vectors[number]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, found in enumerate(vectors):
        expected = found.copy()
        work(number)
        assert np.array_equal(found, expected)


def first_of(count):
    """Symbols out of four, one-hot; the class is the first of them."""

    def draw(generator, rows):
        symbols = generator.integers(4, size=(rows, count))
        return np.eye(4, dtype=np.float32)[symbols], symbols[:, 0]

    return draw


@pytest.mark.parametrize(
    ("layer", "count", "steps", "rate"),
    [
        (SimpleRecurrent(units=12), 10, 500, 0.01),
        (GRU(units=12), 20, 450, 0.04),
        # Cells that forget little at first have an easier time: σ(4)²⁰ = .69, σ(1)²⁰ = .002.
        (LSTM(units=16, forget_bias=4), 20, 250, 0.02),
    ],
    ids=["simple_recurrent", "gru", "lstm"],
)
def test_the_first_symbol_is_remembered(layer, count, steps, rate):
    """Where the gradient does not reach back to the first step, no more than 75 in 100 are told right."""
    layers = [layer, Dense.model_validate({"units": 4, "activation": "linear"})]
    assert accuracy_after(layers, first_of(count), steps, rate) >= 0.99
