"""Self-attention in plain loops and by hand, the causal mask, dropout, positions, learning."""

import math

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.layers.dense import Dense
from engine.layers.global_pooling import GlobalAveragePool
from engine.layers.positional_encoding import PositionalEncoding
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from engine.network import Network
from tests.engine.layers.lessons import accuracy_after
from tests.engine.layers.passes import passed
from tests.engine.layers.references import agrees_with
from tests.engine.training.runs import dense, experiment, finish, take, trainer

ROWS, STEPS, FEATURES = 3, 5, 4


def drawn(layer, seed=1, shape=(ROWS, STEPS, FEATURES)):
    """Parameters and a batch."""
    draws = np.random.default_rng(seed)
    shapes = layer.parameter_shapes(shape[1:])
    return {name: draws.normal(size=size) for name, size in shapes.items()}, draws.normal(size=shape)


def attended(layer, x, p):
    """The layer's output for one sample (steps, features), step by step and head by head."""
    inner = p["output_weight"].shape[0]
    size = inner // layer.heads
    bias, output_bias = (p.get(name, 0.0) for name in ("bias", "output_bias"))
    queries, keys, values = np.split(x @ p["weight"] + bias, 3, axis=1)
    brought = np.zeros((len(x), inner))
    for head in range(layer.heads):
        own = slice(head * size, (head + 1) * size)
        for step in range(len(x)):
            seen = range(step + 1) if layer.causal else range(len(x))
            scores = [queries[step, own] @ keys[other, own] / math.sqrt(size) for other in seen]
            total = sum(math.exp(score) for score in scores)
            for other, score in zip(seen, scores, strict=True):
                brought[step, own] += math.exp(score) / total * values[other, own]
    return brought @ p["output_weight"] + output_bias


@pytest.mark.parametrize(
    "settings",
    [{}, {"causal": True}, {"heads": 1}, {"heads": 3, "size": 5, "bias": False}, {"size": 1, "causal": True}],
    ids=str,
)
def test_outputs_and_gradients_are_those_of_plain_loops(settings):
    layer = SelfAttention.model_validate(settings)
    parameters, x = drawn(layer, shape=(2, STEPS, 3 if layer.heads == 1 else FEATURES))
    agrees_with(lambda x, p: np.array([attended(layer, sample, p) for sample in x]), layer, x, parameters)


def test_two_steps_by_hand():
    layer = SelfAttention(heads=1, bias=False)
    parameters = {"weight": np.array([[0.0, 0.0, 1.0]]), "output_weight": np.array([[2.0]])}
    found = passed(layer, np.array([[[1.0], [5.0]]]), np.array([[[1.0], [0.0]]]), parameters)
    # Queries and keys are 0: all weights ½. Values 1 and 5, their mean 3, times 2.
    assert found.y.tolist() == [[[6.0], [6.0]]]
    # Only the first step is asked for: do = 2, dv = ½ · 2 for both steps; queries and keys stay without.
    assert found.dx.tolist() == [[[1.0], [1.0]]]
    # dW: of the values 1 · 1 + 5 · 1. With q = k = 0 nothing comes through the scores.
    assert found.gradients["weight"].tolist() == [[0.0, 0.0, 6.0]]
    assert found.gradients["output_weight"].tolist() == [[3.0]]


