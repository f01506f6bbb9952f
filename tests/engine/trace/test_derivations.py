"""Derivations: their products add up to the number, for every kind of layer, and a published example."""

import numpy as np
import pytest

from engine.insight.trace.derivation import Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.sample import Batch
from engine.layers import LAYERS
from engine.layers.dense import Dense
from engine.losses.regression import MeanSquaredError
from engine.network import Network
from tests.engine.coded_layers import CODED
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.trace.traced import around, check_places, traced

TO_TRY = [*(cls() for cls in LAYERS), *CODED[1:2]]
CASES = [
    pytest.param(layer, shape, id=f"{layer.kind}-{number}-{'x'.join(map(str, shape))}")
    for number, layer in enumerate(TO_TRY)
    for shape in fitting_shapes(layer)[:2]
]


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_products_add_up_to_every_number(layer, shape, mode):
    check_places(traced(around(layer, shape), mode))


@pytest.fixture(scope="module")
def mazur():
    """M. Mazur, "A step by step backpropagation example": 2-2-2, sigmoid, loss ½ Σ (target − output)²."""
    layers = [Dense(units=2, activation={"kind": "sigmoid"}) for _ in range(2)]
    network = Network(layers, (2,), np.float64)
    hidden, output = network.parameter_views
    hidden["weight"][...] = [[0.15, 0.25], [0.20, 0.30]]
    output["weight"][...] = [[0.40, 0.50], [0.45, 0.55]]
    hidden["bias"][...], output["bias"][...] = 0.35, 0.60
    given = Batch(np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), None, 0)
    return traced(network, loss=MeanSquaredError(reduction="half_sum"), given=given)


def test_the_worked_example_number_by_number(mazur):
    found = derivation(mazur, Place(1, "parameter", "weight", (0, 0), True))
    assert found.value == pytest.approx(0.082167041, abs=5e-10)
    (term,) = found.terms
    assert [factor.text for factor in term.factors] == ["∂L/∂o₁", "∂o₁/∂z₁", "∂z₁/∂w₅"]
    expected = [0.741365069, 0.186815602, 0.593269992]
    np.testing.assert_allclose([factor.value for factor in term.factors], expected, atol=1e-9)
    assert term.factors[0].place == Place(1, "output", "", (0,), True)
    assert term.factors[0].numbers == "0.7514 − 0.01"
    assert term.factors[2].place == Place(1, "input", "", (0,))
    assert found.title == "Dense 2, weight from h₁ to o₁"
    assert found.sentence == (
        "o₁ is 0.7414 too high. The sigmoid passes 18.7 % of that on. The weight multiplied h₁ = 0.5933. "
        "Raising the weight by 0.01 raises the loss by about 0.0008217, so the update lowers it."
    )
    first = derivation(mazur, Place(0, "parameter", "weight", (0, 0), True))
    assert first.text == "∂L/∂w₁"
    assert first.value == pytest.approx(0.000438568, abs=5e-10)
    # ∂E/∂h1 = .055399425 − .019049119, the paths through both outputs.
    hidden = derivation(mazur, Place(0, "output", "", (0,), True))
    np.testing.assert_allclose([term.value for term in hidden.terms], [0.055399425, -0.019049119], atol=1e-9)
    assert [term.path for term in hidden.terms] == ["through o₁", "through o₂"]
    # net_o1 = .4 · .593269992 + .45 · .596884378 + .6
    sum_ = derivation(mazur, Place(1, "pre_activation", "", (0,)))
    assert sum_.value == pytest.approx(1.105905967, abs=5e-10)
    assert sorted(round(term.value, 9) for term in sum_.terms) == [0.237307997, 0.26859797, 0.6]
    assert derivation(mazur, Place(-1, "loss")).value == pytest.approx(0.298371109, abs=5e-10)


def test_factors_cancel_as_the_formula_says_where_there_is_no_activation():
    trace = traced(around(Dense(units=3, activation={"kind": "linear"}), (2,)))
    layer = next(i for i, stage in enumerate(trace.layers) if "weight" in stage.parameters)
    for name, index in (("weight", (0, 1)), ("bias", (1,))):
        found = derivation(trace, Place(layer, "parameter", name, index, True))
        for term in found.terms:
            last = term.factors[-1].text
            assert last.startswith(term.factors[-2].text.removeprefix("∂L/") + "/∂")
            assert last in found.formula_text
