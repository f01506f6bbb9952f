"""Numeric checks: central differences agree with the gradients of a trace, at every kind of place."""

import numpy as np
import pytest

from engine.insight.trace.derivation import Place
from engine.insight.trace.numeric import check_parameters, numeric_check, worst_of
from engine.insight.trace.sample import Batch
from engine.insight.trace.trace import Override
from engine.layers import LAYERS
from engine.layers.dense import Dense
from engine.losses.regression import MeanAbsoluteError
from tests.engine.coded_layers import CODED
from tests.engine.nested_layers import NESTED
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.trace.traced import around, network_of, places_of, traced

TO_TRY = [*(cls() for cls in LAYERS), CODED[1], *NESTED[:4]]


def gradients_of(trace):
    kinds = ("parameter", "input", "output", "pre_activation")
    return [place for place in places_of(trace) if place.gradient and place.quantity in kinds]


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("layer", TO_TRY, ids=lambda layer: layer.kind)
def test_gradients_agree_with_central_differences(layer, mode):
    trace = traced(around(layer, fitting_shapes(layer)[0]), mode)
    checks = [numeric_check(trace, place) for place in gradients_of(trace)]
    assert checks
    for one in checks:
        small = abs(one.analytic - one.numeric) < 1e-9
        assert small or one.kink or one.relative_error < 1e-6, one
    assert sum(one.kink for one in checks) < len(checks) / 2


def test_numbers_set_by_hand_stay_set():
    network = network_of(Dense(units=3, activation={"kind": "tanh"}), Dense(units=2), shape=(4,))
    trace = traced(network, overrides=(Override(Place(0, "output", "", (1,)), 0.7),))
    blocked = numeric_check(trace, Place(0, "parameter", "weight", (2, 1)))
    assert (blocked.analytic, blocked.numeric) == (0, 0)
    free = numeric_check(trace, Place(0, "parameter", "weight", (2, 0)))
    assert free.analytic != 0
    assert free.verdict in ("right", "fine")


def test_all_parameters_and_the_worst_of_them():
    network = network_of(Dense(units=3, activation={"kind": "tanh"}), Dense(units=2), shape=(4,))
    checks = list(check_parameters(traced(network)))
    assert len(checks) == network.parameters.size
    assert worst_of(checks).relative_error < 1e-6
    assert len(list(check_parameters(traced(network), most=2))) == 8


def test_a_corner_is_told_from_an_error():
    network = network_of(Dense(units=1, activation={"kind": "linear"}), shape=(1,))
    network.parameters[...] = 0
    given = Batch(np.ones((1, 1)), np.zeros((1, 1)), None, 0)
    found = numeric_check(
        traced(network, loss=MeanAbsoluteError(), given=given), Place(0, "parameter", "weight", (0, 0))
    )
    assert found.kink
    assert "corner" in found.sentence


def test_what_has_no_gradient_is_refused():
    trace = traced(around(Dense(units=2), (4,)))
    for place in (
        Place(-1, "loss"),
        Place(0, "detail", "mask", (0,)),
        Place(0, "parameter", "weight", (9, 9)),
    ):
        with pytest.raises((KeyError, IndexError)):
            numeric_check(trace, place)
