"""What an evaluator says where there is nothing to score."""

import math

import numpy as np
import pytest

from engine.layers.dense import Dense
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.training.evaluator import MOST_ROWS_AT_ONCE, Evaluator

NETWORK = Network([Dense(units=2, activation="linear")], (1,))


@pytest.mark.parametrize("rows", [1, 3 * MOST_ROWS_AT_ONCE])
def test_examples_that_do_not_count_have_no_loss(rows):
    """Not 0: that would be the best there is, and end a run that waits for better."""
    evaluator = Evaluator(NETWORK, SoftmaxCrossEntropy(class_weights=(0.0, 1.0)))
    outputs = np.tile(np.array([[-4.0, 4.0]], np.float32), (rows, 1))
    left_out, counting = (np.tile(row, (rows, 1)) for row in np.eye(2, dtype=np.float32))
    assert math.isnan(evaluator.loss(outputs, left_out))
    assert evaluator.loss(outputs, counting) == pytest.approx(math.log1p(math.exp(-8)), rel=1e-4)


def test_no_example_has_no_loss():
    evaluator = Evaluator(NETWORK, SoftmaxCrossEntropy())
    assert math.isnan(evaluator.loss(np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)))
