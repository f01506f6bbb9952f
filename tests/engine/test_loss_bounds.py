"""The bounds of a loss that the overfit check compares with: what no outputs, or the best ones, can reach."""

import math

import numpy as np
import pytest

from engine.insight.overfit_findings import LossBounds
from engine.losses import LOSSES
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.regression import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy


@pytest.mark.parametrize("kind", LOSSES)
def test_bounds_are_in_order(kind):
    draws = np.random.default_rng(0)
    loss, rows = kind(), 12
    if "classification" in loss.tasks and loss.inverse_link == "softmax":
        targets = np.eye(4)[draws.integers(4, size=rows)]
    elif "binary" in loss.tasks and loss.inverse_link == "sigmoid":
        targets = draws.integers(2, size=(rows, 1)).astype(float)
    else:
        targets = draws.normal(size=(rows, 3))
    bounds = LossBounds.of(loss.fitted(targets), targets)
    assert 0 <= bounds.floor < bounds.constant <= bounds.uninformed
    assert not bounds.constant_is_enough
    same = np.repeat(targets[:1], rows, axis=0)
    assert LossBounds.of(loss.fitted(same), same).constant_is_enough


def test_bounds_of_cross_entropy_are_entropies():
    targets = np.eye(4)[[0, 0, 0, 1, 1, 2]]
    bounds = LossBounds.of(SoftmaxCrossEntropy(), targets)
    shares = np.array([3, 2, 1]) / 6
    assert bounds.floor == 0
    assert bounds.constant == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-6)
    assert bounds.uninformed == pytest.approx(math.log(4))
    smoothed = LossBounds.of(SoftmaxCrossEntropy(label_smoothing=0.2), targets)
    goal = np.array([0.85, 0.05, 0.05, 0.05])
    assert smoothed.floor == pytest.approx(-(goal * np.log(goal)).sum())
    binary = LossBounds.of(BinaryCrossEntropy(label_smoothing=0.2), np.array([[0.0], [1.0]]))
    assert binary.floor == pytest.approx(-0.9 * math.log(0.9) - 0.1 * math.log(0.1))
    assert binary.constant == binary.uninformed == pytest.approx(math.log(2))


def test_weighted_and_smoothed_no_outputs_are_better_than_the_floor():
    targets = np.eye(3)[[0, 1, 2, 2]]
    loss = SoftmaxCrossEntropy(label_smoothing=0.3, class_weights=(0.5, 1.0, 4.0))
    floor = LossBounds.of(loss, targets).floor
    run = Run(loss, targets)
    assert run.lowest() == pytest.approx(floor, rel=1e-6)


def test_what_is_left_out_has_no_part_in_the_bounds():
    targets = np.eye(3)[[0, 1, 2, 2, 1]]
    loss = SoftmaxCrossEntropy(class_weights=(1, 3, 0))
    shares = np.array([1, 6]) / 7
    bounds = LossBounds.of(loss, targets)
    assert bounds.floor == 0
    assert bounds.uninformed == pytest.approx(math.log(3))
    # The mean of all answers, those of weight 0 too, is near the best that can be said of all.
    assert -(shares * np.log(shares)).sum() <= bounds.constant <= bounds.uninformed


class Run:
    """Gradient descent on the outputs themselves."""

    def __init__(self, loss, targets):
        self.loss, self.targets, self.outputs = loss, targets, np.zeros_like(targets)
        self.arrays = {
            name: np.empty((len(targets), *shape))
            for name, shape in loss.workspace_arrays(targets.shape[1:]).items()
        }

    def lowest(self):
        dy = np.empty_like(self.outputs)
        for _ in range(4000):
            value = self.loss.forward(self.outputs, self.targets, self.arrays)
            self.loss.backward(self.outputs, self.targets, dy, self.arrays)
            self.outputs -= 2.0 * dy
        return value


def test_bounds_of_squares():
    targets = np.array([[1.0], [3.0]])
    assert LossBounds.of(MeanSquaredError(), targets) == (0.0, 1.0, 5.0)