def test_pieces_of_a_batch_are_the_whole():
    """So many samples that they are worked on in pieces: each comes out as if it were alone."""
    layer = SelfAttention(heads=2, causal=True)
    parameters, x = drawn(layer, shape=(70, 40, 4))
    dy = np.random.default_rng(2).normal(size=x.shape)
    whole = passed(layer, x, dy, parameters)
    single = [passed(layer, x[n : n + 1], dy[n : n + 1], parameters) for n in range(70)]
    np.testing.assert_allclose(whole.y, np.concatenate([one.y for one in single]), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(whole.dx, np.concatenate([one.dx for one in single]), rtol=1e-9, atol=1e-12)
    for name, gradient in whole.gradients.items():
        summed = sum(one.gradients[name] for one in single)
        np.testing.assert_allclose(gradient, summed, rtol=1e-9, atol=1e-11)


def test_prediction_is_what_training_finds_without_dropout():
    network = Network([SelfAttention(causal=True)], (6, 4), np.float64)
    network.initialize(np.random.default_rng(1))
    x = np.random.default_rng(2).normal(size=(ROWS, 6, 4))
    spaces = network.workspaces(ROWS).rows(ROWS)
    trained = network.forward(x, spaces, True).copy()
    network.layers = (SelfAttention(causal=True, dropout=0.5),)
    assert np.array_equal(network.forward(x, spaces), trained)


def test_causal_attention_sees_no_later_step():
    layer = SelfAttention(causal=True)
    parameters, x = drawn(layer)
    dy = np.zeros_like(x)
    dy[:, 2] = 1.0
    before = passed(layer, x, dy, parameters)
    x[:, 3:] += 10.0
    after = passed(layer, x, dy, parameters)
    assert np.array_equal(before.y[:, :3], after.y[:, :3])
    assert not np.array_equal(before.y[:, 3:], after.y[:, 3:])
    assert not before.dx[:, 3:].any()
    assert before.dx[:, :3].all()


def test_without_positions_order_counts_for_nothing():
    layer = SelfAttention()
    parameters, x = drawn(layer)
    order = np.random.default_rng(3).permutation(STEPS)
    straight, mixed = (passed(layer, given, parameters=parameters).y for given in (x, x[:, order]))
    np.testing.assert_allclose(straight[:, order], mixed, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_huge_scores_do_not_overflow(causal):
    layer = SelfAttention(heads=1, causal=causal)
    parameters, x = drawn(layer)
    # Scores of some ten thousands: each step sees one other step alone.
    found = passed(layer, (100 * x).astype(np.float32), parameters=parameters)
    assert np.isfinite(found.y).all()
    assert np.isfinite(found.dx).all()


def test_five_hundred_steps_in_single_precision():
    layer = SelfAttention(heads=2, causal=True)
    parameters, x = drawn(layer, shape=(2, 500, 4))
    dy = np.random.default_rng(4).normal(size=x.shape)
    exact = passed(layer, x, dy, parameters)
    single = passed(layer, x.astype(np.float32), dy.astype(np.float32), parameters)
    for one, other in ((exact.y, single.y), (exact.dx, single.dx)):
        assert other.dtype == np.float32
        assert np.linalg.norm(one - other) < 1e-4 * np.linalg.norm(one)


def test_dropout_switches_off_weights_and_keeps_their_mean():
    layer = SelfAttention(heads=1, bias=False, dropout=0.25)
    parameters = {"weight": np.zeros((4, 12)), "output_weight": np.eye(4)}
    # Values are the inputs, all 1, and all weights 1 / 20: y counts the weights that are left.
    parameters["weight"][:, 8:] = np.eye(4)
    x = np.ones((50, 20, 4))
    found = passed(layer, x, parameters=parameters)
    left = found.y * 20 * 0.75
    np.testing.assert_allclose(left, left.round(), atol=1e-9)
    assert len(np.unique(left.round())) > 5
    # 20,000 weights, each 0 or 4/3: five standard errors of their mean are 5 √(⅓ / 20,000).
    assert found.y.mean() == pytest.approx(1, abs=0.021)
    assert not SelfAttention().random
    assert layer.random


@pytest.mark.parametrize("rates", [(0.0, 0.5), (0.5, 0.0)], ids=["begins", "ends"])
@pytest.mark.parametrize("nested", [False, True])
def test_dropout_may_begin_or_end_in_mid_run(rates, nested):
    lines = {"kind": "reshape", "target_shape": "sequence", "channels": 8}
    before, after = (SelfAttention(dropout=rate) for rate in rates)
    if nested:
        before, after = (Residual(layers=(layer,)) for layer in (before, after))
    chosen = experiment(
        [lines, before.model_dump(), {"kind": "flatten"}, dense(4)], {"source": "digits"}, epochs=1
    )
    run = take(trainer(chosen), 3)
    layers = list(chosen.layers)
    layers[1] = after
    run.change(chosen.replace(layers=tuple(layers)))
    # To the end: what scores the parts was allocated before the change.
    finish(run)
    assert run.stop_reason.kind == "finished"
    assert np.isfinite(run.network.parameters).all()


def test_features_that_the_heads_cannot_share_are_refused():
    with pytest.raises(ShapeError) as caught:
        Network([SelfAttention(heads=4)], (5, 6))
    assert str(caught.value) == (
        "Layer 1, Self-attention: needs features in multiples of 4, its number of heads, but gets 6 "
        "features. Change the number of heads, or set the size of a head."
    )
    assert SelfAttention(heads=4, size=3).output_shape((5, 6)) == (5, 6)


@pytest.mark.parametrize(
    ("shape", "channels"), [((12,), 4), ((2, 3, 4), 12), ((8, 2, 1), 4), ((7,), None), ((2, 7, 1), None)]
)
def test_what_is_no_sequence_is_offered_a_reshape_that_fits(shape, channels):
    layer = SelfAttention(heads=4)
    with pytest.raises(ShapeError, match=r"needs a sequence .+ Insert a Reshape") as caught:
        layer.output_shape(shape)
    found = caught.value.insert_before
    assert (found and found["channels"]) == channels


def test_a_new_layer_suits_its_place():
    assert SelfAttention(heads=4).suited((5, 6)).heads == 2
    assert SelfAttention(heads=4).suited((5, 8)) == SelfAttention(heads=4)
    assert SelfAttention(heads=4, size=3).suited((5, 6)).heads == 4
    assert SelfAttention(heads=4).suited((6,)).heads == 4


def test_queries_keys_and_values_start_as_matrices_of_their_own():
    network = Network([SelfAttention(heads=2)], (5, 20), np.float64)
    network.initialize(np.random.default_rng(1))
    # ±√(6 / (20 + 20)) = ±.387.
    for block in np.split(network.parameter_views[0]["weight"], 3, axis=1):
        assert 0.37 < abs(block).max() <= 0.3873
    assert not network.parameter_views[0]["bias"].any()


def test_multiplications_grow_with_the_square_of_the_steps():
    # 7 steps of 6 · 18 for queries, keys and values and 6 · 6 for the output; 7 · 7 scores and means of 6.
    assert SelfAttention().multiplications((7, 6)) == 7 * (6 * 18 + 6 * 6) + 2 * 49 * 6


def test_waves_are_those_of_the_formula():
    found = passed(PositionalEncoding(base=100), np.zeros((2, 3, 4))).y
    # Angles t / 100^(0 / 4) = t for the first pair, t / 100^(2 / 4) = t / 10 for the second.
    expected = [[math.sin(t), math.cos(t), math.sin(t / 10), math.cos(t / 10)] for t in range(3)]
    np.testing.assert_allclose(found, [expected, expected], atol=1e-15)


def test_an_odd_number_of_features_ends_in_a_sine():
    found = passed(PositionalEncoding(base=8), np.zeros((1, 3, 3))).y[0]
    np.testing.assert_allclose(found[:, 2], np.sin(np.arange(3) / 8 ** (2 / 3)))


def test_learned_positions_start_small_and_are_not_penalized():
    layer = PositionalEncoding(encoding="learned")
    network = Network([layer], (50, 20), np.float64)
    network.initialize(np.random.default_rng(1))
    assert network.parameters.std() == pytest.approx(0.02, rel=0.1)
    assert not layer.penalized()


def marked_sign(generator, rows):
    """Twelve steps, of which one is marked; the class is whether its number is above 0."""
    numbers = generator.normal(size=(rows, 12)).astype(np.float32)
    marked = generator.integers(12, size=rows)
    marks = np.eye(12, dtype=np.float32)[marked]
    return np.stack([numbers, marks], axis=2), (numbers[np.arange(rows), marked] > 0).astype(int)


def test_attention_finds_the_marked_step():
    layers = [SelfAttention(heads=1, size=8), GlobalAveragePool(), output(2)]
    assert accuracy_after(layers, marked_sign, 400, 0.02) >= 0.95


def first_is_larger(generator, rows):
    """Two numbers; the class is whether the first is the larger one: a question of order alone."""
    numbers = generator.normal(size=(rows, 2, 1)).astype(np.float32)
    return np.repeat(numbers, 4, axis=2), (numbers[:, 0, 0] > numbers[:, 1, 0]).astype(int)


def test_positions_let_attention_see_the_order():
    attention = [SelfAttention(heads=2, size=4), GlobalAveragePool(), output(2)]
    assert accuracy_after([PositionalEncoding(), *attention], first_is_larger, 250, 0.02) >= 0.95
    assert accuracy_after(attention, first_is_larger, 250, 0.02) <= 0.6


def output(units):
    return Dense.model_validate({"units": units, "activation": "linear"})
