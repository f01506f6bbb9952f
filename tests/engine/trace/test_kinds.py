"""What kinds of layers say of themselves: the numbers that only they have, and where these come from."""

import numpy as np
import pytest

from engine.insight.trace.derivation import Place
from engine.insight.trace.derive import derivation
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv2D
from engine.layers.dropout import Dropout
from engine.layers.global_pooling import GlobalMaxPool
from engine.layers.pooling import MaxPool
from tests.engine.trace.traced import around, traced


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
