"""R² where the target does not vary, which rounding of its mean must not hide."""

import math

import numpy as np
import pytest

from tests.measured import metrics_of_numbers


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1e16 / 3, -7.3])
@pytest.mark.parametrize("rows", [1, 3, 7, 1000])
def test_a_constant_target_has_none(value, rows):
    actual = np.full((rows, 1), value)
    assert math.isnan(metrics_of_numbers(actual, actual + 1.0)["r2"])


def test_outputs_that_do_not_vary_are_left_out():
    actual = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    predicted = actual + np.array([1.0, 0.0])
    assert metrics_of_numbers(actual, predicted)["r2"] == 1.0
