"""What kinds of layers say of themselves: the numbers that only they have, and where these come from."""

import numpy as np
import pytest

from engine.insight.trace.derivation import Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.sample import Batch
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.embedding import Embedding
from engine.layers.global_pooling import GlobalMaxPool
from engine.layers.gru import GRU
from engine.layers.lstm import LSTM
from engine.layers.pooling import MaxPool
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from engine.layers.simple_recurrent import SimpleRecurrent
from tests.engine.nested_layers import NESTED
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.trace.traced import around, check_places, traced
from tests.engine.variants import variants

BOTH_WAYS = [
    cls(units=2, direction="both", returns="sequence", bias=bias)
    for cls in (SimpleRecurrent, GRU, LSTM)
    for bias in (True, False)
]
SEQUENTIAL = [
    pytest.param(layer, id=f"{layer.kind}-{number}")
    for cls in (SimpleRecurrent, GRU, LSTM, SelfAttention)
    for number, layer in enumerate([*variants(cls), *BOTH_WAYS])
    if type(layer) is cls
]
"""With every choice of their settings."""


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("layer", SEQUENTIAL)
def test_every_number_of_a_sequence_is_taken_apart(layer, mode):
    check_places(traced(around(layer, (5, 4)), mode))


def test_an_lstm_unrolled_by_hand():
    """c = f c′ + i g and h = o tanh c at the third step, and a gate is the sigmoid of its sum."""
    trace = traced(around(LSTM(units=3), (5, 4)))
    found = derivation(trace, Place(0, "detail", "cells", (2, 1)))
    assert sorted(texts(found)) == [
        ["forget gate₃,₂", "cells before₃,₂"],
        ["input gate₃,₂", "candidate₃,₂"],
    ]
    parameters, details = trace.layers[0].parameters, trace.layers[0].details
    gate = derivation(trace, Place(0, "detail", "forget_gate", (2, 1)))
    column = 3 + 1
    total = (
        trace.x[2] @ parameters["weight"][:, column]
        + details["states"][1] @ parameters["recurrent"][:, column]
        + parameters["bias"][column]
    )
    assert gate.sum == pytest.approx(total)
    assert gate.value == pytest.approx(1 / (1 + np.exp(-total)))
    assert gate.wrapped == "sigmoid"
    shared = derivation(trace, Place(0, "parameter", "recurrent", (0, column), True))
    assert {term.path for term in shared.terms} == {f"at step {step}" for step in range(1, 6)}


def test_weights_of_attention_add_up_to_one():
    trace = traced(around(SelfAttention(heads=2, causal=True), (5, 4)))
    weights = trace.layers[0].details["attention_weights"]
    assert weights.shape == (2, 5, 5)
    np.testing.assert_allclose(weights.sum(axis=-1), 1)
    assert not np.triu(weights, 1).any()
    found = derivation(trace, Place(0, "detail", "context", (3, 1)))
    assert {term.path for term in found.terms} == {f"from step {step}" for step in range(1, 6)}
    assert found.value == pytest.approx(sum(term.value for term in found.terms))


def test_an_embedding_is_a_row_of_its_table():
    network = around(Embedding(vocabulary=6, size=3), (4,))
    given = Batch(np.array([[5.0, 0.0, 2.0, 2.0]]), np.zeros((1, 2)), None, 0)
    trace = traced(network, given=given)
    found = derivation(trace, Place(0, "output", "", (2, 1)))
    (factor,) = found.terms[0].factors
    assert factor.place == Place(0, "parameter", "weight", (2 * 3 + 1,))
    assert factor.meaning == "of the vector of code 2, at step 3"
    twice = derivation(trace, Place(0, "parameter", "weight", (2 * 3 + 1,), True))
    assert len(twice.terms) == 2
    check_places(trace)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("number", range(len(NESTED)))
def test_every_number_inside_a_residual_layer_is_taken_apart(number, mode):
    layer = NESTED[number]
    check_places(traced(around(layer, fitting_shapes(layer)[0]), mode))


