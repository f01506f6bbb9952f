"""Losses taken apart: of every kind, weighted and smoothed, alone and in a batch."""

import numpy as np
import pytest

from engine.insight.trace.derivation import Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.sample import Batch
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.losses import LOSSES
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.regression import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from tests.engine.losses_for_tests import batch
from tests.engine.trace.traced import check_places, holds, network_of, traced
from tests.engine.variants import variants

CASES = [
    pytest.param(loss, task, id=f"{loss.kind}-{number}-{task}")
    for cls in LOSSES
    for number, loss in enumerate(variants(cls))
    for task in sorted(loss.tasks)
]


def rows_for(loss, task, indices: bool) -> tuple[Batch, int]:
    output, target = batch(task, 3)
    if indices and task == "classification":
        target = target.argmax(axis=1)
    loss.fitted(target)
    x = np.random.default_rng(1).normal(size=(3, 4))
    return Batch(x, target, np.array([1.0, 2.0, 0.5]), 1), output.shape[1]


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize(("loss", "task"), CASES)
def test_every_loss_is_taken_apart(loss, task, mode):
    given, outputs = rows_for(loss, task, mode == "training")
    loss = loss.fitted(given.targets)
    layers = (Dense(units=3, activation={"kind": "tanh"}), BatchNorm())
    network = network_of(*layers, Dense(units=outputs, activation={"kind": "linear"}), shape=(4,))
    trace = traced(network, mode, loss=loss, given=given)
    check_places(trace)
    for output in range(outputs):
        place = Place(2, "output", "", (output,), True)
        holds(derivation(trace, place), trace.number(place))


def test_probability_less_target():
    """∂L/∂z = p − t for cross-entropy, of classes and of yes or no; 2 (o − t) / n for squared errors."""
    network = network_of(Dense(units=3, activation={"kind": "linear"}), shape=(2,))
    x = np.array([[0.5, -1.0]])
    trace = traced(network, loss=SoftmaxCrossEntropy(), given=Batch(x, np.array([2]), None, 0))
    found = derivation(trace, Place(0, "output", "", (2,), True))
    assert found.formula_text == "∂L/∂o₃ = p₃ − t₃"
    assert found.value == pytest.approx(trace.prediction[2] - 1)
    assert found.sentence.startswith("The probability p₃ is ")
    loss = derivation(trace, Place(-1, "loss"))
    assert loss.terms[0].factors[0].text == "−ln p₃"
    assert loss.value == pytest.approx(-np.log(trace.prediction[2]))
    target = np.array([[1.0, 0.0, 1.0]])
    trace = traced(network, loss=BinaryCrossEntropy(), given=Batch(x, target, None, 0))
    found = derivation(trace, Place(0, "output", "", (1,), True))
    assert [one.value for one in found.terms[0].factors] == pytest.approx([1 / 3, trace.prediction[1]])
    trace = traced(network, loss=MeanSquaredError(), given=Batch(x, target, None, 0))
    found = derivation(trace, Place(0, "output", "", (0,), True))
    assert found.terms[0].factors[0].numbers == "2 / 3 outputs"
    assert found.terms[0].factors[1].value == pytest.approx(trace.output[0] - 1)


def test_a_single_output_has_no_number():
    network = network_of(Dense(units=1, activation={"kind": "linear"}), shape=(2,))
    given = Batch(np.array([[0.5, -1.0]]), np.array([[0.3]]), None, 0)
    trace = traced(network, loss=MeanSquaredError(reduction="half_sum"), given=given)
    found = derivation(trace, Place(0, "output", "", (0,), True))
    assert found.sentence.startswith("The output is ")