def test_two_paths_of_a_residual_layer():
    layer = Residual(layers=(Dense(units=3, activation={"kind": "tanh"}), Dense(units=4)))
    trace = traced(around(layer, (4,)))
    found = derivation(trace, Place(0, "output", "", (2,)))
    assert {term.path for term in found.terms} == {"through the shortcut", "through the inner layers"}
    assert found.terms[0].factors[0].place.name in ("shortcut", "branch")
    back = derivation(trace, Place(0, "input", "", (2,), True))
    assert {term.path for term in back.terms} == {"through the shortcut", "through the inner layers"}
    # An inner weight: the gradient behind it, the slope, and what it multiplies.
    weight = derivation(trace, Place(0, "parameter", "0.weight", (1, 2), True))
    (term,) = weight.terms
    assert [factor.place for factor in term.factors][::2] == [
        Place(0, "detail", "0.output_gradient", (2,)),
        Place(0, "input", "", (1,)),
    ]
    assert weight.value == trace.layers[0].gradients["0.weight"][1, 2]


def texts(found) -> list[list[str]]:
    return [[factor.text for factor in term.factors] for term in found.terms]


def test_a_convolution_is_window_times_kernel():
    """At the corner of an image, four cells of a window of nine are inside, with two channels each."""
    layer = Conv2D(filters=3, activation={"kind": "tanh"})
    trace = traced(around(layer, (4, 5, 2)))
    found = derivation(trace, Place(0, "output", "", (0, 0, 1)))
    assert len(found.terms) + found.left_out == 4 * 2 + 1
    assert found.wrapped == "tanh"
    weight = trace.layers[0].parameters["weight"]
    for term in found.terms:
        if term.path == "bias":
            continue
        place, start = (factor.place for factor in term.factors)
        row, column = (at + offset - 1 for at, offset in zip((0, 0), place.index[:2], strict=True))
        assert start.index == (row, column, place.index[2])
        assert term.value == weight[place.index] * trace.x[start.index]
    # A weight in the middle of the kernel is used at every position.
    shared = derivation(trace, Place(0, "parameter", "weight", (1, 1, 0, 2), True))
    assert len(shared.terms) + shared.left_out == 4 * 5


@pytest.mark.parametrize(
    "layer", [MaxPool(), MaxPool(pool_size=3, stride=1, padding="same"), GlobalMaxPool()]
)
def test_who_won(layer):
    trace = traced(around(layer, (4, 6, 2)))
    pooled = trace.layers[0]
    winner = pooled.details["winner"].astype(int)
    np.testing.assert_array_equal(trace.x.reshape(-1)[winner], pooled.y)
    found = derivation(trace, Place(0, "output", "", (0,) * pooled.y.ndim))
    assert found.terms[0].factors[0].place.index == np.unravel_index(winner.flat[0], trace.x.shape)
    lost = next(number for number in range(trace.x.size) if number not in winner)
    place = Place(0, "input", "", tuple(map(int, np.unravel_index(lost, trace.x.shape))), True)
    assert derivation(trace, place).terms == ()


def test_a_dropped_number_says_so():
    trace = traced(around(Dropout(rate=0.5), (9,)), "training")
    mask = trace.layers[0].details["mask"]
    assert set(mask) == {0.0, 2.0}
    place = Place(0, "input", "", (int(mask.argmin()),), True)
    found = derivation(trace, place)
    assert found.value == 0
    assert found.terms[0].factors[1].meaning == "dropped: nothing flows through it"
    assert set(traced(around(Dropout(), (9,))).layers[0].details["mask"]) == {1.0}


def test_batch_normalization_by_the_batch_and_by_running_statistics():
    network = around(BatchNorm(), (4,))
    trained, evaluated = traced(network, "training"), traced(network)
    batch = trained.recorded.x
    np.testing.assert_allclose(trained.layers[0].details["mean"], batch.mean(axis=0))
    np.testing.assert_allclose(evaluated.layers[0].details["mean"], network.statistics_views[0]["mean"])
    found = derivation(evaluated, Place(0, "input", "", (2,), True))
    assert texts(found) == [["∂L/∂h₃⁽¹⁾", "∂h₃⁽¹⁾/∂normalized₃", "∂normalized₃/∂x₃"]]
    coupled = derivation(trained, Place(0, "input", "", (2,), True))
    assert any("row 1 of the batch" in term.path for term in coupled.terms)
